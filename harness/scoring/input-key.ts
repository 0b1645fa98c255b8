/** `key.json` beside a `results.json`: what went into the result. */
import { z } from 'zod';

type OptionValue = string | number | boolean | null | readonly (string | number)[];

/** What a result depends on. A field that is null was not recorded. */
export interface InputKey {
  /** SHA-256 of the submission's bytes. */
  readonly submission: string | null;
  /** What is said of the files that came with it. */
  readonly notes: readonly string[] | null;
  /** SHA-256 of the grader, the suites and the model. */
  readonly grader: string | null;
  /** Options of the run that decide about the result. */
  readonly options: Readonly<Record<string, OptionValue>> | null;
}

const text = z.string().nullable().default(null);
const option = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string(), z.number()])),
]);
const schema: z.ZodType<InputKey> = z.object({
  submission: text,
  notes: z.array(z.string()).nullable().default(null),
  grader: text,
  options: z.record(z.string(), option).nullable().default(null),
});

/** Reads the text of a `key.json`; null if it is damaged, as then nothing is known. */
export function parseInputKey(json: string): InputKey | null {
  try {
    return schema.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
