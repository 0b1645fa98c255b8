/** Mistakes in doMap: what is refused, and where the page goes. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'map-overwrites',
    mistake: 'An address that is mapped already is mapped over: nothing looks at the leaf first.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    source: 'contract M1',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'addresses-of-32-bits',
    mistake: 'doMap cuts the address of the frame to 32 bits.',
    rule: 'PT-3',
    check: 'pt-high-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: 'pte.setPa(pa)',
        put: 'pte.setPa((pa & 0xffff_ffffn) as Pa)',
      },
    ],
  },
  {
    id: 'duplicated-is-not-exist',
    mistake: 'An address that is mapped already is refused with NotExist.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    source: 'contract M12',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null) throw PageTableMappingError.NotExist;
`,
      },
    ],
  },
  {
    id: 'duplicate-changes-rights',
    mistake: 'A second mapping is refused, but the first one has got its rights by then.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null) {
      pte.setFlags(leafFlags(perm));
      throw PageTableMappingError.Duplicated;
    }
`,
      },
    ],
  },
  {
    id: 'duplicate-ignored',
    mistake: 'Mapping an address twice succeeds and does nothing; the second page is lost.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null) return;
`,
      },
    ],
  },
  {
    id: 'same-rights-no-duplicate',
    mistake: 'A second mapping with the same rights counts as done already.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null && pte.flags() === leafFlags(perm)) return;
    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
      },
    ],
  },
  {
    id: 'only-empty-permission-refused',
    mistake: 'Only the empty permission is refused; WRITE, EXECUTABLE or USER alone are taken.',
    rule: 'PT-5',
    check: 'pt-no-read',
    source: 'contract M5',
    edits: [
      {
        file: 'page-table.ts',
        find: `if (!contains(perm, Permission.READ))`,
        put: `if (perm === 0n)`,
      },
    ],
  },
  {
    id: 'write-implies-read',
    mistake: 'WRITE without READ is taken as if READ had been asked for.',
    rule: 'PT-5',
    check: 'pt-no-read',
    source: 'contract M6',
    edits: [
      {
        file: 'page-table.ts',
        find: `if (!contains(perm, Permission.READ))`,
        put: `if (!contains(perm, Permission.READ) && !contains(perm, Permission.WRITE))`,
      },
    ],
  },
  {
    id: 'permission-not-checked',
    mistake: 'The permission is not looked at: a page without READ is mapped like any other.',
    rule: 'PT-5',
    check: 'pt-no-read',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'duplicated-before-permission',
    mistake:
      'READ is asked for only after the leaf was found free, so a mapped address says Duplicated first.',
    rule: 'PT-5',
    check: 'pt-no-read',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
`,
        put: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
      },
    ],
  },
  {
    id: 'permission-checked-last',
    mistake: 'READ is asked for after the entry has been written.',
    rule: 'PT-5',
    check: 'pt-no-read',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `    pte.setPa(pa).setFlags(leafFlags(perm));
`,
        put: `    pte.setPa(pa).setFlags(leafFlags(perm));
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
      },
    ],
  },
  {
    id: 'invalid-permission-is-not-exist',
    mistake: 'A permission without READ is refused with the wrong error.',
    rule: 'PT-5',
    check: 'pt-no-read',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.NotExist;
`,
      },
    ],
  },
  {
    id: 'write-and-execute-refused',
    mistake: 'WRITE together with EXECUTABLE is refused.',
    rule: 'PT-4',
    check: 'pt-leaf-rights',
    source: 'contract M7',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
`,
        put: `    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    if (contains(perm, Permission.WRITE | Permission.EXECUTABLE)) throw PageTableMappingError.InvalidPermission;
`,
      },
    ],
  },
  {
    id: 'fresh-table-every-time',
    mistake:
      'A new page table is installed although the directory has one: its other pages are gone.',
    rule: 'PT-3',
    check: 'pt-map-far-apart',
    source: 'contract M10',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pte = pde.intoPtMut().at(indices.ptei);
`,
        put: `    pde.setPa(Page.new().intoRaw());
    const pte = pde.intoPtMut().at(indices.ptei);
`,
      },
    ],
  },
  {
    id: 'physical-address-not-checked',
    mistake:
      'The entry is put together by hand, and nobody looks whether the physical address is aligned.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    source: 'contract M14',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (Pa.offset(pa) !== 0n) throw PageTableMappingError.Unaligned;
`,
        put: ``,
      },
      {
        file: 'page-table.ts',
        find: `    pte.setPa(pa).setFlags(leafFlags(perm));
`,
        put: `    pte.word = pa | leafFlags(perm);
`,
      },
    ],
  },
  {
    id: 'leaf-not-present',
    mistake: 'The flags of the leaf are set without P, which makes it absent again.',
    rule: 'PT-3',
    check: 'pt-map-walk',
    edits: [
      {
        file: 'page-table.ts',
        find: `  let flags = PteFlags.P;
`,
        put: `  let flags = PteFlags.P & 0n;
`,
      },
    ],
  },
  {
    id: 'xd-from-a-number',
    mistake: 'XD is made by shifting a number, which has only 32 bits.',
    rule: 'PT-3',
    check: 'pt-map-walk',
    source: 'contract P17',
    edits: [
      {
        file: 'page-table.ts',
        find: `flags |= PteFlags.XD;`,
        put: `flags |= BigInt((1 << 63) >>> 0);`,
      },
    ],
  },
  {
    id: 'top-slot-wraps',
    mistake: 'The last slot of user space is taken for the first.',
    rule: 'PT-3',
    check: 'pt-map-far-apart',
    edits: [
      {
        file: 'page-table.ts',
        find: `withTable(this.root.indexMut(indices.pml4ei), spare)`,
        put: `withTable(this.root.indexMut(indices.pml4ei % 255), spare)`,
      },
      {
        file: 'page-table.ts',
        find: `    const pml4e = this.root.at(indices.pml4ei);
`,
        put: `    const pml4e = this.root.at(indices.pml4ei % 255);
`,
      },
    ],
  },
  {
    id: 'walk-mixes-levels',
    mistake:
      'walk looks into the page directory with the index of the page table, and the other way round.',
    rule: 'PT-3',
    check: 'pt-map-walk',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pte = pd.at(pdei).intoPt().at(ptei);
    if (pte.pa() === null)`,
        put: `    const pte = pd.at(ptei).intoPt().at(pdei);
    if (pte.pa() === null)`,
      },
    ],
  },
  {
    id: 'physical-addresses-of-36-bits',
    mistake: 'The mask for the address of a leaf has one digit too few: 0xf_ffff_f000.',
    rule: 'PT-3',
    check: 'pt-highest-memory',
    edits: [
      {
        file: 'page-table.ts',
        find: `    pte.setPa(pa).setFlags(leafFlags(perm));`,
        put: `    pte.setPa((pa & 0xf_ffff_f000n) as Pa).setFlags(leafFlags(perm));`,
      },
    ],
  },
];
