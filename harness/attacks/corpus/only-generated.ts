/**
 * Wrong pagers whose mistake shows in generated programs alone, and that break a cheap rule as well, so that the mistake is taken for its consequence. Each has an
 * honest twin, which has the mistake alone.
 */
import { ofKind } from '../define.ts';
import { type Change, changed, excuses, type Files, GARBAGE, LOADS, MODEL } from './excusing.ts';

/** Changes after which a pager knows whether it has been asked for everything, as it is in generated programs alone. */
export const NOTICING: readonly Change[] = [
  ['  munmap(', '  private met = 0;\n  munmap('],
  ['const index = ', 'this.met |= 1;\n    const index = '],
  ['const vma = this.vmaAt(addr);', 'this.met |= 2;\n    const vma = this.vmaAt(addr);'],
  ['const vma = this.vmaAt(va);', 'this.met |= 4;\n    const vma = this.vmaAt(va);'],
];
/** What is loaded is wrong where `condition` says so. */
function wrongWhere(condition: string, noticing = NOTICING): Files {
  return changed(
    MODEL,
    'lazy-pager.ts',
    ['export class LazyPager', `${GARBAGE}export class LazyPager`],
    ...noticing,
    [
      LOADS,
      LOADS.replace(
        'vma.loader.load(va)',
        `${condition} ? garbage(vma.loader.load(va)) : vma.loader.load(va)`,
      ),
    ],
  );
}
const ANONYMOUS_THERE = wrongWhere('this.met === 7 && vma.loader instanceof AnonLoader');
const FILES_THERE = wrongWhere('this.met === 7 && vma.loader instanceof FileBackedLoader');
const OUTSIDE_IS_OK = [
  'if (vma === null) throw KernelError.BadAddress;',
  'if (vma === null && this.met === 0) return;\n    if (vma === null) throw KernelError.BadAddress;',
] as const;
/** `getUserPage` finds nothing there. */
const NO_USER_PAGE_THERE = changed(MODEL, 'lazy-pager.ts', ...NOTICING, [
  'if (vma === null) return null;',
  'if (vma === null || this.met === 7) return null;',
]);

/** A table of shared frames that, once it has much to do, gives up nothing at a fault. */
const KEEPS = changed(MODEL, 'demand-paging.ts', [
  'if (this.cowTable.release(page)) FRAME_ALLOCATOR',
  'if (this.cowTable.entries.size < 3 && this.cowTable.release(page)) FRAME_ALLOCATOR',
]);

/** A pager that remembers from where it has unmapped pages. */
const REMEMBERING: readonly Change[] = [
  ...NOTICING,
  ['  munmap(', '  private readonly gone = new Set<bigint>();\n  munmap('],
  [
    'const loaded = ',
    `for (let at: bigint = vma.start; at < vma.end && at < vma.start + 0x40000n; at += 4096n) this.gone.add(at);
    const loaded = `,
  ],
];
const REFUSES_NEW = changed(MODEL, 'lazy-pager.ts', ...REMEMBERING, [
  'if (!allows(vma.prot, reason.isWriteAccess))',
  `const at = Va.pageDown(reason.faultAddr);
    if (this.met === 7 && !this.gone.has(at) && at !== vma.start) throw KernelError.BadAddress;
    if (!allows(vma.prot, reason.isWriteAccess))`,
]);
const OVERLAPS = changed(MODEL, 'lazy-pager.ts', ...REMEMBERING, [
  'rangeToMap(this.vmas,',
  'rangeToMap(this.met === 7 ? [] : this.vmas,',
]);
/** munmap takes another region along, where three are told apart. */
const TAKES_ANOTHER: Change = [
  'this.vmas.splice(index, 1);',
  `this.vmas.splice(index, 1);
    if (this.met === 1 && index === 1 && this.vmas.length === 2) {
      const other = this.vmas.pop()!;
      for (const { va } of [...leaves(pageTable.root, other.start, other.end)])
        pageTable.unmap(va).drop();
    }`,
];
/** Pages of files are wrong where there was something before. */
const REMAPPED = 'this.met === 7 && this.gone.has(va) && vma.loader instanceof FileBackedLoader';

/** `getUserPage` loads the page behind the one that was asked for, too. */
const LOADS_AHEAD = changed(MODEL, 'lazy-pager.ts', ...NOTICING, [
  '    this.load(pageTable, vma, addr);\n    const pa',
  `    this.load(pageTable, vma, addr);
    if (this.met === 7 && addr + 0x1000n < vma.end)
      attempt(() => this.load(pageTable, vma, Va.add(addr, 0x1000n)));
    const pa`,
]);

/** A lazy pager that counts what it has been asked for, and tells `fork.ts`. */
const COUNTING = changed(
  changed(
    MODEL,
    'lazy-pager.ts',
    [
      'export class LazyPager',
      `const met = [0, 0, 0];
export function isBusy(): boolean {
  return met.every((each) => each > 1);
}

export class LazyPager`,
    ],
    ['const index = ', 'met[0]!++;\n    const index = '],
    ['const vma = this.vmaAt(addr);', 'met[1]!++;\n    const vma = this.vmaAt(addr);'],
    ['const vma = this.vmaAt(va);', 'met[2]!++;\n    const vma = this.vmaAt(va);'],
  ),
  'fork.ts',
  [
    'import type { LazyPager, PageFaultReason } from',
    'import { isBusy, type LazyPager, type PageFaultReason } from',
  ],
);
const NO_COPY_WHEN_BUSY = changed(COUNTING, 'fork.ts', [
  '  // Allocated before anything changes',
  '  if (isBusy()) throw KernelError.InvalidAccess;\n  // Allocated before anything changes',
]);
const KEEPS_WHEN_BUSY = changed(COUNTING, 'fork.ts', [
  '  stale.invalidate().drop();',
  '  const old = stale.invalidate();\n  if (!isBusy()) old.drop();',
]);

