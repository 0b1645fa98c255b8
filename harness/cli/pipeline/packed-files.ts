/** The files that a grader needs where nobody develops it. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout. */
export const ROOT = resolve(__dirname, '../../..');
const FILES = [
  'grade.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.npmrc',
  'LICENSE',
];
const FOLDERS = ['harness', 'reference', 'suites', 'student-template'];
/** Tests, and what proves the suites. */
const UNNEEDED =
  /\.(spec|bench)\.ts$|(^|\/)(testing|golden|bench|attacks|vectors|mutants|variants)\/|\.md$/u;

/** Their paths in the checkout, with slashes, sorted. */
export function packedFiles(): readonly string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(ROOT.length + 1)
          .replaceAll('\\', '/'),
      ),
  );
  return [...FILES, ...found.filter((path) => !UNNEEDED.test(path))].sort();
}
