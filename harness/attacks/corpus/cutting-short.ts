/**
 * Wrong pagers that break a cheap rule right before a dear one would show, so that nobody sees it: the comparison ends, or there is nothing to see. Each has an honest twin,
 * which has the mistake alone.
 */
import { ofKind } from '../define.ts';
import { type Change, changed, excuses, GARBAGE, LOADS, MODEL } from './excusing.ts';
import { NOTICING } from './only-generated.ts';

const MAPS = 'file === null ? Page.new() : file.mmap(block)';
/** An eager pager that knows whether it has been asked for everything, and makes wrong pages once it is upset. */
const EAGER = changed(
  MODEL,
  'eager-pager.ts',
  ['import {\n', 'import {\n  attempt,\n'],
  [
    'export class EagerPager',
    `let met = 0;
let upset = false;
export function setUpset(): void {
  upset = met === 7;
}
${GARBAGE}export class EagerPager`,
  ],
  [MAPS, `upset ? garbage(${MAPS}) : ${MAPS}`],
  [
    '  munmap(pageTable: PageTable, addr: Va): bigint {',
    '  munmap(pageTable: PageTable, addr: Va): bigint {\n    met |= 1;',
  ],
  [
    'const mapping = rangeAt(this.mappings.values(), addr);',
    'met |= 2;\n    const mapping = rangeAt(this.mappings.values(), addr);',
  ],
  [
    'const mapping = rangeAt(this.mappings.values(), va);',
    'met |= 4;\n    const mapping = rangeAt(this.mappings.values(), va);',
  ],
);
const UPSET_BY_SYSTEM_CALL = changed(
  EAGER,
  'mm-struct.ts',
  ['import type { Pager }', "import { setUpset } from './eager-pager';\nimport type { Pager }"],
  [
    'return this.pager.munmap(this.pageTable, addr);',
    'setUpset();\n    return this.pager.munmap(this.pageTable, addr);',
  ],
);
const UPSET_BY_MUNMAP = changed(EAGER, 'eager-pager.ts', [
  'if (mapping === undefined) throw KernelError.InvalidArgument;',
  'if (mapping === undefined) setUpset();\n    if (mapping === undefined) throw KernelError.InvalidArgument;',
]);

/** The same, lazy. */
const LAZY = changed(
  MODEL,
  'lazy-pager.ts',
  ['export class LazyPager', `${GARBAGE}export class LazyPager`],
  ...NOTICING,
  ['private met = 0;', 'private met = 0;\n  private upset = false;'],
  [
    LOADS,
    LOADS.replace(
      'vma.loader.load(va)',
      'this.upset ? garbage(vma.loader.load(va)) : vma.loader.load(va)',
    ),
  ],
);
const CHECKS = 'const { start, end } = rangeToMap(this.vmas, addr, size, prot, file, offset);';
const LAZY_UPSET_BY_MAPPING = changed(LAZY, 'lazy-pager.ts', [
  CHECKS,
  `${CHECKS}
    const isPast = this.met === 7 && file !== null && offset + size > file.size();
    if (isPast) this.upset = true;`,
]);
const LAZY_UPSET_BY_REFUSAL = changed(LAZY, 'lazy-pager.ts', [
  CHECKS,
  `const range = attempt(() => rangeToMap(this.vmas, addr, size, prot, file, offset));
    if (!range.ok && this.met === 7) this.upset = true;
    if (!range.ok) throw range.error;
    const { start, end } = range.value;`,
]);
const NOTHING_THERE = 'if (vma === undefined) throw KernelError.InvalidArgument;';
const LAZY_UPSET_BY_MUNMAP = changed(LAZY, 'lazy-pager.ts', [
  NOTHING_THERE,
  `if (vma === undefined && this.met === 7) this.upset = true;
    ${NOTHING_THERE}`,
]);

/** A page table that refuses mappings once all has been asked of it. */
const UPSET_BY_WALK = changed(
  MODEL,
  'page-table.ts',
  ['export class PageTable {', 'let met = 0;\nlet upset = false;\nexport class PageTable {'],
  [
    'if (Pa.offset(pa) !== 0n)',
    'if (upset) throw PageTableMappingError.Duplicated;\n    if (Pa.offset(pa) !== 0n)',
  ],
  ['const pa = this.walk(va).clear();', 'met |= 1;\n    const pa = this.find(va).clear();'],
  [
    '  walk(va: Va): Pte {',
    `  walk(va: Va): Pte {
    met |= 8;
    const pte = this.find(va);
    met &= ~8;
    if ((met & 7) === 7) upset = true;
    return pte;
  }

  find(va: Va): Pte {`,
  ],
  ['return new Walked(va, this.walk(va));', 'met |= 2;\n    return new Walked(va, this.find(va));'],
  ['  clear(): void {', '  clear(): void {\n    met |= ((met & 8) << 1) | 4;'],
);

