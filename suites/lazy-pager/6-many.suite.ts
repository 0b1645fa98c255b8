/** Large numbers: long regions, many regions, high bits. What is right for a few must be right for many. */
import { processProgram, scenario, singleBits } from '../../harness/index.ts';

/** As many frames as they need, said so that enumerations leave these programs out: failures in them would show nothing that short ones do not. */
const MANY = { frames: 1024 };

describe('large numbers', () => {
  scenario(
    {
      id: 'lp-many-overlaps',
      title: 'refuses what overlaps any of many regions',
      rule: 'LP-3',
      points: 0,
      requires: ['lp-mmap-overlap', 'lp-many-regions'],
      rationale: 'Twenty-four regions, and then a range for each that overlaps only this one.',
      hint: 'Compare with all regions, however many there are.',
    },
    processProgram((p) => {
      p.spawn();
      const starts = Array.from({ length: 24 }, (_, i) => 0x10_0000 + i * 0x4000);
      for (const start of starts) p.mmap(start, 0x2000, 'rwu');
      for (const start of starts) p.mmap(start - 0x1000, 0x2000, 'rwu');
    }, MANY),
  );

  scenario(
    {
      id: 'lp-long-file',
      title: 'shows every block of a long file',
      rule: 'LP-7',
      points: 0,
      requires: ['lp-file-bytes'],
      rationale:
        'A file of 40 blocks, mapped from its start, and reads that cross from one page into the next.',
      hint: 'What is different about a late page, or about the load of it? Page i shows block i, whatever was loaded before.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(0x2_8000);
      p.mmap(0x20_0000, 0x2_8000, 'ru', { file: 'file' });
      for (let va = 0x20_0ff8; va < 0x22_8000; va += 0x2000) p.read(va, 'alice', { length: 16 });
    }, MANY),
  );

  scenario(
    {
      id: 'lp-munmap-long',
      title: 'removes every page of a long region',
      rule: 'LP-14',
      points: 0,
      requires: ['lp-munmap'],
      rationale:
        'A region of 80 pages, all of them loaded, is unmapped; afterwards the last one must be gone, too.',
      hint: 'Unmap every page that is loaded, however many there are.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x5_0000, 'rwu');
      p.write(0x20_0000, 1, 'alice', { length: 0x5_0000 });
      p.munmap(0x20_0000);
      p.read(0x24_f000);
    }, MANY),
  );
});

describe('high bits', () => {
  scenario(
    {
      id: 'lp-offset-bits',
      title: 'shows zeros at an offset that is past the end by any of its bits',
      rule: 'LP-8',
      points: 0,
      requires: ['lp-file-tail'],
      rationale:
        'A file of two blocks, mapped from its second one and 2^33, 2^34, … or 2^52 bytes further.',
      hint: 'An offset has 64 bits, and the number of its block up to 52. Cut neither.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(2 * 4096);
      for (const [i, bit] of singleBits(33, 52).entries()) {
        const addr = 0xa000 + i * 0x1000;
        p.mmap(addr, 0x1000, 'ru', { file: 'file', offset: 0x1000n + bit });
        p.read(addr, 'alice', { length: 16 });
      }
    }, MANY),
  );

  scenario(
    {
      id: 'lp-munmap-bits',
      title: 'refuses to unmap an address that differs from a start in upper bits only',
      rule: 'LP-15',
      points: 0,
      requires: ['lp-munmap-refuses'],
      rationale:
        'The start of a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is; and with bits 47 to 63 set, in the kernel half.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      for (const bit of singleBits(16, 46)) p.munmap(0xa000n + bit);
      p.munmap(0xffff_8000_0000_a000n);
      p.read(0xa000);
    }, MANY),
  );

  scenario(
    {
      id: 'lp-outside-bits',
      title: 'loads nothing at an address that differs from a mapped one in one bit',
      rule: 'LP-9',
      points: 0,
      requires: ['lp-outside'],
      rationale:
        'Reads of an address in a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      for (const bit of singleBits(16, 46)) p.read(0xb008n + bit);
    }, MANY),
  );

  scenario(
    {
      id: 'lp-user-page-bits',
      title: 'finds no page for an address that differs from a mapped one in upper bits only',
      rule: 'LP-19',
      points: 0,
      requires: ['lp-get-user-page', 'lp-outside-bits'],
      rationale:
        'An address in a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is; and with bits 47 to 63 set, in the kernel half.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xb008, 1);
      for (const bit of singleBits(16, 46)) p.getUserPage(0xb008n + bit);
      p.getUserPage(0xffff_8000_0000_b008n);
    }, MANY),
  );

  scenario(
    {
      id: 'lp-access-bits',
      title: 'allows no access at an address that differs from a mapped one in one bit',
      rule: 'LP-20',
      points: 0,
      requires: ['lp-access-ok', 'lp-outside-bits'],
      rationale: 'An address in a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      for (const bit of singleBits(16, 46)) p.accessOk(0xb008n + bit, true);
    }, MANY),
  );

  scenario(
    {
      id: 'lp-kernel-bits',
      title: 'refuses kernel addresses that differ from mapped ones in upper bits only',
      rule: 'LP-24',
      points: 0,
      requires: ['lp-kernel-address', 'lp-access-bits', 'lp-outside-bits'],
      rationale:
        'accessOk, and faults, at the start of two regions and at an address in the middle of each, with bits 47 to 63 set.',
      hint: 'Compare whole addresses: the lower 47 bits are the same in both halves.',
    },
    processProgram((p) => {
      p.spawn();
      for (const start of [0xa000n, 0x7fff_4746_0000n]) {
        p.mmap(start, 0x2000, 'rwu');
        for (const at of [start, start + 0x1008n]) {
          const alias = at | 0xffff_8000_0000_0000n;
          p.accessOk(alias, false);
          p.accessOk(alias, true);
          p.read(alias);
          p.write(alias, 1);
        }
        p.write(start, 1);
      }
    }, MANY),
  );
});
