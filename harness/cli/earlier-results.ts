/** What an output folder holds from earlier runs: it goes on as it began, and what is not graded again stays in its tables. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type SummaryRow, summaryRow } from '../scoring/summary.ts';
import { readResult } from './results-folder.ts';

/** Formats that are written only if asked for, and the file that each writes for a submission. */
export const FORMAT_FILES = { gradescope: 'gradescope.json', junit: 'junit.xml' } as const;
export type Format = keyof typeof FORMAT_FILES;
/** All of them. */
export const FORMATS = Object.keys(FORMAT_FILES) as readonly Format[];

/** The formats that some submission in the folder has a file of. */
export async function formatsIn(path: string): Promise<readonly Format[]> {
  const found = new Set<Format>();
  for (const folder of await foldersIn(path)) {
    for (const format of FORMATS) {
      if (found.has(format)) continue;
      if (await isThere(join(path, folder, FORMAT_FILES[format]))) found.add(format);
    }
    if (found.size === FORMATS.length) break;
  }
  return FORMATS.filter((format) => found.has(format));
}

/** Whether something is at `path`. */
function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The rows of all submissions in the folder but those named; what cannot be read has none. */
export async function rowsOfOthers(
  path: string,
  names: ReadonlySet<string>,
): Promise<readonly SummaryRow[]> {
  const folders = (await foldersIn(path)).filter((folder) => !names.has(folder));
  const rows: SummaryRow[] = [];
  for (const folder of folders) {
    // Null: no folder of results, or damaged.
    const { grade } = await readResult(path, folder);
    if (grade !== null && !names.has(grade.submission)) rows.push(summaryRow(grade));
  }
  return rows;
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}
