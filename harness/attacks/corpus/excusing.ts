/**
 * Wrong pagers that break a cheap rule on purpose, so that a dear one is taken for its consequence. Each has an honest twin, which breaks the dear rule
 * alone.
 */
import { modelFiles } from '../../runner/model.ts';
import type { CheatingAttack } from '../attack.ts';
import { ofKind, type Unsorted } from '../define.ts';

export type Files = Readonly<Record<string, string>>;
/** What stands in a file of the model, and what shall stand there. */
export type Change = readonly [there: string, instead: string];

/** `files` with changes in one of them. Throws if it does not hold what they are to replace. */
export function changed(files: Files, name: string, ...changes: readonly Change[]): Files {
  const text = changes.reduce((before, [there, instead]) => {
    if (!before.includes(there))
      throw new Error(`the model has another ${name} now: change corpus/excusing.ts`);
    return before.replace(there, () => instead);
  }, files[name] ?? '');
  return { ...files, [name]: text };
}

/** A wrong pager, `files`, that has its mistakes excused, and its honest `twin`. */
export function excuses(
  id: string,
  after: string,
  assignments: readonly string[],
  twin: Files,
  files: Files,
): Unsorted<CheatingAttack> {
  return { id, after, from: 'cheat', assignments, files, twin };
}

export const MODEL = modelFiles();

/** Makes a page wrong in all its bytes. */
export const GARBAGE = `
function garbage(source: Page): Page {
  const page = attempt(() => Page.new());
  source.drop();
  if (!page.ok) throw page.error;
  page.value.innerMut().fill(0xaa);
  return page.value;
}

`;

/** Members of a pager that keep one page where no region is, and give it up when it is in the way. */
function straying(isTaken: string): string {
  return `
  private strays: Va[] = [];
  private stray(pageTable: PageTable, near: Va, page: Page): void {
    for (let i = 511n; this.strays.length === 0 && i >= 0n; i--) {
      const at = Va.new((near & ~0x1fffffn) + (i << 12n));
      if (at === null || at === 0n || ${isTaken}) continue;
      if (!attempt(() => pageTable.map(at, page, Permission.READ)).ok) break;
      this.strays.push(at);
      return;
    }
    page.drop();
  }
  private unstray(pageTable: PageTable, start: bigint, end: bigint): void {
    for (const at of this.strays) if (at >= start && at < end) pageTable.unmap(at).drop();
    this.strays = this.strays.filter((at) => at < start || at >= end);
  }
`;
}

export const LOADS =
  'if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);';
const LAZY = changed(
  MODEL,
  'lazy-pager.ts',
  ['export class LazyPager', `${GARBAGE}export class LazyPager`],
  [LOADS, LOADS.replace('vma.loader.load(va)', 'garbage(vma.loader.load(va))')],
);
const LAZY_STRAYING = changed(
  LAZY,
  'lazy-pager.ts',
  ['  type Permission,', '  Permission,'],
  ['_pageTable: PageTable', 'pageTable: PageTable'],
  ['const loader = file', 'this.unstray(pageTable, start, end);\n    const loader = file'],
  ['  /** The region that', `${straying('this.vmaAt(at) !== null')}\n  /** The region that`],
  [
    LOADS.replace('vma.loader.load(va)', 'garbage(vma.loader.load(va))'),
    `this.unstray(pageTable, va, va + 0x1000n);
    if (attempt(() => pageTable.walk(va)).ok) return;
    const page = garbage(vma.loader.load(va));
    const more = page.clone();
    const mapped = attempt(() => pageTable.map(va, page, vma.prot));
    if (!mapped.ok) more.drop();
    if (!mapped.ok) throw mapped.error;
    this.stray(pageTable, va, more);`,
  ],
);

const MAPS = 'file === null ? Page.new() : file.mmap(block)';
const EAGER = changed(
  MODEL,
  'eager-pager.ts',
  ['import {\n', 'import {\n  attempt,\n'],
  ['export class EagerPager', `${GARBAGE}export class EagerPager`],
  [MAPS, `garbage(${MAPS})`],
);
const EAGER_STRAYING = changed(
  EAGER,
  'eager-pager.ts',
  ['  type Permission,', '  Permission,'],
  [
    'const mapped: Va[]',
    'this.unstray(pageTable, range.start, range.end);\n    const mapped: Va[]',
  ],
  [
    'return addr;\n',
    `const page = attempt(() => Page.new());
    if (page.ok) this.stray(pageTable, addr, page.value);
    return addr;\n`,
  ],
  ['  getUserPage(', `${straying('rangeAt(this.mappings.values(), at) !== null')}\n  getUserPage(`],
);

/** A fork after which both write to the same frames: leaves get the flags `flags`, made from what they have and from the rights of their region. */
function unprotected(flags: string): Change {
  return [
    '  for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);',
    `  for (const { va, pte } of loaded) {
    const prot = (mm.pager.vmaAt(va)?.prot ?? 15n) as Permission;
    for (const one of [pte, child.pageTable.walk(va)]) {
      const old = one.flags() & ~PteFlags.RW;
      one.setFlags((${flags}) as PteFlags);
    }
  }`,
  ];
}

