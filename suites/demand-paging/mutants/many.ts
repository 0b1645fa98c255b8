/** Mistakes that show only when there are many pages or mappings. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const edit = (find: string, put: string): Edit => ({ file: 'demand-paging.ts', find, put });

export const mutants: readonly Mutant[] = [
  {
    id: 'sixteen-mappings',
    mistake: 'There is room for sixteen mappings; later ones are ignored.',
    rule: 'DP-4',
    check: 'dp-many-mappings',
    edits: [
      edit(
        '    this.lazyMappings.set(startVaddr, new',
        '    if (this.lazyMappings.size === 16) return;\n    this.lazyMappings.set(startVaddr, new',
      ),
    ],
  },
  {
    id: 'notes-in-sixty-four-bits',
    mistake:
      'Which pages were faulted in is noted in a word of 64 bits: pages with a higher index are never noted.',
    rule: 'DP-9',
    check: 'dp-many-pages',
    edits: [
      edit(
        '    this.faultedIn[page] = true;\n',
        '    if (page < 64) this.faultedIn[page] = true;\n',
      ),
    ],
  },
  {
    id: 'eight-marked-pages',
    mistake: 'The table has room for eight marked pages: a ninth takes the place of the first.',
    rule: 'DP-16',
    check: 'dp-many-marked',
    edits: [
      edit(
        '    this.entries.set(vaddr, new CowEntry(frame));\n',
        '    const [oldest] = this.entries.keys();\n    if (oldest !== undefined && this.entries.size === 8) this.entries.delete(oldest);\n    this.entries.set(vaddr, new CowEntry(frame));\n',
      ),
    ],
  },
  {
    id: 'file-pages-in-sixteen-bits',
    mistake: 'The distance of a page from the start of its mapping is kept in sixteen bits.',
    rule: 'DP-7',
    check: 'dp-long-file',
    edits: [
      edit(
        'offset + BigInt(page) * PAGE_SIZE, bytes',
        'offset + BigInt.asUintN(16, BigInt(page) * PAGE_SIZE), bytes',
      ),
    ],
  },
  {
    id: 'mappings-kept-by-32-bits',
    mistake: 'Mappings are kept by the low 32 bits of their start.',
    rule: 'DP-4',
    check: 'dp-far-mappings',
    edits: [
      edit(
        'this.lazyMappings.set(startVaddr,',
        'this.lazyMappings.set(BigInt.asUintN(32, startVaddr),',
      ),
      edit(
        'this.lazyMappings.delete(startVaddr);',
        'this.lazyMappings.delete(BigInt.asUintN(32, startVaddr));',
      ),
    ],
  },
  {
    id: 'page-numbers-in-32-bits',
    mistake: 'Entries are kept by the page number, computed with an operator that has 32 bits.',
    rule: 'DP-16',
    check: 'dp-far-marked',
    edits: [
      edit(
        'export class CowTable {\n  readonly entries = new Map<bigint, CowEntry>();',
        'export class CowTable {\n  readonly entries = new Map<number, CowEntry>();',
      ),
      edit('    this.entries.set(vaddr, new', '    this.entries.set(Number(vaddr) >>> 12, new'),
      edit('this.entries.get(vaddr)', 'this.entries.get(Number(vaddr) >>> 12)'),
      edit('this.entries.delete(vaddr)', 'this.entries.delete(Number(vaddr) >>> 12)'),
      edit('this.entries.has(vaddr)', 'this.entries.has(Number(vaddr) >>> 12)'),
      edit('this.cowTable.entries.get(page)', 'this.cowTable.entries.get(Number(page) >>> 12)'),
    ],
  },
  {
    id: 'range-marks-thirty-two',
    mistake: 'markCowRange marks the first thirty-two pages only.',
    rule: 'DP-20',
    check: 'dp-many-in-range',
    edits: [
      edit(
        'for (const [vaddr, frame] of pages) this',
        'for (const [vaddr, frame] of pages.slice(0, 32)) this',
      ),
    ],
  },
  {
    id: 'file-positions-in-36-bits',
    mistake: 'Positions in a file are cut to 36 bits.',
    rule: 'DP-7',
    check: 'dp-large-offsets',
    edits: [
      edit(
        'offset + BigInt(page) * PAGE_SIZE, bytes',
        'BigInt.asUintN(36, offset + BigInt(page) * PAGE_SIZE), bytes',
      ),
    ],
  },
  {
    id: 'inodes-in-32-bits',
    mistake: 'Inode numbers are cut to 32 bits.',
    rule: 'DP-7',
    check: 'dp-large-inodes',
    edits: [edit('readInode(inode, offset', 'readInode(BigInt.asUintN(32, inode), offset')],
  },
  {
    id: 'backings-compared-as-numbers',
    mistake: 'Inodes are compared as numbers, which rounds large ones.',
    rule: 'DP-1',
    check: 'dp-backing-digits',
    edits: [edit('a.inode === b.inode', 'Number(a.inode) === Number(b.inode)')],
  },
  {
    id: 'backings-compared-by-page',
    mistake: 'Offsets are compared by the page that they are in.',
    rule: 'DP-1',
    check: 'dp-backing-digits',
    edits: [edit('a.offset === b.offset', 'a.offset / PAGE_SIZE === b.offset / PAGE_SIZE')],
  },
];
