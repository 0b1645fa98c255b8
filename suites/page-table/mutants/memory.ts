/** Mistakes that show when frames run short. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'shortage-leaks-tables',
    mistake: 'When the second or third table cannot be had, those before it are forgotten.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: leak table on failure',
    edits: [
      {
        file: 'page-table.ts',
        find: `    for (const page of pages) page.drop();
    throw error;
`,
        put: `    throw error;
`,
      },
    ],
  },
  {
    id: 'shortage-returns-ok',
    mistake: 'doMap catches the shortage and returns as if the page were mapped.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: error swallowed',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch {
      return;
    }
`,
      },
    ],
  },
  {
    id: 'shortage-is-not-exist',
    mistake: 'doMap turns a shortage into PageTableMappingError.NotExist.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: wrong error code',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch {
      throw PageTableMappingError.NotExist;
    }
`,
      },
    ],
  },
  {
    id: 'shortage-releases-page',
    mistake: 'doMap releases the page on a shortage, and so does map.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: double free',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch (error) {
      Page.fromPa(pa).drop();
      throw error;
    }
`,
      },
    ],
  },
  {
    id: 'shortage-remembered',
    mistake: 'After a shortage the page table refuses every mapping that needs a table.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    if (this.isFull) throw KernelError.NoMemory;
    this.isFull = true;
    const spare = allocate(this.#missingTables(indices));
    this.isFull = false;
`,
      },
      {
        file: 'page-table.ts',
        find: `  readonly root: PageTableRoot;
`,
        put: `  readonly root: PageTableRoot;
  private isFull = false;
`,
      },
      {
        file: 'page-table.ts',
        find: `  contains,
  Page,`,
        put: `  contains,
  KernelError,
  Page,`,
      },
    ],
  },
  {
    id: 'rollback-leaves-entry',
    mistake:
      'On a shortage the tables made so far are freed, but the root still points to the first.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: frame freed but entry left',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `    const pml4e = withTable(this.root.indexMut(indices.pml4ei), spare);
`,
        put: `    const missing = this.#missingTables(indices);
    const slot = this.root.indexMut(indices.pml4ei);
    const pml4e = withTable(slot, missing > 2 ? [Page.new()] : []);
    let spare: Page[];
    try {
      spare = allocate(Math.min(missing, 2));
    } catch (error) {
      if (missing > 2) Page.fromPa(slot.pa()!).drop();
      throw error;
    }
`,
      },
    ],
  },
  {
    id: 'rollback-clears-the-slot',
    mistake:
      'On a shortage the whole slot of the root is emptied, with what was mapped below it before.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch (error) {
      this.root.indexMut(indices.pml4ei).clear();
      throw error;
    }
`,
      },
    ],
  },
  {
    id: 'rollback-clears-everything',
    mistake: 'On a shortage the page table is cleared to make room.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch (error) {
      this.clear();
      throw error;
    }
`,
      },
    ],
  },
  {
    id: 'shortage-retried-forever',
    mistake: 'doMap tries again until there is a frame.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    source: 'bug-finding 5.4: retries forever',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[] | null = null;
    while (spare === null) {
      const got = attempt(() => allocate(this.#missingTables(indices)));
      if (got.ok) spare = got.value;
    }
`,
      },
      {
        file: 'page-table.ts',
        find: `  contains,
  Page,`,
        put: `  attempt,
  contains,
  Page,`,
      },
    ],
  },
  {
    id: 'leaf-before-tables',
    mistake: 'A shortage leaves a table entry that says present and leads to address 0.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {
  if (entry.pa() === null) {
    const table = spare.pop();
    if (table === undefined) throw new Error('doMap counted the missing tables wrongly');
    entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS);`,
        put: `function withTable<E extends Entry<bigint>>(entry: E): E {
  if (entry.pa() === null) {
    entry.word = TABLE_FLAGS;
    entry.setPa(Page.new().intoRaw());`,
      },
    ],
  },
  {
    id: 'shortage-kills-the-table',
    mistake: 'On a shortage the emptied path is freed level by level, one level too far up.',
    rule: 'PT-17',
    check: 'pt-out-of-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const spare = allocate(this.#missingTables(indices));
`,
        put: `    let spare: Page[];
    try {
      spare = allocate(this.#missingTables(indices));
    } catch (error) {
      const pml4e = this.root.indexMut(indices.pml4ei);
      if (pml4e.pa() !== null) release(pml4e);
      throw error;
    }
`,
      },
    ],
  },
  {
    id: 'empty-tables-kept-for-clear',
    mistake: 'A table that unmap has emptied is taken out, and released by clear only.',
    rule: 'PT-15',
    check: 'pt-little-memory-unmap',
    edits: [
      {
        file: 'page-table.ts',
        find: `  readonly root: PageTableRoot;

`,
        put: `  readonly root: PageTableRoot;
  readonly #retired: Page[] = [];

`,
      },
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    if ([...pde.intoPt()].every((pte) => pte.pa() === null)) {
      const table = pde.clear();
      if (table !== null) this.#retired.push(Page.fromPa(table));
    }
    return page;
`,
      },
      {
        file: 'page-table.ts',
        find: `  clear(): void {
`,
        put: `  clear(): void {
    for (const table of this.#retired.splice(0)) table.drop();
`,
      },
    ],
  },
];
