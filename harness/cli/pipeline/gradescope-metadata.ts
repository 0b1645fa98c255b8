/** `submission_metadata.json`, which Gradescope lays beside the submission. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { submitter, type Submitter } from '../../intake/submitter.ts';

/** What is used of it. */
export interface GradescopeMetadata {
  readonly id: string;
  readonly submitters: readonly Submitter[];
  /** What the assignment is worth on Gradescope, if it says so. */
  readonly totalPoints: number | null;
}

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/u)
    .transform(Number),
]);
const schema = z.object({
  id: z.number().int(),
  users: z
    .array(
      z.object({
        name: z.string().nullish(),
        email: z.string().nullish(),
        id: z.number().nullish(),
      }),
    )
    .default([]),
  assignment: z.object({ total_points: number.nullish().catch(null) }).nullish(),
});

/**
 * Source: Gradescope Autograder Documentation, "Autograder Specifications", section "Submission Metadata".
 *
 * @param submission path of the submission
 * @returns null if there is none, or not one that says what it should: grading does not depend on it
 */
export function readGradescopeMetadata(submission: string): GradescopeMetadata | null {
  try {
    const text = readFileSync(join(dirname(submission), 'submission_metadata.json'), 'utf8');
    const { data } = schema.safeParse(JSON.parse(text));
    if (data === undefined) return null;
    return {
      id: String(data.id),
      submitters: data.users.map(({ name, email, id }) =>
        submitter({
          name: name ?? null,
          email: email ?? null,
          platformId: id === undefined || id === null ? null : String(id),
        }),
      ),
      totalPoints: data.assignment?.total_points ?? null,
    };
  } catch {
    return null;
  }
}
