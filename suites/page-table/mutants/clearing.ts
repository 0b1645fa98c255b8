/** Mistakes in clear and drop. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'clear-keeps-pages',
    mistake: 'clear frees the tables, but not the pages that were mapped.',
    rule: 'PT-14',
    check: 'pt-clear',
    source: 'contract C1',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: ``,
      },
    ],
  },
  {
    id: 'clear-keeps-page-tables',
    mistake: 'clear frees the pages, but not the page tables that mapped them.',
    rule: 'PT-14',
    check: 'pt-clear',
    source: 'contract C2',
    edits: [
      {
        file: 'page-table.ts',
        find: `          release(pde);
`,
        put: `          pde.clear();
`,
      },
    ],
  },
  {
    id: 'clear-keeps-directories',
    mistake: 'clear frees everything but the page directories.',
    rule: 'PT-14',
    check: 'pt-clear',
    edits: [
      {
        file: 'page-table.ts',
        find: `        release(pdpe);
`,
        put: `        pdpe.clear();
`,
      },
    ],
  },
  {
    id: 'clear-keeps-pdpts',
    mistake: 'clear frees everything but the PDPTs.',
    rule: 'PT-14',
    check: 'pt-clear',
    source: 'contract C4',
    edits: [
      {
        file: 'page-table.ts',
        find: `      release(pml4e);
`,
        put: `      pml4e.clear();
`,
      },
    ],
  },
  {
    id: 'clear-stops-at-510',
    mistake: 'The loop over a page table ends before its last entry.',
    rule: 'PT-14',
    check: 'pt-clear',
    source: 'contract C5',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: `          for (let k = 0; k < 511; k++) release(pde.intoPt().at(k));
`,
      },
    ],
  },
  {
    id: 'clear-only-first-slot',
    mistake: 'Only what lies below the first slot of the root is released.',
    rule: 'PT-14',
    check: 'pt-clear',
    source: 'contract C8',
    edits: [
      {
        file: 'page-table.ts',
        find: `  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {`,
        put: `  clear(): void {
    for (let i = 0; i < 1; i++) {`,
      },
    ],
  },
  {
    id: 'clear-misses-last-slot',
    mistake: 'The loop over the root ends before the last slot of user space.',
    rule: 'PT-14',
    check: 'pt-clear',
    edits: [
      {
        file: 'page-table.ts',
        find: `  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {`,
        put: `  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE - 1; i++) {`,
      },
    ],
  },
  {
    id: 'clear-goes-into-the-kernel',
    mistake: 'The loop over the root goes up to 511, through the kernel half.',
    rule: 'PT-16',
    check: 'pt-kernel-half',
    source: 'contract C9',
    edits: [
      {
        file: 'page-table.ts',
        find: `  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {`,
        put: `  clear(): void {
    for (let i = 0; i < 512; i++) {`,
      },
    ],
  },
  {
    id: 'clear-empties-kernel-slots',
    mistake: 'clear empties all 512 slots of the root in the end.',
    rule: 'PT-16',
    check: 'pt-kernel-half',
    edits: [
      {
        file: 'page-table.ts',
        find: `      release(pml4e);
    }
`,
        put: `      release(pml4e);
    }
    for (let i = PageTableRoot.KBASE; i < 512; i++) this.root.at(i).clear();
`,
      },
    ],
  },
  {
    id: 'clear-releases-at-drop',
    mistake: 'clear keeps the frames in a list, which is released when the table is dropped.',
    rule: 'PT-15',
    check: 'pt-little-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: '  if (pa !== null) Page.fromPa(pa).drop();\n',
        put: '  if (pa !== null) graveyard.push(Page.fromPa(pa));\n',
      },
      {
        file: 'page-table.ts',
        find: '    this.root.drop();\n',
        put: '    this.root.drop();\n    for (const page of graveyard.splice(0)) page.drop();\n',
      },
      {
        file: 'page-table.ts',
        find: 'function release(',
        put: 'const graveyard: Page[] = [];\nfunction release(',
      },
    ],
  },
  {
    id: 'table-without-the-kernel-half',
    mistake: 'A new page table has nothing in the kernel half.',
    rule: 'PT-16',
    check: 'pt-kernel-half',
    edits: [
      {
        file: 'page-table.ts',
        find: 'PageTableRoot.newBoxedWithKernelAddr()',
        put: 'PageTableRoot.newBoxed()',
      },
    ],
  },
  {
    id: 'clear-releases-pages-twice',
    mistake: 'clear releases every page twice.',
    rule: 'PT-15',
    check: 'pt-ownership',
    source: 'contract C11',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: `          for (const pte of pde.intoPt()) {
            const pa = pte.pa();
            release(pte);
            if (pa !== null) Page.fromPa(pa).drop();
          }
`,
      },
    ],
  },
  {
    id: 'clear-leaves-root-entries',
    mistake: 'clear frees the tables, but the slots of the root still point to them.',
    rule: 'PT-14',
    check: 'pt-clear-and-reuse',
    source: 'contract C12',
    edits: [
      {
        file: 'page-table.ts',
        find: `      release(pml4e);
`,
        put: `      Page.fromPa(pml4e.pa()!).drop();
`,
      },
    ],
  },
  {
    id: 'clear-frees-tables-first',
    mistake: 'clear frees a page table before it goes through its entries.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
          release(pde);
`,
        put: `          const table = pde.intoPt();
          release(pde);
          for (const pte of table) release(pte);
`,
      },
    ],
  },
  {
    id: 'clear-drops-the-root',
    mistake: 'clear frees the root as well.',
    rule: 'PT-14',
    check: 'pt-clear-and-reuse',
    edits: [
      {
        file: 'page-table.ts',
        find: `      release(pml4e);
    }
`,
        put: `      release(pml4e);
    }
    this.root.drop();
`,
      },
      {
        file: 'page-table.ts',
        find: `    this.clear();
    this.root.drop();
`,
        put: `    this.clear();
`,
      },
    ],
  },
  {
    id: 'clear-stops-at-a-gap',
    mistake: 'clear stops at the first slot of the root that is empty.',
    rule: 'PT-14',
    check: 'pt-clear',
    edits: [
      {
        file: 'page-table.ts',
        find: `      if (pml4e.pa() === null) continue;
`,
        put: `      if (pml4e.pa() === null) break;
`,
      },
    ],
  },
  {
    id: 'clear-stops-at-a-gap-below',
    mistake: 'clear stops looking through a directory at its first empty entry.',
    rule: 'PT-14',
    check: 'pt-clear',
    edits: [
      {
        file: 'page-table.ts',
        find: `          if (pde.pa() === null) continue;
`,
        put: `          if (pde.pa() === null) break;
`,
      },
    ],
  },
  {
    id: 'drop-without-clear',
    mistake: 'drop frees the root only.',
    rule: 'PT-14',
    check: 'pt-clear',
    edits: [
      {
        file: 'page-table.ts',
        find: `    this.clear();
    this.root.drop();
`,
        put: `    this.root.drop();
`,
      },
    ],
  },
  {
    id: 'clear-releases-a-frame-once',
    mistake: 'clear releases a frame once, although several entries lead to it.',
    rule: 'PT-14',
    check: 'pt-shared-frame',
    source: 'bug-finding scenario 75',
    edits: [
      {
        file: 'page-table.ts',
        find: `  clear(): void {
    for (let i`,
        put: `  clear(): void {
    const released = new Set<bigint>();
    for (let i`,
      },
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: `          for (const pte of pde.intoPt()) {
            const pa = pte.pa();
            if (pa === null) continue;
            if (released.has(pa)) pte.clear();
            else release(pte);
            released.add(pa);
          }
`,
      },
    ],
  },
];
