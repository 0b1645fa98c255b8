/** Large numbers: long regions, many regions, high descriptors, high bits. What is right for a few must be right for many. */
import { eagerProgram, scenario, singleBits } from '../../harness/index.ts';

/** As many frames as they need, said so that enumerations leave these programs out: failures in them would show nothing that short ones do not. */
const MANY = { frames: 1024 };

describe('large numbers', () => {
  scenario(
    {
      id: 'as-long-file',
      title: 'shows every block of a long file',
      rule: 'AS-6',
      points: 0,
      requires: ['as-file-bytes'],
      rationale:
        'A file of 40 blocks, mapped from its start, and reads that cross from one page into the next.',
      hint: 'What is different about a late page? Page i shows block i, whatever i is.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(0x2_8000);
      p.mmap(0x20_0000, 0x2_8000, 'ru', { file: 'file' });
      for (let va = 0x20_0ff8; va < 0x22_8000; va += 0x2000) p.read(va, 'alice', { length: 16 });
    }, MANY),
  );

  scenario(
    {
      id: 'as-munmap-long',
      title: 'removes every page of a long region',
      rule: 'AS-11',
      points: 0,
      requires: ['as-munmap'],
      rationale: 'A region of 80 pages is unmapped; afterwards the last one must be gone, too.',
      hint: 'Unmap from the start to the end of the region, however many pages there are in between.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x5_0000, 'rwu');
      p.munmap(0x20_0000);
      p.read(0x24_f000);
    }, MANY),
  );

  scenario(
    {
      id: 'as-frames-long',
      title: 'releases every frame of a long region',
      rule: 'AS-17',
      points: 0,
      requires: ['as-frames'],
      rationale: 'A region of 80 pages is unmapped, and the process exits: no frame may be in use.',
      hint: 'Each page that unmap() returns is yours to drop, not only the first few.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x5_0000, 'rwu');
      p.munmap(0x20_0000);
      p.exit();
    }, MANY),
  );

  scenario(
    {
      id: 'as-rollback-long',
      title: 'undoes a long mapping that fails near its end',
      rule: 'AS-19',
      points: 0,
      requires: ['as-out-of-memory'],
      rationale:
        'The sixtieth allocation of a mapping of 64 pages fails; nothing of it may be there, and a second try works.',
      hint: 'All the pages that were mapped before the failure have to go again.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x4_0000, 'rwu', {}, 'alice', {
        fault: { point: 'frame', nth: 60, mode: 'once' },
      });
      p.mmap(0x20_0000, 0x4_0000, 'rwu');
      p.write(0x23_f000);
    }, MANY),
  );

  scenario(
    {
      id: 'as-many-overlaps',
      title: 'refuses what overlaps any of many regions',
      rule: 'AS-3',
      points: 0,
      requires: ['as-mmap-overlap', 'as-many-regions'],
      rationale: 'Twenty-four regions, and then a range for each that overlaps only this one.',
      hint: 'Compare with all regions, however many there are.',
    },
    eagerProgram((p) => {
      p.spawn();
      const starts = Array.from({ length: 24 }, (_, i) => 0x10_0000 + i * 0x4000);
      for (const start of starts) p.mmap(start, 0x2000, 'rwu');
      for (const start of starts) p.mmap(start - 0x1000, 0x2000, 'rwu');
    }, MANY),
  );

  scenario(
    {
      id: 'as-high-descriptors',
      title: 'maps the files of high descriptors',
      rule: 'AS-26',
      points: 0,
      requires: ['as-mmap-call-file'],
      rationale:
        'Descriptors 67 and 255 beside 3 and 63: numbers that are the same if only a few of their bits are looked at.',
      hint: 'The descriptor is a C int: 32 bits of the register, all of them. files.get() knows which ones there are.',
    },
    eagerProgram((p) => {
      p.spawn();
      for (const [i, fd] of [3, 63, 67, 255].entries()) {
        const file = p.file(4096, `file${String(fd)}`, 20 * (i + 1));
        p.open(fd, { file });
        p.sysMmap({ addr: 0xa000 + i * 0x1000, prot: 1, fd });
      }
      p.read(0xa000, 'alice', { length: 0x4000 });
    }, MANY),
  );

  scenario(
    {
      id: 'as-range-long',
      title: 'asks for every page of a long range',
      rule: 'AS-22',
      points: 0,
      requires: ['as-range', 'as-range-refused'],
      rationale:
        'Ranges of 60 pages of which one is missing, and then there without WRITE: page 20, page 41 or the last one.',
      hint: 'Ask the pager for each page, however many there are, not for the first few or for every other one.',
    },
    eagerProgram((p) => {
      p.spawn();
      for (const [i, page] of [20, 41, 59].entries()) {
        const start = 0x20_0000 + i * 0x10_0000;
        const end = start + 60 * 0x1000;
        const odd = start + page * 0x1000;
        p.mmap(start, odd - start, 'rwu');
        if (odd + 0x1000 < end) p.mmap(odd + 0x1000, end - odd - 0x1000, 'rwu');
        p.accessRange(start, end, false);
        p.mmap(odd, 0x1000, 'ru');
        p.accessRange(start, end, false);
        p.accessRange(start, end, true);
      }
    }, MANY),
  );
});

