/** Mistakes in taking an address apart. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'pdpt-shift-29',
    mistake: 'The PDPT index is taken from bit 29 on instead of bit 30.',
    rule: 'PT-1',
    check: 'pt-indices',
    source: 'contract I2',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), index(29n), index(21n), index(12n));`,
      },
    ],
  },
  {
    id: 'pt-shift-11',
    mistake: 'The PT index is taken from bit 11 on: the lowest bit of every index is lost.',
    rule: 'PT-1',
    check: 'pt-indices',
    source: 'contract I4',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), index(30n), index(21n), index(11n));`,
      },
    ],
  },
  {
    id: 'pd-mask-eight-bits',
    mistake: 'The PD index has eight bits instead of nine.',
    rule: 'PT-1',
    check: 'pt-indices',
    source: 'contract I7',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), index(30n), index(21n) & 0xff, index(12n));`,
      },
    ],
  },
  {
    id: 'pdpt-mask-eight-bits',
    mistake: 'The PDPT index has eight bits instead of nine.',
    rule: 'PT-1',
    check: 'pt-indices',
    source: 'contract I8',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), index(30n) & 0xff, index(21n), index(12n));`,
      },
    ],
  },
  {
    id: 'pdpt-without-mask',
    mistake: 'The PDPT index is not masked, so it holds the bits above it, too.',
    rule: 'PT-1',
    check: 'pt-indices',
    source: 'contract I9',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), Number(va >> 30n), index(21n), index(12n));`,
      },
    ],
  },
  {
    id: 'pml4-mask-eight-bits',
    mistake: 'The PML4 index is cut to the user half: kernel addresses get indices below 256.',
    rule: 'PT-1',
    check: 'pt-indices-kernel',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n) & 0xff, index(30n), index(21n), index(12n));`,
      },
    ],
  },
  {
    id: 'pd-and-pt-swapped',
    mistake: 'The indices of the last two levels are handed over in the wrong order.',
    rule: 'PT-1',
    check: 'pt-indices',
    edits: [
      {
        file: 'page-table.ts',
        find: `return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));`,
        put: `return new PtIndices(va, index(39n), index(30n), index(12n), index(21n));`,
      },
    ],
  },
  {
    id: 'shifts-in-32-bits',
    mistake: 'The address becomes a number first, and shifts of numbers have only 32 bits.',
    rule: 'PT-1',
    check: 'pt-indices',
    edits: [
      {
        file: 'page-table.ts',
        find: `const index = (shift: bigint) => Number((va >> shift) & 0x1ffn);`,
        put: `const index = (shift: bigint) => (Number(va) >> Number(shift)) & 0x1ff;`,
      },
    ],
  },
  {
    id: 'mask-0x1fe',
    mistake: 'The mask is 510 instead of 511: odd and even pages share an entry.',
    rule: 'PT-1',
    check: 'pt-indices',
    edits: [
      { file: 'page-table.ts', find: `(va >> shift) & 0x1ffn`, put: `(va >> shift) & 0x1fen` },
    ],
  },
  {
    id: 'kernel-addresses-refused',
    mistake: 'fromVa refuses addresses of the kernel half.',
    rule: 'PT-1',
    check: 'pt-indices-kernel',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;
`,
        put: `    if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;
    if (va >= 0x8000_0000_0000n) throw PageTableMappingError.NotExist;
`,
      },
    ],
  },
  {
    id: 'unaligned-rounded-down',
    mistake: 'An unaligned address is rounded down instead of refused.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    source: 'contract I12',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;
`,
        put: `    va = Va.pageDown(va);
`,
      },
    ],
  },
  {
    id: 'alignment-of-256',
    mistake: 'Only the lowest eight bits are looked at when an address is checked for alignment.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    edits: [
      {
        file: 'page-table.ts',
        find: `if (Va.offset(va) !== 0n) throw`,
        put: `if ((va & 0xffn) !== 0n) throw`,
      },
    ],
  },
  {
    id: 'unaligned-is-not-exist',
    mistake: 'An unaligned address is refused with NotExist.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    edits: [
      {
        file: 'page-table.ts',
        find: `if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;`,
        put: `if (Va.offset(va) !== 0n) throw PageTableMappingError.NotExist;`,
      },
    ],
  },
];
