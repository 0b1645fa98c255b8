/** Automatic mutants that no check can notice: `suites/<assignment>/mutants/equivalent.yml` says of each why not. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * `same`: no program that the published rules speak of can tell it from the model. `freedom`: a program could, but the rules leave open what it sees.
 * `unreached`: only another mistake in the model would get there.
 */
export const REASONS = ['same', 'freedom', 'unreached'] as const;
export type Reason = (typeof REASONS)[number];

/** A survivor that was looked at. */
export interface Equivalent {
  /** Id of the mutant. */
  readonly mutant: string;
  readonly reason: Reason;
  /** Why, in a sentence that somebody who doubts it can check. */
  readonly because: string;
}

/** A list that makes no sense. The message names the file. */
export class EquivalentError extends Error {
  override readonly name = 'EquivalentError';
}

const SUITES = resolve(__dirname, '../../suites');

const list = z.array(
  z.strictObject({
    mutant: z.string().min(1),
    reason: z.enum(REASONS),
    because: z.string().min(1),
  }),
);

/** The equivalent mutants of an assignment; none if it has no list. Throws {@link EquivalentError}, also if one is listed twice. */
export function equivalentsOf(assignment: string): readonly Equivalent[] {
  const name = `suites/${assignment}/mutants/equivalent.yml`;
  const path = join(SUITES, assignment, 'mutants/equivalent.yml');
  if (!existsSync(path)) return [];
  const parsed = list.safeParse(parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new EquivalentError(`${name}:\n${z.prettifyError(parsed.error)}`);
  const seen = new Set<string>();
  for (const { mutant } of parsed.data) {
    if (seen.has(mutant)) throw new EquivalentError(`${name} lists "${mutant}" twice`);
    seen.add(mutant);
  }
  return parsed.data;
}
