/**
 * Finds the other correct pagers of an assignment: `suites/<assignment>/variants/<name>/`, whole files that take the place of the model's, and a
 * `variant.yml` that says what is different about them, or which sample submission they are.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Files } from './plant.ts';

/** A correct pager that is made another way than the model. */
export interface Variant {
  readonly assignment: string;
  readonly name: string;
  /** How it differs, in one line. */
  readonly description: string;
  /** Ids of the freedoms it takes. */
  readonly freedoms: readonly string[];
  /** All its files: its own, and the model's where it has none. */
  readonly files: Files;
}

/** A folder that is no variant. The message names it. */
export class VariantError extends Error {
  override readonly name = 'VariantError';
}

const SUITES = resolve(__dirname, '../../suites');
const SAMPLES = resolve(__dirname, '../../examples/submissions');
const ABOUT = 'variant.yml';

const about = z.strictObject({
  description: z
    .string()
    .min(1)
    .refine((text) => !text.trim().includes('\n'), { message: 'it has more than one line' }),
  freedoms: z.array(z.string()).default([]),
  submission: z
    .string()
    .regex(/^[\w-]+$/u)
    .optional(),
});

/** The variants of an assignment by name; none if it has no such folder. Throws {@link VariantError}. */
export function variantsOf(assignment: string, model: Files): readonly Variant[] {
  const folder = join(SUITES, assignment, 'variants');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readVariant(assignment, name, join(folder, name), model));
}

function readVariant(assignment: string, name: string, folder: string, model: Files): Variant {
  const where = `suites/${assignment}/variants/${name}`;
  if (!existsSync(join(folder, ABOUT))) throw new VariantError(`${where} has no ${ABOUT}`);
  const parsed = about.safeParse(yamlIn(join(folder, ABOUT), `${where}/${ABOUT}`));
  if (!parsed.success)
    throw new VariantError(`${where}/${ABOUT}:\n${z.prettifyError(parsed.error)}`);
  const { submission, ...rest } = parsed.data;
  const source = submission === undefined ? folder : join(SAMPLES, submission);
  const own = existsSync(source) ? readdirSync(source).filter((file) => file.endsWith('.ts')) : [];
  if (own.length === 0)
    throw new VariantError(
      submission === undefined
        ? `${where} has no files of code`
        : `${where}/${ABOUT}: there is no sample submission "${submission}"`,
    );
  const texts = own.map((file) => [file, readFileSync(join(source, file), 'utf8')] as const);
  return { assignment, name, ...rest, files: { ...model, ...Object.fromEntries(texts) } };
}

function yamlIn(path: string, shown: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new VariantError(`${shown}: ${String(error).split('\n')[0]!}`);
  }
}
