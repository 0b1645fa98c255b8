/**
 * Whether the other files of a submission can stand on a part of the model in place of their own: they cannot if they use what the part's interface does
 * not have. The type checker knows; how a run ends says nothing for certain.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CompileProblem } from '../sandbox/compile-problem.ts';
import type { Compilation, SubmissionCompiler } from '../sandbox/compile-process.ts';

const TEMPLATE = resolve(__dirname, '../../student-template');

/** TypeScript's codes for a property, an export or a parameter that there is not. */
const LACKS = [2339, 2551, 2305, 2724, 2459, 2460, 2614, 2554, 2555];

/**
 * The first use, in another file, of something that the interface of the modules `parts` does not have: `fork.ts:31: Property 'leafAt' does not exist on
 * type 'PageTable'`. `null` if there is none, or it cannot be told.
 */
export async function useBeyondInterface(
  compiler: SubmissionCompiler,
  files: Readonly<Record<string, string>>,
  own: Pick<Compilation, 'typeCheck'>,
  parts: readonly string[],
): Promise<string | null> {
  const names = parts.map((part) => `${part}.ts`);
  const interfaces = Object.fromEntries(
    names.map((name) => [name, readFileSync(join(TEMPLATE, name), 'utf8')]),
  );
  const known = new Set((await own.typeCheck).map(textOf));
  const swapped = await compiler.compileSubmission({ ...files, ...interfaces });
  const problem = (await swapped.typeCheck).find(
    (each) =>
      !names.includes(each.location?.file ?? '') &&
      LACKS.some((code) => each.message.endsWith(`(TS${String(code)})`)) &&
      !known.has(textOf(each)),
  );
  return problem === undefined ? null : textOf(problem).replace(/\.? \(TS\d+\)$/, '');
}

function textOf({ location, message }: CompileProblem): string {
  return location === null ? message : `${location.file}:${String(location.line)}: ${message}`;
}
