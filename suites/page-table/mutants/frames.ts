/** Frames that are lost or released twice. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'failed-map-keeps-page',
    mistake: 'A failed map does not release the page that it was given.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `      Page.fromPa(pa).drop();
      throw error;`,
        put: `      throw error;`,
      },
    ],
  },
  {
    id: 'do-map-releases-on-error',
    mistake: 'doMap releases the page of an address that is mapped already, and so does map.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null) {
      Page.fromPa(pa).drop();
      throw PageTableMappingError.Duplicated;
    }
`,
      },
    ],
  },
  {
    id: 'map-keeps-a-clone',
    mistake: 'map keeps a clone of every page in a list.',
    rule: 'PT-15',
    check: 'pt-ownership',
    source: 'contract F8',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = page.intoRaw();
    try {`,
        put: `    this.pages.push(page.clone());
    const pa = page.intoRaw();
    try {`,
      },
      {
        file: 'page-table.ts',
        find: `  readonly root: PageTableRoot;
`,
        put: `  readonly root: PageTableRoot;
  readonly pages: Page[] = [];
`,
      },
    ],
  },
  {
    id: 'tables-stay-owned-by-handles',
    mistake:
      'The address of a new table is put into the entry, but the Page goes on owning the frame.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `entry.setPa(table.intoRaw())`,
        put: `entry.setPa(table.pa())`,
      },
    ],
  },
  {
    id: 'map-allocates-in-advance',
    mistake: 'doMap takes three frames for tables every time and forgets those it does not need.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    const spare = allocate(3);
`,
      },
    ],
  },
  {
    id: 'failed-map-loses-tables',
    mistake: 'doMap makes the tables before it looks at the permission, and forgets them.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `    const pml4e = withTable`,
        put: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    const pml4e = withTable`,
      },
    ],
  },
  {
    id: 'drop-keeps-the-root',
    mistake: 'drop clears the table, but does not free the root.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
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
    id: 'set-page-keeps-handle',
    mistake:
      'Walked.setPage puts the address into the entry, but the Page goes on owning the frame.',
    rule: 'PT-15',
    check: 'pt-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `this.pte.setPa(page.intoRaw()).setFlags(flags)`,
        put: `this.pte.setPa(page.pa()).setFlags(flags)`,
      },
    ],
  },
];
