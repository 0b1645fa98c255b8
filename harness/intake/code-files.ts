/** The files an assignment asks for. A submission holds at least one of them; which one is needed is the assignment's business. */
export const EXPECTED_FILES: readonly string[] = [
  'page-table.ts',
  'mm-struct.ts',
  'eager-pager.ts',
  'lazy-pager.ts',
  'fork.ts',
  'demand-paging.ts',
];

const TEST_FOLDERS = new Set(['test', 'tests', '__tests__', 'spec', 'specs']);

/** True for a path whose text belongs to the submission: TypeScript, but no declarations and no tests. */
export function isCode(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  return (
    path.endsWith('.ts') &&
    !/\.(d|spec|test)\.ts$/.test(path) &&
    !folders.some((name) => TEST_FOLDERS.has(name.toLowerCase()))
  );
}

/**
 * The expected name that `fileName` was probably meant to be: equal but for case, separators, the number or "copy" that a browser
 * or course platform appends, or the kind of script (`PageTable.ts`, `page_table.ts`, `page-table (1).ts`, `page-table.js`).
 */
export function probablyMeant(fileName: string): string | undefined {
  const stem = /^(.+)\.[cm]?[jt]sx?$/i.exec(fileName)?.[1];
  return stem === undefined
    ? undefined
    : EXPECTED_FILES.find((expected) => letters(expected.slice(0, -3)) === letters(stem));
}

function letters(stem: string): string {
  return stem
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/copy$/, '');
}
