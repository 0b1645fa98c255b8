/**
 * The shape of `results.json`, version 1, as a validator: for readers (resuming, merging, exporting) and for tests.
 * `docs/results-format.md` says what the fields mean. Fields this version does not know are ignored, as the format promises.
 */
import { z } from 'zod';
import type { SubmissionGrade } from './grade.ts';

/** Identifier of this version. */
const RESULTS_SCHEMA_ID = 'faultline/results/v1';

const points = z.number().nonnegative();
const count = z.int().nonnegative();

const location = z.object({ file: z.string(), line: z.int().min(1), column: z.int().min(1) });

const failure = z
  .object({
    rule: z.string(),
    summary: z.string(),
    steps: z.array(z.string()),
    failingStep: count,
    expected: z.string(),
    observed: z.string(),
    walk: z.string().nullable(),
    hint: z.string(),
    stack: z.array(location),
    log: z.array(z.string()),
    replay: z.string(),
  })
  .refine(({ steps, failingStep }) => failingStep < Math.max(1, steps.length), {
    message: 'failingStep is not the index of a step',
  });

const check = z
  .object({
    id: z.string(),
    title: z.string(),
    rule: z.string(),
    kind: z.enum(['scenario', 'property']),
    points,
    visibility: z.enum(['visible', 'hidden']),
    status: z.enum(['passed', 'failed', 'skipped', 'error']),
    failure: failure.nullable(),
    reason: z.string().nullable(),
    // Older results do not say.
    injections: z.object({ failed: count, calls: count }).nullable().default(null),
  })
  .refine(({ status, failure: found }) => status !== 'failed' || found !== null, {
    message: 'a failed check has a failure',
  });

const difference = z
  .object({
    check: z.string(),
    steps: z.array(z.string()),
    differingStep: count,
    first: z.string(),
    again: z.string(),
  })
  .refine(({ steps, differingStep }) => differingStep < Math.max(1, steps.length), {
    message: 'differingStep is not the index of a step',
  });

const rule = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['held', 'broken', 'not judged']),
  points,
  earned: points,
});

const assignment = z.object({
  assignment: z.string(),
  title: z.string(),
  outcome: z.enum(['graded', 'not submitted', 'missing', 'broken', 'error']),
  // Older results do not say.
  selected: z.boolean().default(true),
  score: points,
  maxScore: points,
  pageTable: z.enum(['own', 'model']).nullable(),
  notes: z.array(z.string()),
  rules: z.array(rule),
  checks: z.array(check),
  // Older results do not say.
  difference: difference.nullable().default(null),
});

const problem = z.object({
  kind: z.enum(['syntax', 'import', 'export', 'limit', 'type']),
  message: z.string(),
  location: location.nullable(),
});

const diagnostics = z.object({
  durationMs: z.number().nonnegative(),
  node: z.string(),
  layers: z.array(z.string()),
  notes: z.array(z.string()),
  firstFailures: z
    .array(
      z.object({
        assignment: z.string(),
        pageTable: z.enum(['own', 'model']).nullable(),
        check: z.string(),
        programs: count,
        noticedMs: z.number().nonnegative(),
        reportedMs: z.number().nonnegative(),
      }),
    )
    .optional(),
  timeWasUp: z.literal(true).optional(),
});

/** Validates a parsed `results.json` of version 1. */
export const resultsSchema: z.ZodType<SubmissionGrade> = z.object({
  schema: z.literal(RESULTS_SCHEMA_ID),
  submission: z.string(),
  outcome: z.enum(['graded', 'rejected', 'error']),
  reason: z.string().nullable(),
  score: points,
  maxScore: points,
  percent: z.number().min(0).max(100),
  seed: z.int(),
  runs: count,
  version: z.string(),
  problems: z.array(problem),
  assignments: z.array(assignment),
  diagnostics,
});

/**
 * Reads the text of a `results.json`.
 *
 * @throws an Error that says what is wrong: no JSON, another version of the format, or a field that does not fit
 */
export function parseResults(text: string): SubmissionGrade {
  const value: unknown = JSON.parse(text);
  const found = z.object({ schema: z.string() }).safeParse(value);
  if (!found.success) throw new Error('not a results.json: it has no "schema"');
  if (found.data.schema !== RESULTS_SCHEMA_ID) {
    throw new Error(
      `cannot read ${JSON.stringify(found.data.schema)}: this reads ${RESULTS_SCHEMA_ID}`,
    );
  }
  const result = resultsSchema.safeParse(value);
  if (!result.success) throw new Error(`damaged results.json:\n${z.prettifyError(result.error)}`);
  return result.data;
}
