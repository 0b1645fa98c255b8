/** The first touch: anonymous memory, files, rights. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('loading', () => {
  scenario(
    {
      id: 'lp-first-touch',
      title: 'loads a zero page at the first read',
      rule: 'LP-6',
      points: 3,
      rationale: 'The smallest demand fault, at an address inside the page.',
      hint: 'doLazyLoad: find the region of reason.faultAddr, round the address down, load the page with the region’s loader, map it with the region’s permission.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.read(0xa123);
    }),
  );

  scenario(
    {
      id: 'lp-touch-anywhere',
      title: 'loads pages in any order, by reads, writes and fetches, from user and kernel mode',
      rule: 'LP-6',
      points: 1.5,
      requires: ['lp-first-touch'],
      rationale:
        'First page, last page, a store first, a fetch first, the kernel first, an access across two pages, regions far apart and across 4 GiB.',
      hint: 'The first access may be of any kind the region allows; the fault handler sees write and present, nothing else.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x3000_0000, 0x10000, 'rwu');
      p.mmap(0xc000, 0x1000, 'rxu');
      p.mmap(0x7fff_4746_0000, 0x2000, 'rwu');
      p.mmap(0xffff_e000, 0x3000, 'rwu');
      p.write(0x3000_f000, 1);
      p.read(0x3000_0000);
      p.write(0x3000_7ffc, 2, 'alice', { length: 8 });
      p.read(0x3000_7ffc, 'alice', { length: 8 });
      p.write(0x3000_4000, 3, 'alice', { mode: 'supervisor' });
      p.execute(0xc000);
      p.write(0x7fff_4746_1fff, 4);
      p.read(0xffff_ffff);
      p.read(0x1_0000_0000);
      p.read(0x3000_1000);
    }),
  );

  scenario(
    {
      id: 'lp-file-bytes',
      title: 'shows the right block of a file on every page',
      rule: 'LP-7',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'Pages touched out of order, an offset of two blocks, two files side by side, one of which gives read() 1000 bytes at a time.',
      hint: 'Block = offset / 4096 + (page - start of the region) / 4096. Both parts matter. (If you use read(): it may give fewer bytes than you ask for.)',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5 * 4096, 'file', 7);
      p.file(2 * 4096, 'other', 90, { readLimit: 1000 });
      p.mmap(0xb000, 0x3000, 'ru', { file: 'file' });
      p.read(0xd010);
      p.read(0xb000, 'alice', { length: 24 });
      p.read(0xc000);
      p.mmap(0x1_0000, 0x3000, 'ru', { file: 'file', offset: 0x2000 });
      p.read(0x1_1008);
      p.read(0x1_0ff8, 'alice', { length: 16 });
      p.mmap(0x2_0000, 0x2000, 'rwu', { file: 'other' });
      p.read(0x2_0000, 'alice', { length: 16 });
      p.read(0x2_0ff8, 'alice', { length: 16 });
      p.mmap(0xe000, 0x1000, 'ru', { file: 'other' });
      p.read(0xdff8, 'alice', { length: 16 });
    }),
  );

  scenario(
    {
      id: 'lp-file-unrounded',
      title: 'shows whole blocks of a file, whatever the size of the mapping',
      rule: 'LP-7',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale:
        'The size ends in the middle of a block: the rest of the last page shows the file all the same.',
      hint: 'A region covers whole pages. What a page shows depends on the file, not on how much of it was asked for.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5 * 4096);
      p.mmap(0xb000, 0x1801, 'ru', { file: 'file', offset: 0x1000 });
      p.read(0xc800, 'alice', { length: 8 });
      p.read(0xcff8, 'alice', { length: 8 });
    }),
  );

  scenario(
    {
      id: 'lp-file-tail',
      title: 'shows zeros beyond the end of the file',
      rule: 'LP-8',
      points: 1.5,
      requires: ['lp-first-touch'],
      rationale:
        'The tail of the last block, a page beyond it, offsets past the end, one of them of 4 GiB; frames are reused and were dirty.',
      hint: 'RegularFile.mmap already zeroes what lies past the end. With read(), only the bytes it returned are valid: the rest of the page must be zero.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.file(6000, 'file', 7);
        p.file(4 * 4096, 'big', 50);
        p.mmap(0x10_0000, 0x4000, 'rwu', { file: 'big' });
        for (let i = 0; i < 4; i++)
          p.write(0x10_0000 + i * 0x1000, 0xee, 'alice', { length: 4096 });
        p.munmap(0x10_0000);
        p.mmap(0xb000, 0x3000, 'ru', { file: 'file' });
        p.read(0xc76f, 'alice', { length: 8 });
        p.read(0xcfff);
        p.read(0xd000, 'alice', { length: 4096 });
        p.read(0xbff8, 'alice', { length: 8 });
        p.mmap(0x2_0000, 0x1000, 'ru', { file: 'file', offset: 0x4000 });
        p.read(0x2_0000);
        p.mmap(0x3_0000, 0x1000, 'ru', { file: 'file', offset: 0x1_0000_0000 });
        p.read(0x3_0000);
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'lp-file-reference',
      title: 'shows a file that changed before the first touch, old or new',
      rule: 'LP-7',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale:
        'The file is rewritten and cut between mmap and first touch: old bytes, new bytes and zeros past the end are all fine, anything else is not.',
      hint: 'Keep the file’s handle and read at the first touch.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(3 * 4096, 'file', 7);
      p.mmap(0xb000, 0x3000, 'ru', { file: 'file' });
      p.read(0xb000);
      p.rewrite('file', 99);
      p.read(0xc000);
      p.truncate('file', 5000);
      p.read(0xd000);
      p.read(0xb000);
    }),
  );

  scenario(
    {
      id: 'lp-file-mapped-again',
      title: 'shows a file in a new region as it is now',
      rule: 'LP-7',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale:
        'A block is loaded, the file is rewritten, and then the block is mapped once more, beside the first region.',
      hint: 'Bytes that were read before mmap are too old for it. Read at the first touch, or let mmap forget what is kept of the file.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(2 * 4096, 'file', 7);
      p.mmap(0xb000, 0x2000, 'ru', { file: 'file' });
      p.read(0xb000);
      p.rewrite('file', 99);
      p.mmap(0x1_0000, 0x1000, 'ru', { file: 'file' });
      p.read(0x1_0000);
    }),
  );

  scenario(
    {
      id: 'lp-files-apart',
      title: 'keeps files apart that are mapped before any of them is read',
      rule: 'LP-7',
      points: 0,
      requires: ['lp-file-bytes', 'lp-file-mapped-again'],
      rationale:
        'Four files of one size, and one of them once more from its second block: all are mapped first, and only then touched, page by page.',
      hint: 'What is kept of a file belongs to that file and that block: neither the number of the page nor that of the block says enough by itself.',
    },
    // As many frames as it needs, said so that enumerations leave it out.
    processProgram(
      (p) => {
        p.spawn();
        const starts = [0xa000, 0x1_0000, 0x2_0000, 0x3_0000];
        for (const [i, start] of starts.entries()) {
          const file = p.file(3 * 4096, `file${String(i + 1)}`, 20 * (i + 1));
          p.mmap(start, 0x2000, 'ru', { file });
        }
        p.mmap(0x4_0000, 0x2000, 'ru', { file: 'file1', offset: 0x1000 });
        for (const page of [0, 0x1000])
          for (const start of [...starts, 0x4_0000]) p.read(start + page, 'alice', { length: 16 });
      },
      { frames: 1024 },
    ),
  );

  scenario(
    {
      id: 'lp-page-cache',
      title: 'leaves the pages of the page cache as they are',
      rule: 'LP-7',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale:
        'A file whose pages all users share: two regions and another process show its blocks; that process exits, and the file is mapped once more.',
      hint: 'A page that a file gave you may have other users. Drop it; do not clear it or fill it anew.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.spawn('bob');
        p.file(4196, 'file', 7, { cached: true });
        p.mmap(0xa000, 0x2000, 'ru', { file: 'file' });
        p.mmap(0x1_0000, 0x2000, 'rxu', { file: 'file' });
        p.mmap(0xa000, 0x2000, 'ru', { file: 'file' }, 'bob');
        for (const va of [0xa010, 0xb010, 0x1_0010]) p.read(va);
        p.read(0xa010, 'bob');
        p.exit('bob');
        for (const va of [0xa010, 0x1_0010]) p.read(va);
        p.mmap(0x2_0000, 0x2000, 'ru', { file: 'file' });
        p.read(0x2_0010);
        p.read(0x2_1060, 'alice', { length: 8 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'lp-rights',
      title: 'maps pages with the rights of their region',
      rule: 'LP-10',
      points: 1.5,
      recreates: ['userprog::mm_mmap'],
      requires: ['lp-first-touch'],
      rationale:
        'Each permission, looked at right after the first touch, and used: memory, and pages of a file.',
      hint: 'Map with the region’s permission, all of it: a first read in a writable region must not leave the page read-only.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.read(0xa000);
      p.write(0xa000, 1);
      p.mmap(0xc000, 0x1000, 'rxu');
      p.read(0xc000);
      p.execute(0xc000);
      p.mmap(0xe000, 0x1000, 'rwxu');
      p.write(0xe000, 0xc3);
      p.execute(0xe000);
      p.mmap(0x1_0000, 0x2000, 'ru');
      p.read(0x1_0000);
      p.getUserPage(0x1_1000);
      p.mmap(0x1_4000, 0x1000, 'rw');
      p.write(0x1_4000, 5, 'alice', { mode: 'supervisor' });
      p.file(0x2000);
      for (const [at, prot] of [
        [0x2_0000, 'r'],
        [0x2_4000, 'rx'],
        [0x2_8000, 'rwx'],
        [0x2_c000, 'rxu'],
        [0x3_0000, 'rwxu'],
      ] as const) {
        p.mmap(at, 0x1000, prot);
        p.mmap(at + 0x2000, 0x1000, prot, { file: 'file' });
        for (const va of [at, at + 0x2000]) {
          p.read(va, 'alice', { mode: 'supervisor' });
          p.getUserPage(va);
        }
      }
    }),
  );

  scenario(
    {
      id: 'lp-forbidden',
      title: 'refuses what the region forbids, at the first touch',
      rule: 'LP-10',
      points: 1.5,
      recreates: ['userprog::mm_mmap_error_protection', 'userprog::mm_mmap_error_protection_exec'],
      requires: ['lp-first-touch'],
      rationale:
        'A store to read-only memory, a fetch from data, user access to kernel-only memory; afterwards the page reads as it should.',
      hint: 'Look at the region’s permission before you load. You may also load with the region’s rights and refuse the second fault, but never with more.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xe000, 0x1000, 'ru');
      p.write(0xe000, 1);
      p.read(0xe000);
      p.mmap(0x1_0000, 0x1000, 'rwu');
      p.execute(0x1_0000);
      p.write(0x1_0000, 2);
      p.mmap(0x1_2000, 0x1000, 'rw');
      p.read(0x1_2000);
      p.mmap(0x1_4000, 0x1000, 'ru');
      p.write(0x1_4000, 1, 'alice', { mode: 'supervisor' });
    }),
  );

  scenario(
    {
      id: 'lp-read-then-write',
      title: 'refuses a write to a read-only page that was read before',
      rule: 'LP-11',
      points: 2,
      requires: ['lp-first-touch'],
      rationale:
        'The fault is present and a write, as for copy-on-write; the region has no WRITE. Anonymous, file and executable pages.',
      hint: 'doCopyOnWrite must look up the region and refuse if it lacks WRITE, before it copies anything.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.mmap(0xa000, 0x1000, 'ru');
      p.mmap(0xb000, 0x1000, 'ru', { file: 'file' });
      p.mmap(0xc000, 0x1000, 'rxu');
      for (const va of [0xa000, 0xb000, 0xc000]) {
        p.read(va);
        p.write(va, 9);
        p.read(va);
      }
      p.write(0xa000, 9, 'alice', { mode: 'supervisor' });
    }),
  );

  scenario(
    {
      id: 'lp-outside',
      title: 'refuses accesses outside of the regions',
      rule: 'LP-9',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'One byte before and after a region, a gap between two, a size that is not a multiple of the page size, nothing mapped at all.',
      hint: 'A region covers [start, start + size rounded up). An address in none of them is an error, and nothing may be allocated for it.',
    },
    processProgram((p) => {
      p.spawn();
      p.read(0xdead_beef);
      p.mmap(0xa000, 0x1001, 'rwu');
      p.mmap(0xe000, 0x1000, 'rwu');
      p.read(0x9fff);
      p.read(0xbfff);
      p.read(0xc000);
      p.write(0xdfff, 1);
      p.read(0xf000);
      p.execute(0);
    }),
  );

  scenario(
    {
      id: 'lp-one-page',
      title: 'loads one page at a time',
      rule: 'LP-12',
      points: 2,
      requires: ['lp-first-touch'],
      rationale:
        'A large region, a few touches, by accesses and by getUserPage: only what was touched may be there.',
      hint: 'The fault handler loads the page of the faulting address only.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(40 * 4096);
      p.mmap(0x3000_0000, 0x4_0000, 'rwu');
      p.write(0x3000_8000, 1);
      p.mmap(0x4000_0000, 0x2_0000, 'ru', { file: 'file' });
      p.read(0x4001_0000);
      p.read(0x3002_0000);
      p.getUserPage(0x3003_0123);
    }),
  );

  scenario(
    {
      id: 'lp-kernel-address',
      title: 'refuses kernel addresses without touching the kernel half',
      rule: 'LP-24',
      points: 1,
      rationale:
        'User code reads and writes the kernel’s direct map, which is present: the fault looks like copy-on-write.',
      hint: 'Look up the region first: no region holds a kernel address. Do not walk the page table before that.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xffff_ff00_0000_1000n, 1);
      p.read(0xffff_ff00_0000_1000n);
      p.read(0xffff_8000_0000_0000n);
      p.getUserPage(0xffff_ff00_0000_1000n);
      p.accessOk(0xffff_ff00_0000_1000n, false);
      p.munmap(0xffff_ff00_0000_1000n);
      p.getUserPage(0);
      p.write(0xa000, 1);
    }),
  );
});
