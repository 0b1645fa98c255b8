/** What a planted bug is: one realistic mistake, the rule that it breaks, and the check that must notice. Data only. */

/** Replaces one passage of one file of the model. */
export interface Edit {
  /** File of `reference/solution/`: `page-table.ts`. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly put: string;
}

/** A mistake planted in the model pager. Lists of them are in `suites/<assignment>/mutants/`. */
export interface Mutant {
  /** Unique in its assignment, words with hyphens: `unmap-keeps-the-leaf`. */
  readonly id: string;
  /** The mistake in one line, as one would tell it to the student who made it. */
  readonly mistake: string;
  /** The rule that must be reported as broken. */
  readonly rule: string;
  /** The check that must fail. */
  readonly check: string;
  /** Where the idea comes from, if from a list: `contract U1`, `bug-finding 5.4`. */
  readonly source?: string;
  readonly edits: readonly Edit[];
}

/** Two mutants of one assignment, by id, whose edits do not collide: planted together, at least one of the two rules must be reported. */
export type Double = readonly [string, string];

/** A mistake from a list that is no mutant here. */
export interface LeftOut {
  /** As {@link Mutant.source}. */
  readonly source: string;
  /** A freedom, not expressible, the same as another one, or which assignment it belongs to. */
  readonly why: string;
}
