/** Indices, mapping, and what must be refused. */
import { scenario, tableProgram } from '../../harness/index.ts';

describe('mapping', () => {
  scenario(
    {
      id: 'pt-indices',
      title: 'splits addresses into their four indices',
      rule: 'PT-1',
      points: 1.5,
      rationale: 'Shifts and masks, at user addresses where each index is 0, 511, and one apart.',
      hint: 'Each index is nine bits wide: shift the address right by 39, 30, 21 or 12 and keep nine bits. The result is a number, so convert with Number(...).',
    },
    tableProgram((p) => {
      for (const va of [
        0n,
        0x1000n,
        0x1f_f000n,
        0x20_0000n,
        0x3fff_f000n,
        0x4000_0000n,
        0x4747_f000n,
        0xdead_0000n,
      ])
        p.indices(va);
      for (const va of [0x7f_ffff_f000n, 0x80_0000_0000n, 0x7fff_4746_0000n, 0x7fff_ffff_f000n])
        p.indices(va);
      p.indices(0x5a55_aa55_5000n);
    }),
  );

  scenario(
    {
      id: 'pt-indices-kernel',
      title: 'splits kernel addresses into their four indices',
      rule: 'PT-1',
      points: 0.5,
      rationale: 'Bit 47 and all bits above it are set: the PML4 index is from 256 to 511.',
      hint: 'Mask after the shift: the bits above 47 must not reach the PML4 index, and bit 47 must.',
    },
    tableProgram((p) => {
      for (const va of [
        0xffff_8000_0000_0000n,
        0xffff_ff00_0090_0000n,
        0xffff_aa55_5aa5_5000n,
        0xffff_ffff_ffff_f000n,
      ])
        p.indices(va);
    }),
  );

  scenario(
    {
      id: 'pt-map-walk',
      title: 'finds a mapped page',
      rule: 'PT-3',
      points: 2.5,
      rationale: 'The smallest program there is: map one page, look it up.',
      hint: 'Go through the four levels by the indices; where an entry is not present, allocate a table with Page.new(), put its address there with setPa and add P, RW and US.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'r');
      p.walk(0x1000);
    }),
  );

  scenario(
    {
      id: 'pt-map-far-apart',
      title: 'finds pages whose addresses differ in one index each',
      rule: 'PT-3',
      points: 1.5,
      requires: ['pt-indices', 'pt-map-walk'],
      rationale:
        'Each level must use its own index, also above 255 and in the last slot of user space.',
      hint: 'Compare the indices your code uses with PtIndices.fromVa: is each level using its own?',
    },
    tableProgram((p) => {
      p.table('table', false);
      for (const va of [
        0xff_ffff_f000, 0xff_ffff_e000, 0xff_ffdf_f000, 0xff_bfff_f000, 0x7f_ffff_f000,
      ])
        p.map(va, 'rx');
      for (const va of [0x7fff_4746_0000, 0x7fff_ffff_f000, 0x1000]) p.map(va, 'rwu');
      for (const va of [
        0xff_ffff_f000, 0xff_ffff_e000, 0xff_ffdf_f000, 0xff_bfff_f000, 0x7f_ffff_f000,
      ])
        p.walk(va);
    }),
  );

  scenario(
    {
      id: 'pt-leaf-rights',
      title: 'gives a leaf exactly the rights asked for',
      rule: 'PT-4',
      points: 2,
      requires: ['pt-map-walk'],
      rationale:
        'All eight permissions with READ, flag for flag, before any processor has used the entry.',
      hint: 'P always; RW for WRITE; US for USER; XD when EXECUTABLE is missing. setFlags replaces all flags, so pass them together.',
    },
    tableProgram((p) => {
      p.table();
      for (let perm = 0; perm < 8; perm++) {
        const va = 0x40_0000 + perm * 0x1000;
        p.map(va, perm * 2 + 1);
        p.walk(va);
      }
    }),
  );

  scenario(
    {
      id: 'pt-no-read',
      title: 'refuses every permission without READ',
      rule: 'PT-5',
      points: 1,
      requires: ['pt-map-walk'],
      rationale:
        'Eight permissions, on a fresh address and on a mapped one; nothing may be installed.',
      hint: 'Test for READ before anything is allocated or looked up.',
    },
    tableProgram((p) => {
      p.table();
      for (let perm = 0; perm < 16; perm += 2) p.map(0x1000, perm);
      p.walk(0x1000);
      p.map(0x2000, 'r');
      p.map(0x2000, 'w');
      p.walk(0x2000);
    }),
  );

  scenario(
    {
      id: 'pt-duplicated',
      title: 'refuses to map an address twice',
      rule: 'PT-6',
      points: 1.5,
      requires: ['pt-map-walk'],
      rationale:
        'The second mapping must fail also with the same page rights, and leave the first alone.',
      hint: 'Look at the leaf entry before writing it: if it is present, throw Duplicated.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x123_4000, 'r');
      p.map(0x123_4000, 'r');
      p.map(0x123_4000, 'rwxu');
      p.walk(0x123_4000);
    }),
  );

  scenario(
    {
      id: 'pt-unaligned',
      title: 'refuses unaligned addresses everywhere',
      rule: 'PT-2',
      points: 1,
      rationale:
        'Every method, for the virtual and the physical address, on an empty and on a filled table.',
      hint: 'fromVa throws Unaligned; call it first in every method. doMap has a physical address to look at as well (setPa checks it for you).',
    },
    tableProgram((p) => {
      p.table();
      p.indices(0x1001);
      p.walk(0x1fff);
      p.unmap(0x1008);
      p.map(0x123_4123, 'r');
      p.map(0x123_4000, 'r');
      p.map(0x123_4001, 'r');
      p.walkMut(0x123_4010);
      p.unmap(0x123_4800);
      p.doMap(0x123_5000, 'r', 0x800);
      p.walk(0x123_5000);
      p.walk(0x123_4000);
    }),
  );

  scenario(
    {
      id: 'pt-absent',
      title: 'says NotExist for what is not mapped',
      rule: 'PT-10',
      points: 1,
      rationale: 'An empty table, a missing table at each level, and a leaf that is not present.',
      hint: 'intoPdp, intoPd and intoPt throw NotExist for you; a leaf that is not present you have to look at yourself.',
    },
    tableProgram((p) => {
      p.table();
      p.walk(0x1000);
      p.walkMut(0x1000);
      p.unmap(0x1000);
      p.map(0x1000, 'r');
      for (const va of [0x2000, 0x20_0000, 0x4000_0000, 0x80_0000_0000]) {
        p.walk(va);
        p.walkMut(va);
        p.unmap(va);
      }
      p.walk(0x1000);
    }),
  );
});
