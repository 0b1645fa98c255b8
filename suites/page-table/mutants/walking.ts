/** Mistakes in walk and walkMut. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'walk-finds-absent-leaves',
    mistake: 'walk returns a leaf that is not present.',
    rule: 'PT-10',
    check: 'pt-absent',
    source: 'contract W1',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
`,
        put: `    return pte;
`,
      },
    ],
  },
  {
    id: 'walk-mut-finds-absent-leaves',
    mistake:
      'walkMut goes through the tables itself and does not look whether the leaf is present.',
    rule: 'PT-10',
    check: 'pt-absent',
    source: 'contract W2',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return new Walked(va, this.walk(va));
`,
        put: `    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pd = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd();
    return new Walked(va, pd.at(pdei).intoPt().at(ptei));
`,
      },
    ],
  },
  {
    id: 'walk-dies-on-missing-tables',
    mistake:
      'walk expects every table to be there, and throws an exception of its own if one is not.',
    rule: 'PT-10',
    check: 'pt-absent',
    source: 'contract W3',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pdp = this.root.at(pml4ei).intoPdp();
`,
        put: `    const pml4e = this.root.at(pml4ei);
    if (pml4e.pa() === null) throw new Error('no table');
    const pdp = pml4e.intoPdp();
`,
      },
    ],
  },
  {
    id: 'absent-is-duplicated',
    mistake: 'walk throws the wrong error for a leaf that is not present.',
    rule: 'PT-10',
    check: 'pt-absent',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
`,
        put: `    if (pte.pa() === null) throw PageTableMappingError.InvalidPermission;
    return pte;
`,
      },
    ],
  },
  {
    id: 'walk-rounds-down',
    mistake: 'walk takes an unaligned address for its page.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pdp`,
        put: `    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(Va.pageDown(va));
    const pdp`,
      },
    ],
  },
  {
    id: 'walk-returns-a-copy',
    mistake: 'walk returns a copy of the entry: what the hardware writes later is not seen in it.',
    rule: 'PT-12',
    check: 'pt-walk-live',
    source: 'contract W6',
    edits: [
      {
        file: 'page-table.ts',
        find: `  walk(va: Va): Pte {
`,
        put: `  walk(va: Va): Pte {
    const { word } = this.find(va);
    return { isLeaf: true, word, pa: () => Pa.new(word & 0xf_ffff_ffff_f000n), flags: () => word } as unknown as Pte;
  }

  private find(va: Va): Pte {
`,
      },
      {
        file: 'page-table.ts',
        find: `const pa = this.walk(va).clear();`,
        put: `const pa = this.find(va).clear();`,
      },
      {
        file: 'page-table.ts',
        find: `new Walked(va, this.walk(va))`,
        put: `new Walked(va, this.find(va))`,
      },
    ],
  },
  {
    id: 'walk-remembers-entries',
    mistake: 'walk keeps every entry that it has found, by address, in a variable of the module.',
    rule: 'PT-12',
    check: 'pt-walk-live',
    edits: [
      {
        file: 'page-table.ts',
        find: `  walk(va: Va): Pte {
`,
        put: `  walk(va: Va): Pte {
    const known = found.get(va);
    if (known !== undefined && known.pa() !== null) return known;
    const pte = this.find(va);
    found.set(va, pte);
    return pte;
  }

  private find(va: Va): Pte {
`,
      },
      {
        file: 'page-table.ts',
        find: `const pa = this.walk(va).clear();`,
        put: `found.delete(va);
    const pa = this.find(va).clear();`,
      },
      {
        file: 'page-table.ts',
        find: `new Walked(va, this.walk(va))`,
        put: `new Walked(va, this.find(va))`,
      },
      {
        file: 'page-table.ts',
        find: `export class PageTable {
`,
        put: `const found = new Map<Va, Pte>();

export class PageTable {
`,
      },
    ],
  },
  {
    id: 'walk-makes-tables',
    mistake: 'walk makes the tables that are missing on its way.',
    rule: 'PT-12',
    check: 'pt-walk-live',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pdp = this.root.at(pml4ei).intoPdp();
    const pd = pdp.at(pdptei).intoPd();
`,
        put: `    const pml4e = this.root.at(pml4ei);
    const pdpe = withTable(pml4e, pml4e.pa() === null ? [Page.new()] : []).intoPdp().at(pdptei);
    const pd = withTable(pdpe, pdpe.pa() === null ? [Page.new()] : []).intoPd();
`,
      },
    ],
  },
  {
    id: 'walked-for-page-0',
    mistake: 'walkMut makes its handle for address 0, so that the wrong page is invalidated.',
    rule: 'PT-13',
    check: 'pt-walk-mut',
    source: 'contract W7',
    edits: [
      {
        file: 'page-table.ts',
        find: `new Walked(va, this.walk(va))`,
        put: `new Walked(Va.pageDown(0n as Va), this.walk(va))`,
      },
    ],
  },
  {
    id: 'walked-for-the-table-index',
    mistake: 'walkMut makes its handle for the index in the page table instead of the address.',
    rule: 'PT-13',
    check: 'pt-walk-mut',
    edits: [
      {
        file: 'page-table.ts',
        find: `new Walked(va, this.walk(va))`,
        put: `new Walked(Va.add(0n as Va, BigInt(PtIndices.fromVa(va).ptei)), this.walk(va))`,
      },
    ],
  },
  {
    id: 'walked-clear-keeps-the-leaf',
    mistake: 'Walked.clear takes the page out, but leaves the entry present.',
    rule: 'PT-13',
    check: 'pt-walk-mut',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.pte.clear();
`,
        put: `    const pa = this.pte.pa();
`,
      },
    ],
  },
  {
    id: 'walked-is-a-copy',
    mistake: 'walkMut gives a handle on an entry of a copy of the page table.',
    rule: 'PT-13',
    check: 'pt-walk-mut',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return new Walked(va, this.walk(va));
`,
        put: `    const pte = this.walk(va);
    const other = PageTableRoot.newBoxed();
    const entry = other.at(0) as unknown as Pte;
    entry.word = pte.word;
    other.at(0).word = 0n;
    other.drop();
    return new Walked(va, entry);
`,
      },
    ],
  },
  {
    id: 'set-page-ignores-flags',
    mistake: 'Walked.setPage maps every page with all rights.',
    rule: 'PT-13',
    check: 'pt-walk-mut',
    edits: [
      {
        file: 'page-table.ts',
        find: `    this.pte.setPa(page.intoRaw()).setFlags(flags);
`,
        put: `    this.pte.setPa(page.intoRaw()).setFlags(flags | PteFlags.RW | PteFlags.US);
`,
      },
    ],
  },
];
