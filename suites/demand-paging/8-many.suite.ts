/** Large numbers: long mappings, many mappings and many marked pages, addresses and offsets of many digits. What is right for small ones must be right for them. */
import { fileBacking, managerProgram, scenario, singleBits } from '../../harness/index.ts';

/** As many frames as they need, said so that enumerations leave these programs out: failures in them would show nothing that short ones do not. */
const MANY = { frames: 1024 };

/** By how much an address may differ from a small one: up to the last bit of those that a process has. */
const FAR = singleBits(31, 46);

describe('large numbers', () => {
  scenario(
    {
      id: 'dp-many-mappings',
      title: 'keeps many mappings',
      rule: 'DP-4',
      points: 0,
      requires: ['dp-first-fault'],
      rationale: 'Twenty-four mappings in one manager, and a fault in each of them.',
      hint: 'Keep mappings in something that grows: a Map, or an array.',
    },
    managerProgram((p) => {
      p.manager();
      const starts = Array.from({ length: 24 }, (_, i) => 0x1_0000 + i * 0x2000);
      for (const start of starts) p.register(start, 0x1000);
      for (const start of starts) p.fault(start + 0x10);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-many-pages',
      title: 'faults every page of a long mapping in once',
      rule: 'DP-9',
      points: 0,
      requires: ['dp-once'],
      rationale:
        'All pages of a mapping of eighty; the first, one in the middle and the last a second time; and the last of a mapping of 64 MiB twice.',
      hint: 'A number of 32 or 64 bits has no room for more notes than that. Keep one for each page.',
    },
    managerProgram((p) => {
      p.manager();
      p.register(0x20_0000, 0x5_0000);
      for (let page = 0; page < 80; page++) p.fault(0x20_0010 + page * 0x1000);
      for (const page of [0, 40, 79]) p.fault(0x20_0020 + page * 0x1000);
      p.register(0x1000_0000, 0x400_0000);
      for (let i = 0; i < 2; i++) p.fault(0x13ff_f010 + i);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-many-marked',
      title: 'remembers many marked pages',
      rule: 'DP-16',
      points: 0,
      requires: ['dp-is-cow'],
      rationale: 'Twenty-four pages marked for frames of their own, then asked about one by one.',
      hint: 'Keep entries in something that grows: a Map, or an array.',
    },
    managerProgram((p) => {
      const table = p.table();
      const pages = Array.from({ length: 24 }, (_, i) => 0x1000 + i * 0x3000);
      for (const [i, page] of pages.entries()) p.mark(page, p.frame(i), table, true);
      for (const page of pages) p.isCow(page, table, true);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-long-file',
      title: 'returns the bytes of late pages of a long file',
      rule: 'DP-7',
      points: 0,
      requires: ['dp-file-bytes'],
      rationale: 'All forty pages of a mapping of a file, a few bytes of each.',
      hint: 'What is different about a late page? The offset grows with its index, whatever that is.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x2_8000);
      p.register(0x20_0000, 0x2_8000, { file: 'file' });
      for (let page = 0; page < 40; page++) p.look(p.fault(0x20_0010 + page * 0x1000), 0, 32);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-far-mappings',
      title: 'keeps mappings apart that are far apart',
      rule: 'DP-4',
      points: 0,
      requires: ['dp-first-fault'],
      rationale:
        'Mappings whose starts differ in a single bit, from 2 GiB to 64 TiB: a fault in each of them, and another one when the first of them is gone.',
      hint: 'Addresses have more than 32 bits: keep a mapping by its whole start.',
    },
    managerProgram((p) => {
      p.manager();
      const starts = [0x1_0000n, ...FAR.map((bit) => 0x1_0000n + bit)];
      for (const start of starts) p.register(start, 0x4000);
      for (const start of starts) p.fault(start + 0x1010n);
      p.unregister(0x1_0000);
      for (const start of starts.slice(1)) p.fault(start + 0x2010n);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-far-marked',
      title: 'knows marked pages that are far apart',
      rule: 'DP-16',
      points: 0,
      requires: ['dp-is-cow'],
      rationale:
        'A marked page, and pages whose addresses differ from its in a single bit, from 2 GiB to 64 TiB: before and after they are marked, too.',
      hint: 'Addresses have more than 32 bits: keep an entry by the whole address of its page.',
    },
    managerProgram((p) => {
      const table = p.table();
      const pages = FAR.map((bit) => 0x1000n + bit);
      p.mark(0x1000, p.frame(0x11), table, true);
      for (const page of pages) p.isCow(page, table, true);
      for (const [i, page] of pages.entries()) p.mark(page, p.frame(0x20 + i), table, true);
      for (const page of [0x1000, ...pages]) p.isCow(page, table, true);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-many-in-range',
      title: 'marks all pages of a long range',
      rule: 'DP-20',
      points: 0,
      requires: ['dp-ranges'],
      rationale: 'Sixty-four pages marked in one call, then asked about one by one.',
      hint: 'Every pair in pages counts, however many there are.',
    },
    managerProgram((p) => {
      p.manager();
      const pages = Array.from(
        { length: 64 },
        (_, i) => [0x10_0000 + i * 0x1000, p.frame(i)] as const,
      );
      p.markRange(0x10_0000, pages);
      for (const [page] of pages) p.isCow(page);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-large-offsets',
      title: 'reads from large offsets',
      rule: 'DP-7',
      points: 0,
      requires: ['dp-file-offset'],
      rationale:
        'A file of 768 GiB, mapped from offsets of a single bit, from 2 GiB to 512 GiB: the second page of each mapping.',
      hint: 'Offsets are bigints of up to 40 bits: compute with them as they are.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(3 * 2 ** 38);
      for (const [i, bit] of singleBits(31, 39).entries()) {
        const start = 0x1_0000 * (i + 1);
        p.register(start, 0x2000, { file: 'file', offset: bit });
        p.look(p.fault(start + 0x1010), 0, 32);
      }
    }, MANY),
  );

  scenario(
    {
      id: 'dp-large-inodes',
      title: 'reads the file with a large inode number',
      rule: 'DP-7',
      points: 0,
      requires: ['dp-file-bytes'],
      rationale: 'Three files whose inode numbers differ in a single bit, above the 32nd.',
      hint: 'Inode numbers are bigints: hand them to readInode as they are.',
    },
    managerProgram((p) => {
      p.manager();
      for (const [i, ino] of [9, 2 ** 32 + 9, 2 ** 48 + 9].entries()) {
        const start = 0x1_0000 * (i + 1);
        const file = p.file(0x2000, `inode-${ino.toString(16)}`, 7 + i, { ino });
        p.register(start, 0x2000, { file });
        p.look(p.fault(start + 0x1010), 0, 32);
      }
    }),
  );

  scenario(
    {
      id: 'dp-backing-digits',
      title: 'compares all digits of inodes and offsets',
      rule: 'DP-1',
      points: 0,
      requires: ['dp-backing'],
      rationale:
        'Offsets inside one page, and offsets and inodes that differ in a single bit, low or high; large ones that are the same.',
      hint: 'Compare the bigints as they are: not rounded, not cut, not as numbers.',
    },
    managerProgram((p) => {
      const apart = [
        [fileBacking(42, 0x1000), fileBacking(42, 0x1001)],
        [fileBacking(42, 0x1000), fileBacking(42, 0x1800)],
        [fileBacking(42, 0x1000), fileBacking(42, 2 ** 32 + 0x1000)],
        [fileBacking(42, 0x1000), fileBacking(42, 2 ** 39 + 0x1000)],
        [fileBacking(42, 0x1000), fileBacking(2 ** 32 + 42, 0x1000)],
        [fileBacking(2n ** 60n, 0x1000), fileBacking(2n ** 60n + 1n, 0x1000)],
      ] as const;
      for (const [first, second] of apart) p.sameBacking(first, second);
      for (const [, large] of apart) p.sameBacking(large, large);
    }),
  );
});
