/** What a suite declares: assignments, rules and checks. */
import type { Program } from '../../protocol/program.ts';
import type { Visibility } from '../../scoring/grade.ts';

/** A published rule. `docs/rules.md` and `grade.ts explain` are made from this. */
export interface Rule {
  readonly id: string;
  /** A short statement that is true of a correct submission: "A mapped page is found". */
  readonly title: string;
  /** What must hold, in the student's words. */
  readonly text: string;
  /** Why an operating system needs it. */
  readonly why: string;
  /** A few lines of code or steps that show it. */
  readonly example: string;
  /** Where the rule comes from: seed file, manual section, or our decision. */
  readonly source: string;
  /** May cost more than 30 % of the assignment: nothing works without it. */
  readonly fundamental?: boolean;
  /** What the rule leaves open: whichever way is taken, it passes. */
  readonly freedoms?: readonly Freedom[];
}

/** A choice that a rule leaves open. */
export interface Freedom {
  /** Unique in its assignment, words with hyphens: `empty-tables`. Variants say by it which freedoms they take. */
  readonly id: string;
  /** The ways there are, as the end of "Either way passes: ". */
  readonly text: string;
}

/** An assignment: what is graded, on which files, by which rules. */
export interface AssignmentInfo {
  readonly id: string;
  readonly title: string;
  /** Modules (without `.ts`) that must be there for the assignment to count as submitted. */
  readonly requires: readonly string[];
  /** Modules that the model may supply for a second grading; empty: there is none. */
  readonly modelParts: readonly string[];
  readonly rules: readonly Rule[];
  /**
   * For an assignment about fork: the rule that is charged when a rule of an earlier assignment is broken by a program that forks, but not if each child
   * starts afresh instead. (Broken in both, it is a matter of the earlier assignment, and costs nothing here.)
   */
  readonly together?: string;
}

/** A check, as its suite declares it. */
export interface CheckInfo {
  readonly id: string;
  /** A requirement in the present tense: "maps a page and finds it". */
  readonly title: string;
  /** Rule whose points the check guards. */
  readonly rule: string;
  /** 0 or more. One worth 0 can break its rule, but holds no points back when it is skipped. */
  readonly points: number;
  /** Checks that must have passed; otherwise this one is skipped. */
  readonly requires?: readonly string[];
  readonly visibility?: Visibility;
  /** The tests of KeOS's own grader whose steps this scenario re-creates: `page_table::simple`. */
  readonly recreates?: readonly string[];
  /** Why the check is there: which mistake it is meant to catch. */
  readonly rationale: string;
  /** What a student who fails should look at. */
  readonly hint: string;
}

/** Which programs are generated, and how many. */
export interface RunSize {
  readonly seed: number;
  /** Programs that each property plays. */
  readonly runs: number;
  /** Consecutive seeds, `seed` the first, from each of which a property plays `runs` programs. Default: 1. */
  readonly seeds?: number;
}

/** A check with the kind of evidence it rests on. */
export interface CheckDeclaration extends CheckInfo {
  readonly kind: 'scenario' | 'property' | 'enumeration';
  /** Of an enumeration: the rule about reads of files that fail, if it is not the one about allocations. */
  readonly readRule?: string;
  /** The programs that it plays first. */
  readonly programs: (size: RunSize) => readonly Program[];
}
