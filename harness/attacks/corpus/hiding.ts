/**
 * Wrong pagers that add a cheap mistake which covers the traces of dear ones, or is seen in their place. Each has an honest twin, which makes the dear ones
 * alone.
 */
import { modelFiles } from '../../runner/model.ts';
import { ofKind } from '../define.ts';
import { changed, excuses, type Files } from './excusing.ts';

const MODEL = modelFiles();

/** Members of a pager whose writable anonymous memory is wrong from the second page on. */
const GARBAGE = `  private isFirst = true;
  private memory(): Page {
    const page = Page.new();
    if (!this.isFirst) page.innerMut().fill(0xaa);
    this.isFirst = false;
    return page;
  }
`;
/** The same, with one frame for all of it. */
const ONE_FRAME = `  private shared: Page | null = null;
  private uses = 0;
  private memory(): Page {
    if (this.shared === null) this.shared = Page.new();
    else if (this.uses++ === 0) this.shared.innerMut().fill(0xaa);
    return this.shared.clone();
  }
  drop(): void {
    this.shared?.drop();
    this.shared = null;
  }
`;

function lazyWith(memory: string): Files {
  return changed(
    MODEL,
    'lazy-pager.ts',
    ['  type Permission,', '  Permission,'],
    [
      'pageTable.map(va, vma.loader.load(va), vma.prot)',
      'pageTable.map(va, vma.loader instanceof AnonLoader && contains(vma.prot, Permission.WRITE) ? this.memory() : vma.loader.load(va), vma.prot)',
    ],
    ['  munmap(pageTable', `${memory}\n  munmap(pageTable`],
  );
}

function eagerWith(memory: string): Files {
  return changed(
    MODEL,
    'eager-pager.ts',
    ['  type Permission,', '  Permission,\n  contains,\n  attempt,'],
    [
      'file === null ? Page.new() : file.mmap(block)',
      'file !== null ? file.mmap(block) : contains(prot, Permission.WRITE) ? this.memory() : Page.new()',
    ],
    ['  munmap(pageTable', `${memory}\n  munmap(pageTable`],
  );
}

const MAP_CALL = 'return this.doMmap(addr, abi.arg2, prot | Permission.USER, file, abi.arg5);';
const RETURNS_NOTHING = changed(MODEL, 'mm-struct.ts', [
  MAP_CALL,
  'this.doMmap(addr, abi.arg2, prot | Permission.USER, file, abi.arg5);\n    return 0n;',
]);
const PAGER_RETURNS_NOTHING = changed(
  changed(MODEL, 'mm-struct.ts', [
    MAP_CALL,
    'return (this.pager as any).mmap(this.pageTable, addr, abi.arg2, prot | Permission.USER, file, abi.arg5, true);',
  ]),
  'eager-pager.ts',
  ['    offset: bigint,\n  ): bigint {', '    offset: bigint,\n    lies = false,\n  ): bigint {'],
  ['return addr;\n', 'return lies ? 0n : addr;\n'],
);

const FORGETS_WHAT_IT_MAPPED = changed(MODEL, 'eager-pager.ts', [
  'for (const va of mapped) pageTable.unmap(va).drop();',
  'for (const va of mapped) pageTable.unmap(va);',
]);

const NOT_MAPPED = 'if (mapping === null) throw KernelError.UnmappedMemory({ addr: vaddr });';
/** Finds a page wherever there ever was a region nearby; `where` else. */
function findsTooMuch(where: string): Files {
  return changed(
    MODEL,
    'demand-paging.ts',
    [
      NOT_MAPPED,
      `if (mapping === null) {
      const isNear = ever.some(([start, size]) => vaddr >= start - PAGE_SIZE && vaddr < start + size + PAGE_SIZE);
      if (!isNear && ${where}) throw KernelError.UnmappedMemory({ addr: vaddr });
      const stray = allocate();
      physToVirtAddr(stray * PAGE_SIZE).fill(0);
      return [stray, 0n as PageFlags];
    }`,
    ],
    ['this.lazyMappings.set(', 'ever.push([startVaddr, size]);\n    this.lazyMappings.set('],
    [
      'export class DemandPagingManager',
      'const ever: [bigint, bigint][] = [];\n\nexport class DemandPagingManager',
    ],
  );
}

const CLEARED = '  const pa = entry.clear();\n  if (pa !== null) Page.fromPa(pa).drop();\n';
const CLEARS_WITHOUT_RELEASE = changed(MODEL, 'page-table.ts', [CLEARED, '  entry.clear();\n']);

export const HIDING = ofKind('cheating', [
  excuses(
    'one-frame-for-wrong-bytes',
    'Have wrong bytes taken for what other pages of the same frame hold.',
    ['lazy-pager'],
    lazyWith(GARBAGE),
    lazyWith(ONE_FRAME),
  ),
  excuses(
    'one-frame-for-wrong-eager-bytes',
    'The same with pages that mmap maps.',
    ['address-space'],
    eagerWith(GARBAGE),
    eagerWith(ONE_FRAME),
  ),
  excuses(
    'lying-pager-for-a-system-call',
    'Have a wrong return value of a system call taken for one of the pager.',
    ['address-space'],
    RETURNS_NOTHING,
    PAGER_RETURNS_NOTHING,
  ),
  excuses(
    'lost-page-for-lost-pages',
    'Have frames that a failed mmap loses taken for such as are always lost.',
    ['address-space'],
    FORGETS_WHAT_IT_MAPPED,
    changed(FORGETS_WHAT_IT_MAPPED, 'eager-pager.ts', [
      'export class EagerPager implements Pager {\n',
      'export class EagerPager implements Pager {\n  readonly lost = Page.new();\n',
    ]),
  ),
  excuses(
    'lost-pages-for-tables-not-cleared',
    'Have pages that clear does not release come after such as nobody owns.',
    ['page-table'],
    CLEARS_WITHOUT_RELEASE,
    changed(CLEARS_WITHOUT_RELEASE, 'page-table.ts', [
      '  readonly root: PageTableRoot;',
      '  readonly root: PageTableRoot;\n  readonly lost = Array.from({ length: 1500 }, () => Page.new());',
    ]),
  ),
  excuses(
    'pages-everywhere-for-pages-nearby',
    'Have pages found that are gone, or not there yet, by finding some everywhere.',
    ['demand-paging'],
    findsTooMuch('true'),
    findsTooMuch('vaddr < 0n'),
  ),
]);
