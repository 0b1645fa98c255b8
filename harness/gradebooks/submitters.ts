/** `submitters.json` in a folder of results: who handed in what, as far as the platform tells. */
import { z } from 'zod';
import type { Submitter } from '../intake/submitter.ts';
import { GradebookProblem } from './problem.ts';

/** Everybody who handed in, by the id of the submission. */
export type Submitters = ReadonlyMap<string, readonly Submitter[]>;

const text = z
  .string()
  .nullable()
  .default(null)
  // A platform may write an empty cell where it knows nothing.
  .transform((value) => (value === null || value.trim() === '' ? null : value.trim()));
const schema = z.record(
  z.string(),
  z.array(z.object({ name: text, email: text, sid: text, platformId: text })),
);

/** Reads the text of a `submitters.json`. Throws a {@link GradebookProblem} if it is something else. */
export function parseSubmitters(json: string): Submitters {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new GradebookProblem('submitters.json is damaged. Grade the class again to write it.');
  }
  const found = schema.safeParse(value);
  if (!found.success) {
    throw new GradebookProblem(
      'submitters.json is not a list of people for each submission. Grade the class again to write it.',
    );
  }
  return new Map(Object.entries(found.data));
}
