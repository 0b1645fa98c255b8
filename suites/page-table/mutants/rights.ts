/** Mistakes in the rights of leaves and of the tables above them. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'leaf-always-writable',
    mistake: 'Every leaf gets RW.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    source: 'contract P1',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
`,
        put: `  flags |= PteFlags.RW;
`,
      },
    ],
  },
  {
    id: 'leaf-always-user',
    mistake: 'Every leaf gets US.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    source: 'contract P2',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.USER)) flags |= PteFlags.US;
`,
        put: `  flags |= PteFlags.US;
`,
      },
    ],
  },
  {
    id: 'leaf-never-user',
    mistake: 'No leaf gets US.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    source: 'contract P3',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.USER)) flags |= PteFlags.US;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'leaf-never-writable',
    mistake: 'No leaf gets RW.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'xd-inverted',
    mistake: 'XD is set on what may be executed.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    source: 'contract P4',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (!contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.XD;
`,
        put: `  if (contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.XD;
`,
      },
    ],
  },
  {
    id: 'xd-forgotten',
    mistake: 'XD is never set: everything can be executed.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (!contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.XD;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'xd-in-bit-62',
    mistake: 'XD is put into bit 62.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [{ file: 'page-table.ts', find: `flags |= PteFlags.XD;`, put: `flags |= 1n << 62n;` }],
  },
  {
    id: 'execute-taken-for-write',
    mistake: 'RW depends on EXECUTABLE.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
`,
        put: `  if (contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.RW;
`,
      },
    ],
  },
  {
    id: 'permission-bits-as-flags',
    mistake: 'The permission is put into the entry as it is: its bits are not those of an entry.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `    pte.setPa(pa).setFlags(leafFlags(perm));`,
        put: `    pte.setPa(pa).setFlags(PteFlags.P | (perm & ~Permission.READ) as PteFlags);`,
      },
    ],
  },
  {
    id: 'leaf-accessed-in-advance',
    mistake: 'The leaf is made with the accessed flag set.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `  let flags = PteFlags.P;
`,
        put: `  let flags = PteFlags.P | PteFlags.A;
`,
      },
    ],
  },
  {
    id: 'leaf-dirty-if-writable',
    mistake: 'A writable leaf is made with the dirty flag set.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    edits: [
      {
        file: 'page-table.ts',
        find: `  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
`,
        put: `  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW | PteFlags.D;
`,
      },
    ],
  },
  {
    id: 'tables-take-rights-of-first-page',
    mistake: 'A table entry gets the rights of the first page below it.',
    rule: 'PT-7',
    check: 'pt-weaker-first',
    source: 'contract P8',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {`,
        put: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[], leaf: PteFlags): E {`,
      },
      {
        file: 'page-table.ts',
        find: `entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS);`,
        put: `entry.setPa(table.intoRaw()).setFlags(leaf);`,
      },
    ],
  },
  {
    id: 'tables-collect-flags',
    mistake: 'The flags of every leaf are added to the tables above it, XD too.',
    rule: 'PT-7',
    check: 'pt-weaker-first',
    source: 'contract P10',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {`,
        put: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[], leaf: PteFlags): E {`,
      },
      {
        file: 'page-table.ts',
        find: `  return entry;
}`,
        put: `  entry.setFlags(entry.flags() | leaf);
  return entry;
}`,
      },
    ],
  },
  {
    id: 'tables-take-rights-of-last-page',
    mistake: 'Every mapping sets the rights of the tables above it to its own.',
    rule: 'PT-7',
    check: 'pt-weaker-first',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {`,
        put: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[], leaf: PteFlags): E {`,
      },
      {
        file: 'page-table.ts',
        find: `  return entry;
}`,
        put: `  entry.setFlags(leaf);
  return entry;
}`,
      },
    ],
  },
  {
    id: 'tables-never-user',
    mistake: 'Table entries have no US: user code can use nothing.',
    rule: 'PT-7',
    check: 'pt-access-rwx',
    source: 'contract P11',
    edits: [
      {
        file: 'page-table.ts',
        find: `const TABLE_FLAGS = PteFlags.P | PteFlags.RW | PteFlags.US;`,
        put: `const TABLE_FLAGS = PteFlags.P | PteFlags.RW;`,
      },
    ],
  },
  {
    id: 'tables-user-if-first-page-is',
    mistake: 'A table entry gets US only if the page it was made for has USER.',
    rule: 'PT-7',
    check: 'pt-weaker-first',
    source: 'contract P12',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {`,
        put: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[], leaf: PteFlags): E {`,
      },
      {
        file: 'page-table.ts',
        find: `entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS);`,
        put: `entry.setPa(table.intoRaw()).setFlags(PteFlags.P | PteFlags.RW | (leaf & PteFlags.US));`,
      },
    ],
  },
  {
    id: 'tables-never-writable',
    mistake: 'Table entries have no RW: nothing can be written.',
    rule: 'PT-7',
    check: 'pt-access-rwx',
    source: 'contract P13',
    edits: [
      {
        file: 'page-table.ts',
        find: `const TABLE_FLAGS = PteFlags.P | PteFlags.RW | PteFlags.US;`,
        put: `const TABLE_FLAGS = PteFlags.P | PteFlags.US;`,
      },
    ],
  },
  {
    id: 'tables-xd-if-first-page-is',
    mistake: 'A table entry gets XD if the page it was made for may not be executed.',
    rule: 'PT-7',
    check: 'pt-weaker-first',
    source: 'contract P14',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare)`,
        put: `withTable(pml4e.intoPdpMut().at(indices.pdptei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `withTable(pdpe.intoPdMut().at(indices.pdei), spare)`,
        put: `withTable(pdpe.intoPdMut().at(indices.pdei), spare, leafFlags(perm))`,
      },
      {
        file: 'page-table.ts',
        find: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {`,
        put: `function withTable<E extends Entry<bigint>>(entry: E, spare: Page[], leaf: PteFlags): E {`,
      },
      {
        file: 'page-table.ts',
        find: `entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS);`,
        put: `entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS | (leaf & PteFlags.XD));`,
      },
    ],
  },
  {
    id: 'one-level-read-only',
    mistake: 'The entries of the PDPT lack RW, those of the other levels have it.',
    rule: 'PT-7',
    check: 'pt-access-rwx',
    source: 'contract P16',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pde = withTable(pdpe`,
        put: `    pdpe.setFlags(PteFlags.P | PteFlags.US);
    const pde = withTable(pdpe`,
      },
    ],
  },
];
