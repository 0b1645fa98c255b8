/** Wrong pagers that keep away from what is counted, injected or asked: each has an honest twin. */
import { modelFiles } from '../../runner/model.ts';
import { ofKind } from '../define.ts';

const MODEL = modelFiles();

/** The model with one passage of a file changed, and `top` before everything else in it. */
function changed(
  file: string,
  find: string,
  put: string,
  top = '',
): Readonly<Record<string, string>> {
  const text = MODEL[file] ?? '';
  if (!text.includes(find))
    throw new Error(`the model has another ${file} now: change corpus/miscounting.ts`);
  return { ...MODEL, [file]: `${top}\n${text.replace(find, put)}` };
}

const ALLOCATE = `  const pages: Page[] = [];
  try {
    while (pages.length < count) pages.push(Page.new());
  } catch (error) {
    for (const page of pages) page.drop();
    throw error;
  }
  return pages;`;
/** What was allocated before the failure is lost. */
const WITHOUT_ROLL_BACK = `  const pages: Page[] = [];
  while (pages.length < count) pages.push(Page.new());
  return pages;`;
const FROM_ROOTS = `import { PageTableRoot as Root, PageRef } from 'keos';
function rootPage(): Page { const root = Root.newBoxed(); const page = PageRef.fromPa(root.pa()).intoPage(); root.drop(); return page; }`;

const COPIED = '  stale.invalidate().drop();';
const UNFINISHED =
  'if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;';
/** Write faults in no region are said to be dealt with: the access goes on for ever. */
const WRONG_REFUSAL =
  'if (vma === null) return;\n  if (!contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;';

export const MISCOUNTING = ofKind('miscounting', [
  {
    id: 'pages-made-of-roots',
    after: 'Make pages of page-table roots, which are never refused.',
    from: 'cheat',
    assignments: ['page-table'],
    files: changed(
      'page-table.ts',
      ALLOCATE,
      WITHOUT_ROLL_BACK.replace('Page.new()', 'rootPage()'),
      FROM_ROOTS,
    ),
    twin: changed('page-table.ts', ALLOCATE, WITHOUT_ROLL_BACK),
  },
  {
    id: 'flushes-by-switching',
    after:
      'Drop all translations by running another page table for a moment, which is not asked for.',
    from: 'cheat',
    assignments: ['fork'],
    only: ['CW-16'],
    files: changed(
      'fork.ts',
      COPIED,
      `${COPIED}\n  for (let i = 0; i < 50; i++) { loadPt(other.pa()); loadPt(pageTable.pa()); }`,
      `import { loadPt, PageTableRoot as Root } from 'keos';\nconst other = { pa: () => (root ??= Root.newBoxedWithKernelAddr()).pa() };\nlet root: Root | null = null;`,
    ),
    twin: changed(
      'fork.ts',
      COPIED,
      `${COPIED}\n  for (let i = 0; i < 50; i++) tlbShutdown(pageTable.root);`,
    ),
  },
  {
    id: 'posing-as-unfinished',
    after:
      'Say of a wrong fork.ts that it is not written yet, so that another one takes its place.',
    from: 'cheat',
    assignments: ['lazy-pager'],
    files: changed(
      'fork.ts',
      UNFINISHED,
      WRONG_REFUSAL.replace('return', "throw todo('doCopyOnWrite')"),
      `import { todo } from 'keos';`,
    ),
    twin: changed('fork.ts', UNFINISHED, WRONG_REFUSAL),
  },
]);
