import { posix } from 'node:path';
import { EXPECTED_FILES, isCode, probablyMeant } from './code-files.ts';
import { quote, quoteSome } from './quote.ts';
import { Refusal } from './refusal.ts';

/**
 * The folder, among the files of a source, that holds the expected files: `''`, or a path that ends in `/`. It may lie at any
 * depth (a zip of a folder of a folder, `src/`), as long as there is one such folder or one that contains the others.
 *
 * @throws {Refusal} when there is none, or no telling which.
 */
export function locateCode(paths: readonly string[]): string {
  // The folders everything lies in are only wrapping: "tests" is a name like any other there.
  const wrapping = commonFolder(paths);
  const holders = new Set(
    paths
      .filter((path) => isExpected(posix.basename(path)) && isCode(path.slice(wrapping.length)))
      .map(folderOf),
  );
  const [outermost, ...others] = [...holders].sort(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );

  if (outermost === undefined) throw nothingExpected(paths);
  const apart = others.filter((folder) => !folder.startsWith(outermost));
  if (apart.length > 0) {
    throw new Refusal(
      `Several folders hold code to grade (${quoteSome([outermost, ...apart].sort())}); keep one of them, or give each submission as a path of its own.`,
    );
  }
  return outermost;
}

/** What to tell about files that were probably meant to be read, but have another name or place than expected. */
export function misnamed(paths: readonly string[], folder: string): string[] {
  const present = new Set(paths);
  const missing = EXPECTED_FILES.filter((name) => !present.has(folder + name));
  return missing.flatMap((name) => {
    const meant = paths.find((path) => probablyMeant(posix.basename(path)) === name);
    return meant === undefined ? [] : [`${quote(meant)} is not read as ${quote(folder + name)}.`];
  });
}

function nothingExpected(paths: readonly string[]): Refusal {
  const near = paths.find((path) => probablyMeant(posix.basename(path)) !== undefined);
  if (near === undefined) {
    return new Refusal(
      `No expected file was found, only ${quoteSome(paths)}; hand in at least one of ${EXPECTED_FILES.join(', ')}.`,
    );
  }
  const expected = probablyMeant(posix.basename(near))!;
  return new Refusal(
    isExpected(posix.basename(near))
      ? `The only expected file found, ${quote(near)}, lies in a folder of tests; move it out of there.`
      : `No file has an expected name, but ${quote(near)} looks like ${quote(expected)}; rename it to exactly that.`,
  );
}

function commonFolder(paths: readonly string[]): string {
  let common = folderOf(paths[0] ?? '');
  for (const path of paths) {
    while (!path.startsWith(common)) common = folderOf(common.slice(0, -1));
  }
  return common;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function isExpected(fileName: string): boolean {
  return EXPECTED_FILES.includes(fileName);
}
