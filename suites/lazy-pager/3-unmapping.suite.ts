/** munmap, remapping, neighbours, TLB. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('munmap', () => {
  scenario(
    {
      id: 'lp-munmap',
      title: 'removes a region with all its pages',
      rule: 'LP-14',
      points: 1,
      recreates: ['userprog::mm_munmap'],
      requires: ['lp-first-touch'],
      rationale:
        'Some pages touched, some not, the first one not; afterwards nothing of it may work.',
      hint: 'Go through all pages of the region; one that is not loaded is skipped, not the end of the loop. Then forget the region.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x5000, 0x1000, 'rwu');
      p.mmap(0xa000, 0x4000, 'rwu');
      p.write(0xb000, 1);
      p.write(0xd000, 2);
      p.munmap(0xa000);
      p.accessOk(0x5000, true);
      p.read(0xb000);
      p.read(0xd000);
      p.accessOk(0xa000, false);
      p.mmap(0xdead_0000, 0x2000, 'ru');
      p.munmap(0xdead_0000);
    }),
  );

  scenario(
    {
      id: 'lp-munmap-large',
      title: 'removes a region of 64 MiB',
      rule: 'LP-14',
      points: 0.5,
      recreates: ['userprog::mm_exit_cleanup_stress'],
      requires: ['lp-munmap'],
      rationale:
        'Pages at both ends of a region that needs 33 page tables, and on both sides of a table boundary in it; a second region is left to exit.',
      hint: 'Does the loop go through all page tables of the region, also where one in the middle is missing?',
    },
    processProgram(
      (p) => {
        p.spawn();
        for (const start of [0x3000_1000, 0x4000_0000]) {
          p.mmap(start, 0x400_0000, 'rwu');
          for (const page of [0, 510, 512, 8192, 16383]) p.write(start + page * 0x1000, 1);
        }
        p.munmap(0x3000_1000);
        for (const page of [0, 512, 8192, 16383]) p.read(0x3000_1000 + page * 0x1000);
        p.read(0x43ff_f000);
        p.exit();
      },
      { frames: 0x1_0000 },
    ),
  );

  scenario(
    {
      id: 'lp-munmap-refuses',
      title: 'refuses addresses at which no region starts',
      rule: 'LP-15',
      points: 1.5,
      recreates: [
        'userprog::mm_munmap_error_bad_addr',
        'userprog::mm_munmap_error_double_free',
        'userprog::mm_munmap_error_unaligned',
      ],
      requires: ['lp-first-touch'],
      rationale:
        'An interior page, an unaligned address, NULL, a kernel address, never mapped, the second time; the region must survive all of it.',
      hint: 'Look the region up by its exact start. Do not round the address.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 2);
      p.munmap(0xb000);
      p.munmap(0xa008);
      p.munmap(0);
      p.munmap(0xffff_ff00_0090_0000n);
      p.munmap(0x5000);
      p.read(0xa000);
      p.read(0xb000);
      p.mmap(0xdead_0000, 0x2000, 'ru');
      p.munmap(0xdead_0000);
      p.munmap(0xdead_0000);
    }),
  );

  scenario(
    {
      id: 'lp-munmap-invalidates',
      title: 'makes the processor forget the pages',
      rule: 'LP-16',
      points: 1.5,
      requires: ['lp-first-touch'],
      rationale: 'Three pages are in the TLB: all three must go, not only the first.',
      hint: 'PageTable.unmap invalidates for you. If you clear entries by hand, each needs its StaleTLBEntry, or the whole table a tlbShutdown.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x3000, 'rwu');
      for (const va of [0xa000, 0xb000, 0xc000]) p.write(va, 1);
      p.munmap(0xa000);
      for (const va of [0xc000, 0xb000, 0xa000]) p.read(va);
    }),
  );

  scenario(
    {
      id: 'lp-munmap-invalidates-all-cpus',
      title: 'makes every processor forget the pages',
      rule: 'LP-16',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale:
        'Two processors run the process. One maps, the other is the first to use the pages; then both have used them.',
      hint: 'invalidate() and tlbShutdown() reach all processors; anything you do by hand reaches only one.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        for (const cpu of [1, 0])
          for (const va of [0xa000, 0xb000]) p.write(va, 1, 'alice', { cpu });
        p.munmap(0xa000, 'alice', { cpu: 0 });
        p.read(0xb000, 'alice', { cpu: 1 });
        p.read(0xa000, 'alice', { cpu: 1 });
      },
      { cpus: 2 },
    ),
  );

  scenario(
    {
      id: 'lp-remap',
      title: 'starts afresh where another region was',
      rule: 'LP-17',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'Anonymous after anonymous, file after anonymous, the same file when it has changed, read-only after writable; freed frames are reused at once.',
      hint: 'Is anything about the old region or its pages kept somewhere, by address?',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.file(5000);
        p.mmap(0xa000, 0x2000, 'rwu');
        p.write(0xa000, 7, 'alice', { length: 64 });
        p.write(0xb000, 8);
        p.munmap(0xa000);
        p.mmap(0xa000, 0x2000, 'rwu');
        p.read(0xa000, 'alice', { length: 64 });
        p.munmap(0xa000);
        p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
        p.read(0xa000, 'alice', { length: 24 });
        p.write(0xa000, 1);
        p.read(0xb000);
        p.rewrite('file', 50);
        p.munmap(0xa000);
        p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
        p.read(0xa000, 'alice', { length: 24 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'lp-page-cache-stays',
      title: 'leaves the pages of the page cache as they are when a region goes',
      rule: 'LP-7',
      // It adds to the check of the cache: what it builds on has cost its points already.
      points: 0,
      requires: ['lp-page-cache', 'lp-munmap'],
      rationale:
        'Two regions and another process show a block of a file whose pages all users share; one region goes, and the file is mapped once more.',
      hint: 'A page that munmap gets back may have other users. Drop it; do not clear it.',
    },
    processProgram((p) => {
      p.spawn();
      p.spawn('bob');
      p.file(4096, 'file', 7, { cached: true });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
      p.mmap(0x1_0000, 0x1000, 'ru', { file: 'file' });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file' }, 'bob');
      for (const va of [0xa000, 0x1_0000]) p.read(va);
      p.read(0xa000, 'bob');
      p.munmap(0xa000);
      p.read(0x1_0000);
      p.read(0xa000, 'bob');
      p.mmap(0x2_0000, 0x1000, 'ru', { file: 'file' });
      p.read(0x2_0000);
    }),
  );

  scenario(
    {
      id: 'lp-neighbours',
      title: 'leaves other regions and processes alone',
      rule: 'LP-18',
      points: 1.5,
      recreates: ['userprog::mm_munmap2'],
      requires: ['lp-first-touch'],
      rationale:
        'Three adjacent regions, the middle one is unmapped, then the last and the first; a second process has the same addresses mapped. Accesses across two regions before.',
      hint: 'Does munmap stop at the end of its region? Is anything kept in variables outside of the pager object?',
    },
    processProgram((p) => {
      p.spawn();
      p.spawn('bob');
      for (const process of ['alice', 'bob']) {
        p.mmap(0xa000, 0x1000, 'rwu', {}, process);
        p.mmap(0xb000, 0x2000, 'rwu', {}, process);
        p.mmap(0xd000, 0x1000, 'rwu', {}, process);
        for (const va of [0xa000, 0xb000, 0xc000, 0xd000])
          p.write(va, process === 'alice' ? 1 : 2, process);
      }
      p.write(0xaff8, 3, 'alice', { length: 16 });
      p.read(0xcff8, 'alice', { length: 16 });
      p.munmap(0xb000);
      for (const va of [0xa000, 0xd000]) p.read(va);
      for (const va of [0xa000, 0xb000, 0xc000, 0xd000]) p.read(va, 'bob');
      p.munmap(0xd000, 'bob');
      p.read(0xc000, 'bob');
      p.munmap(0xa000, 'bob');
      p.read(0xb000, 'bob');
      p.exit('bob');
      for (const va of [0xa000, 0xd000]) p.read(va);
    }),
  );

  scenario(
    {
      id: 'lp-many-neighbours',
      title: 'leaves the other 256 pages of a page table alone',
      rule: 'LP-18',
      points: 0,
      requires: ['lp-neighbours'],
      rationale:
        'Two regions in one table, of 256 pages and of one; the small one is unmapped: a count of entries in use that has seven or eight bits says that the table is empty.',
      hint: 'How far can what you count with count? A table has 512 entries.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x10_0000, 'rwu');
      p.mmap(0x30_0000, 0x1000, 'rwu');
      p.read(0x20_0000, 'alice', { length: 0x10_1000 });
      p.munmap(0x30_0000);
      p.read(0x20_0000);
      p.read(0x2f_f000);
    }),
  );
});