describe('high bits', () => {
  scenario(
    {
      id: 'as-size-bits',
      title: 'refuses a size that is huge by any of its bits',
      rule: 'AS-2',
      points: 0,
      requires: ['as-mmap-bad-address'],
      rationale: 'One page and 2^47, 2^48, … or 2^63 bytes more.',
      hint: 'A size has 64 bits. Add and compare it as the bigint that it is.',
    },
    eagerProgram((p) => {
      p.spawn();
      for (const bit of singleBits(47, 63)) p.mmap(0xa000, 0x1000n + bit, 'rwu');
    }, MANY),
  );

  scenario(
    {
      id: 'as-offset-bits',
      title: 'shows zeros at an offset that is past the end by any of its bits',
      rule: 'AS-7',
      points: 0,
      requires: ['as-file-end'],
      rationale:
        'A file of two blocks, mapped from its second one and 2^33, 2^34, … or 2^52 bytes further.',
      hint: 'An offset has 64 bits, and the number of its block up to 52. Cut neither.',
    },
    eagerProgram((p) => {
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
      id: 'as-call-bits',
      title: 'hands size and offset on with all their bits',
      rule: 'AS-26',
      points: 0,
      requires: ['as-mmap-call-file', 'as-size-bits', 'as-offset-bits'],
      rationale:
        'By system call: a size of one page and 2^47, 2^48, … or 2^63 bytes more, which the pager refuses, and offsets that are past the end of a file by one bit.',
      hint: 'arg2 and arg5 go to the pager as they are: 64 bits.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(2 * 4096);
      p.open(3, { file: 'file' });
      for (const bit of singleBits(47, 63)) p.sysMmap({ addr: 0xa000, size: 0x1000n + bit });
      for (const [i, bit] of singleBits(33, 52).entries()) {
        const addr = 0xa000 + i * 0x1000;
        p.sysMmap({ addr, prot: 1, fd: 3, offset: 0x1000n + bit });
        p.read(addr, 'alice', { length: 16 });
      }
    }, MANY),
  );

  scenario(
    {
      id: 'as-munmap-bits',
      title: 'refuses to unmap an address that differs from a start in upper bits only',
      rule: 'AS-12',
      points: 0,
      requires: ['as-munmap-refused'],
      rationale:
        'The start of a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is; and with bits 47 to 63 set, in the kernel half.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000);
      for (const bit of singleBits(16, 46)) p.munmap(0xa000n + bit);
      p.munmap(0xffff_8000_0000_a000n);
      p.read(0xa000);
    }, MANY),
  );

  scenario(
    {
      id: 'as-user-page-bits',
      title: 'finds no page for an address that differs from a mapped one in upper bits only',
      rule: 'AS-15',
      points: 0,
      requires: ['as-get-user-page-null'],
      rationale:
        'An address in a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is; and with bits 47 to 63 set, in the kernel half.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xb008, 1);
      for (const bit of singleBits(16, 46)) p.getUserPage(0xb008n + bit);
      p.getUserPage(0xffff_8000_0000_b008n);
    }, MANY),
  );

  scenario(
    {
      id: 'as-access-bits',
      title: 'allows no access at an address that differs from a mapped one in one bit',
      rule: 'AS-16',
      points: 0,
      requires: ['as-access-ok', 'as-user-page-bits'],
      rationale: 'An address in a region and 2^16, 2^17, … or 2^46 bytes more, where nothing is.',
      hint: 'Compare whole addresses: a key of fewer bits is the same for many of them.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      for (const bit of singleBits(16, 46)) p.accessOk(0xb008n + bit, true);
    }, MANY),
  );

  scenario(
    {
      id: 'as-kernel-bits',
      title: 'allows no access to kernel addresses that differ from mapped ones in upper bits only',
      rule: 'AS-20',
      points: 0,
      requires: ['as-kernel-addresses', 'as-user-page-bits', 'as-access-bits'],
      rationale:
        'The start of two regions, and an address in the middle of each, with bits 47 to 63 set.',
      hint: 'Compare whole addresses: the lower 47 bits are the same in both halves.',
    },
    eagerProgram((p) => {
      p.spawn();
      for (const start of [0xa000n, 0x7fff_4746_0000n]) {
        p.mmap(start, 0x2000, 'rwu');
        for (const at of [start, start + 0x1008n]) {
          const alias = at | 0xffff_8000_0000_0000n;
          p.accessOk(alias, false);
          p.accessOk(alias, true);
        }
        p.read(start);
      }
    }, MANY),
  );

  scenario(
    {
      id: 'as-register-bits',
      title: 'refuses addresses and protections that are wrong by any single bit',
      rule: 'AS-24',
      points: 0,
      requires: ['as-mmap-call-registers'],
      rationale:
        'An address that would be fine but for bit 48, 49, … or 63, or for all of them; a protection that would be but for bit 3, 4, … or 63.',
      hint: 'Va.new looks at all 64 bits: give it the register as it is. Any bit of arg3 but the lowest three is wrong.',
    },
    eagerProgram((p) => {
      p.spawn();
      for (const bit of singleBits(48, 63)) p.sysMmap({ addr: 0xa000n | bit });
      p.sysMmap({ addr: 0xffff_0000_0000_a000n });
      for (const bit of singleBits(3, 63)) p.sysMmap({ addr: 0xa000, prot: 3n | bit });
    }, MANY),
  );

  scenario(
    {
      id: 'as-munmap-call-bits',
      title: 'refuses to unmap what is no address by any single bit',
      rule: 'AS-27',
      points: 0,
      requires: ['as-munmap-call'],
      rationale: 'The start of a region, but for bit 48, 49, … or 63, or for all of them.',
      hint: 'Va.new looks at all 64 bits: give it the register as it is.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.sysMmap({ addr: 0xa000 });
      for (const bit of singleBits(48, 63)) p.sysMunmap(0xa000n | bit);
      p.sysMunmap(0xffff_0000_0000_a000n);
      p.read(0xa000);
    }, MANY),
  );

  scenario(
    {
      id: 'as-descriptor-bits',
      title: 'refuses descriptors that differ from an open one, or from -1, in their upper bits',
      rule: 'AS-25',
      points: 0,
      requires: ['as-mmap-call-descriptors', 'as-mmap-call-file'],
      rationale:
        'Descriptor 3 is open; asked for are 3 and 2^8, 2^9, … or 2^31, and numbers of eight to 31 ones.',
      hint: 'The descriptor is a C int: 32 bits of the register, all of them.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(4096);
      p.open(3, { file: 'file' });
      for (const bit of singleBits(8, 31)) {
        p.sysMmap({ addr: 0xa000, prot: 1, fd: 3n | bit });
        p.sysMmap({ addr: 0xa000, prot: 1, fd: bit - 1n });
      }
    }, MANY),
  );
});
