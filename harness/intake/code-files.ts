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

/** Declarations that come with the template: the grader has its own. */
const OF_THE_TEMPLATE = new Set(['keos.d.ts', 'veridian.d.ts', 'globals.d.ts']);

/** True for a path whose text belongs to the submission: TypeScript, but no tests, and no declarations of what is provided. */
export function isCode(path: string): boolean {
  const folders = path.split('/');
  const name = folders.pop()!;
  return (
    name.endsWith('.ts') &&
    !/\.(spec|test)\.ts$/.test(name) &&
    !OF_THE_TEMPLATE.has(name) &&
    !folders.some((folder) => TEST_FOLDERS.has(folder.toLowerCase()))
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
