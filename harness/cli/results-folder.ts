/** The folder that `--output` wrote, read again: a submission after the other, as there may be thousands. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { systemReason, UsageError } from './errors.ts';

/** A submission in a folder of results. Its grade is null if the file cannot be read; `reason` then says why. */
export interface Result {
  readonly id: string;
  /** The folder with its files. */
  readonly folder: string;
  readonly grade: SubmissionGrade | null;
  readonly reason: string | null;
}

const RESULTS = 'results.json';

/** The submissions in a folder of results, by name. Throws a {@link UsageError} if there is none. */
export async function submissionsIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw new UsageError(`Cannot read the results in ${path}: ${systemReason(error)}.`);
  });
  const ids: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await isFile(join(path, entry.name, RESULTS))))
      ids.push(entry.name);
  }
  if (ids.length > 0) return ids.sort();
  const isOne = await isFile(join(path, RESULTS));
  throw new UsageError(
    isOne
      ? `${path} holds the results of one submission. Give the folder above it: ${dirname(path)}`
      : `${path} holds no results: no folder in it has a results.json. Give the folder that --output wrote.`,
  );
}

/** The results of one submission in a folder of results. */
export async function readResult(path: string, id: string): Promise<Result> {
  const result = await readResults(join(path, id, RESULTS), id);
  const { submission = id } = result.grade ?? {};
  if (submission === id) return result;
  return { ...result, grade: null, reason: `it is the result of "${submission}"` };
}

/** A `results.json` on its own. */
export async function readResults(file: string, id?: string): Promise<Result> {
  const folder = dirname(file);
  const name = id ?? basename(folder);
  // Loaded on first need: mistakes in the command line are answered at once.
  const { parseResults } = await import('../scoring/results-schema.ts');
  try {
    const grade = parseResults(await readFile(file, 'utf8'));
    return { id: id ?? grade.submission, folder, grade, reason: null };
  } catch (error) {
    const [first = ''] = systemReason(error).split('\n');
    return { id: name, folder, grade: null, reason: first.replace(/[:.]$/u, '') };
  }
}

/** Whether there is a file at `path`: one that ends, unlike a pipe. */
export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