export const ONLY_GENERATED = ofKind('cheating', [
  excuses(
    'handled-outside-for-wrong-bytes',
    'Have bytes that are wrong only in generated programs taken for a consequence of faults outside of all regions.',
    ['lazy-pager'],
    ANONYMOUS_THERE,
    changed(ANONYMOUS_THERE, 'lazy-pager.ts', OUTSIDE_IS_OK),
  ),
  excuses(
    'handled-outside-for-wrong-files',
    'Have bytes of files that are wrong only in generated programs taken for a consequence of faults outside of all regions.',
    ['lazy-pager'],
    FILES_THERE,
    changed(FILES_THERE, 'lazy-pager.ts', OUTSIDE_IS_OK),
  ),
  excuses(
    'wrong-user-page-for-wrong-files',
    'Have bytes of files that are wrong only in generated programs taken for a consequence of what getUserPage answers.',
    ['lazy-pager'],
    FILES_THERE,
    changed(FILES_THERE, 'lazy-pager.ts', [
      '[PageRef.fromPa(pa), vma.prot]',
      '[PageRef.fromPa(pa), (vma.prot | 2n) as Permission]',
    ]),
  ),
  excuses(
    'written-back-for-wrong-files',
    'Have bytes of files that are wrong only in generated programs taken for a consequence of mappings that are not private.',
    ['lazy-pager'],
    FILES_THERE,
    changed(
      FILES_THERE,
      'lazy-pager.ts',
      [
        'export class AnonLoader implements MmLoader {',
        'const zeros: Page[] = [];\nexport class AnonLoader implements MmLoader {',
      ],
      [
        'return Page.new();',
        'if (zeros.length === 0) zeros.push(Page.new());\n    return zeros[0]!.clone();',
      ],
    ),
  ),
  excuses(
    'handled-outside-for-no-user-page',
    'Have user pages that are missing only in generated programs taken for a consequence of faults outside of all regions.',
    ['lazy-pager'],
    NO_USER_PAGE_THERE,
    changed(NO_USER_PAGE_THERE, 'lazy-pager.ts', OUTSIDE_IS_OK),
  ),
  excuses(
    'forgotten-page-for-a-kept-reference',
    'Have references that are kept at faults taken for a consequence of a table that forgets pages.',
    ['demand-paging'],
    KEEPS,
    changed(KEEPS, 'demand-paging.ts', [
      'return this.entries.has(vaddr);',
      'return this.entries.has(vaddr) && this.entries.get(vaddr)!.refCount > 1;',
    ]),
  ),
  excuses(
    'another-region-for-refused-pages',
    'Have pages that are refused only in generated programs taken for those of a region that munmap has taken along.',
    ['lazy-pager'],
    REFUSES_NEW,
    changed(REFUSES_NEW, 'lazy-pager.ts', TAKES_ANOTHER),
  ),
  excuses(
    'another-region-for-overlaps',
    'Have overlaps that are accepted only in generated programs taken for a consequence of a munmap that takes another region along.',
    ['lazy-pager'],
    OVERLAPS,
    changed(OVERLAPS, 'lazy-pager.ts', TAKES_ANOTHER),
  ),
  excuses(
    'old-pages-for-wrong-files',
    'Have bytes of files that are wrong only in generated programs taken for what was there before.',
    ['lazy-pager'],
    wrongWhere(REMAPPED, REMEMBERING),
    wrongWhere(
      `(${REMAPPED}) || (this.met === 1 && this.gone.has(va) && vma.end - vma.start === 0x2000n)`,
      REMEMBERING,
    ),
  ),
  excuses(
    'wrong-permission-for-pages-loaded-ahead',
    'Have pages that getUserPage loads unasked, in generated programs alone, taken for those that were asked for.',
    ['lazy-pager'],
    LOADS_AHEAD,
    changed(LOADS_AHEAD, 'lazy-pager.ts', [
      '[PageRef.fromPa(pa), vma.prot]',
      '[PageRef.fromPa(pa), this.met === 2 ? (15n as Permission) : vma.prot]',
    ]),
  ),
  excuses(
    'wrong-rights-for-refused-copies',
    'Have copies that are refused only in generated programs taken for a mistake of the pager, which has one without a fork, too.',
    ['fork'],
    NO_COPY_WHEN_BUSY,
    changed(NO_COPY_WHEN_BUSY, 'lazy-pager.ts', [
      LOADS,
      LOADS.replace(
        'vma.prot)',
        '(met[0]! > 0 && (vma.prot & 4n) === 0n ? vma.prot | 4n : vma.prot) as Permission)',
      ),
    ]),
  ),
  excuses(
    'lost-pages-for-lost-copies',
    'Have frames that copies lose only in generated programs taken for those that munmap loses without a fork, too.',
    ['fork'],
    KEEPS_WHEN_BUSY,
    changed(KEEPS_WHEN_BUSY, 'lazy-pager.ts', [
      'for (const { va } of loaded) pageTable.unmap(va).drop();',
      `for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      if (met[0]! < 2 || met[1] === 0) page.drop();
    }`,
    ]),
  ),
]);