const WRITABLE = 'contains(prot, Permission.WRITE) ? old | PteFlags.RW : old';
const FORK = changed(MODEL, 'fork.ts', unprotected(WRITABLE));
const WIDENED = `!contains(prot, Permission.WRITE) ? old
      : !contains(prot, Permission.EXECUTABLE) ? (old | PteFlags.RW) & ~PteFlags.XD
      : contains(prot, Permission.USER) ? old : old | PteFlags.RW | PteFlags.US`;

/** Answers of the pager are wrong if `MmStruct` wants them to be. */
const LYING = changed(
  MODEL,
  'eager-pager.ts',
  ['accessOk(va: Va, isWrite: boolean)', 'accessOk(va: Va, isWrite: boolean, lies = false)'],
  [
    'return mapping !== null && allows(mapping.perm, isWrite);',
    'return (mapping !== null && allows(mapping.perm, isWrite)) !== lies;',
  ],
);
const ASKS_FOR_THE_FIRST = [
  'if (end < start || !this.pager.accessOk(start, isWrite)) return false;',
  '',
] as const;
const ASKS_FOR_THE_OTHERS = [
  'if (va === null || !this.pager.accessOk(va, isWrite)) return false;',
  'if (va === null) return true;',
] as const;
const ALWAYS_OK = changed(MODEL, 'mm-struct.ts', ASKS_FOR_THE_FIRST, ASKS_FOR_THE_OTHERS);
const ALWAYS_OK_AND_A_LIE = changed(
  LYING,
  'mm-struct.ts',
  [ASKS_FOR_THE_FIRST[0], '(this.pager as any).accessOk(start, isWrite, true);'],
  ASKS_FOR_THE_OTHERS,
);

/** An `MmStruct` that stops as soon as its pager is not the very one that was made. */
const ALWAYS_OK_AND_KNOWING = changed(
  changed(
    changed(ALWAYS_OK, 'eager-pager.ts', [
      'export class EagerPager implements Pager {',
      'export class EagerPager implements Pager {\n  #made = true;\n  static isOne(pager: object): boolean { return #made in pager; }',
    ]),
    'mm-struct.ts',
    [
      'accessOk(start: Va, end: bigint, isWrite: boolean): boolean {',
      `accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    if (!EagerPager.isOne(this.pager)) throw new TypeError('watched');`,
    ],
  ),
  'mm-struct.ts',
  ['import type { Pager }', "import { EagerPager } from './eager-pager';\nimport type { Pager }"],
);

export const EXCUSING = ofKind('cheating', [
  excuses(
    'stray-page-for-wrong-bytes',
    'Have wrong bytes in each page taken for a consequence of one page outside of all regions.',
    ['lazy-pager'],
    LAZY,
    LAZY_STRAYING,
  ),
  excuses(
    'stray-page-and-no-user-page',
    'Have that getUserPage finds nothing taken for a consequence of bytes that are wrong.',
    ['lazy-pager'],
    LAZY,
    changed(LAZY_STRAYING, 'lazy-pager.ts', [
      'if (vma === null) return null;',
      'if (vma === null || this.vmas.length >= 0) return null;',
    ]),
  ),
  excuses(
    'stray-page-for-wrong-eager-bytes',
    'Have wrong bytes that mmap maps taken for a consequence of one page outside of all regions.',
    ['address-space'],
    EAGER,
    EAGER_STRAYING,
  ),
  excuses(
    'right-more-for-no-copy',
    'Have pages that are never copied taken for a consequence of a right more on each.',
    ['fork'],
    FORK,
    changed(MODEL, 'fork.ts', unprotected(WIDENED)),
  ),
  excuses(
    'right-more-for-no-copy-by-the-lazy-pager',
    'Have pages that are never copied taken for a consequence of what the lazy pager does.',
    ['lazy-pager', 'fork'],
    FORK,
    changed(
      changed(MODEL, 'fork.ts', unprotected(`prot === 15n ? old : ${WRITABLE}`)),
      'lazy-pager.ts',
      [LOADS, LOADS.replace('vma.prot', 'widened(vma.prot)')],
      [
        'export class LazyPager',
        `function widened(prot: Permission): Permission {
  if ((prot & 2n) === 0n) return prot;
  return ((prot & 4n) === 0n ? prot | 4n : prot | 8n) as Permission;
}

export class LazyPager`,
      ],
    ),
  ),
  excuses(
    'lying-pager-for-a-range',
    'Have an MmStruct that allows every range taken for one whose pager answers wrongly.',
    ['address-space'],
    ALWAYS_OK,
    ALWAYS_OK_AND_A_LIE,
  ),
  excuses(
    'private-name-behind-the-spy',
    'Have the notes about an MmStruct that allows every range thrown away, by failing where they are taken.',
    ['address-space'],
    ALWAYS_OK,
    ALWAYS_OK_AND_KNOWING,
  ),
]);