/** Pages of files are zeros. */
const NO_FILES = changed(MODEL, 'lazy-pager.ts', [
  'return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));',
  'FileBlockNumber.fromOffset(this.offset + (addr - this.start));\n    this.file.size();\n    return Page.new();',
]);
const NO_MANAGED_FILES = changed(MODEL, 'demand-paging.ts', [
  'bytes.fill(0, count);',
  'bytes.fill(0, count - count);',
]);

const ACCEPTS_EVERY_MUNMAP: Change = [NOTHING_THERE, 'if (vma === undefined) return 0n;'];

export const CUTTING_SHORT = ofKind('cheating', [
  excuses(
    'refused-munmap-before-wrong-pages',
    'End the comparison by a system call that is refused, before pages are wrong.',
    ['address-space'],
    UPSET_BY_SYSTEM_CALL,
    changed(UPSET_BY_SYSTEM_CALL, 'mm-struct.ts', [
      'setUpset();',
      'setUpset();\n    if (addr > 0n) throw KernelError.InvalidArgument;',
    ]),
  ),
  excuses(
    'accepted-munmap-before-wrong-pages',
    'End the comparison by a munmap that accepts anything and does nothing, before pages are wrong.',
    ['address-space'],
    UPSET_BY_MUNMAP,
    changed(UPSET_BY_MUNMAP, 'eager-pager.ts', [
      'if (mapping === undefined) throw',
      'if (mapping === undefined) return 0n;\n    if (mapping === undefined) throw',
    ]),
  ),
  excuses(
    'accepted-munmap-before-wrong-loads',
    'End the comparison by a munmap that accepts anything and does nothing, before pages are loaded wrong.',
    ['lazy-pager'],
    LAZY_UPSET_BY_MUNMAP,
    changed(LAZY_UPSET_BY_MUNMAP, 'lazy-pager.ts', ACCEPTS_EVERY_MUNMAP),
  ),
  excuses(
    'refused-mapping-before-wrong-loads',
    'End the comparison by a mapping that is refused, before pages are loaded wrong.',
    ['lazy-pager'],
    LAZY_UPSET_BY_MAPPING,
    changed(LAZY_UPSET_BY_MAPPING, 'lazy-pager.ts', [
      'if (isPast) this.upset = true;',
      'if (isPast) this.upset = true;\n    if (isPast) throw KernelError.InvalidArgument;',
    ]),
  ),
  excuses(
    'accepted-mapping-before-wrong-loads',
    'End the comparison by a mapping that is made though it must not be, before pages are loaded wrong.',
    ['lazy-pager'],
    LAZY_UPSET_BY_REFUSAL,
    changed(LAZY_UPSET_BY_REFUSAL, 'lazy-pager.ts', [
      'if (!range.ok) throw',
      'if (this.upset && (prot & 1n) === 0n) return addr;\n    if (!range.ok) throw',
    ]),
  ),
  excuses(
    'many-cheap-rules-before-wrong-loads',
    'Break so many cheap rules in generated programs that none of them is left to tell of pages that are loaded wrong.',
    ['lazy-pager'],
    LAZY_UPSET_BY_REFUSAL,
    changed(LAZY_UPSET_BY_REFUSAL, 'lazy-pager.ts', [
      'if (!range.ok) throw',
      'if (this.upset && !range.ok) return addr;\n    if (!range.ok) throw',
    ]),
  ),
  excuses(
    'refused-mappings-for-no-files',
    'Refuse all mappings of files, so that nobody sees that there are none.',
    ['lazy-pager'],
    NO_FILES,
    changed(NO_FILES, 'lazy-pager.ts', [
      CHECKS,
      `${CHECKS}
    if (file !== null) throw KernelError.InvalidArgument;`,
    ]),
  ),
  excuses(
    'refused-loads-for-no-files',
    'Refuse all accesses to files, so that nobody sees that there are none.',
    ['lazy-pager'],
    NO_FILES,
    changed(NO_FILES, 'lazy-pager.ts', [
      LOADS,
      `if (vma.loader instanceof FileBackedLoader) throw KernelError.BadAddress;
    ${LOADS}`,
    ]),
  ),
  excuses(
    'refused-registrations-for-no-files',
    'Refuse to register mappings of files, so that nobody sees that there are none.',
    ['demand-paging'],
    NO_MANAGED_FILES,
    changed(NO_MANAGED_FILES, 'demand-paging.ts', [
      '    this.lazyMappings.set(startVaddr, new LazyMapping',
      `    if (backing.kind !== 'Anonymous') throw KernelError.InvalidAddress({ addr: startVaddr });
    this.lazyMappings.set(startVaddr, new LazyMapping`,
    ]),
  ),
  excuses(
    'panic-of-a-walk-before-refused-mappings',
    'End the comparison by a walk that throws, before mappings are refused.',
    ['page-table'],
    UPSET_BY_WALK,
    changed(UPSET_BY_WALK, 'page-table.ts', [
      'if ((met & 7) === 7) upset = true;',
      "if ((met & 7) === 7) upset = true;\n    if (met === 20 || upset) throw new Error('no');",
    ]),
  ),
]);
