/** munmap: all of a region, nothing else, and nobody remembers. */
import { eagerProgram, scenario } from '../../harness/index.ts';

describe('unmapping', () => {
  scenario(
    {
      id: 'as-munmap-returns',
      title: 'returns 0 from munmap',
      rule: 'AS-11',
      points: 0.5,
      requires: ['as-mmap-eager'],
      rationale: 'Only the result can be wrong.',
      hint: 'munmap returns 0n, not a number of bytes or pages.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x2000, 0x3001, 'rwu');
      p.munmap(0x2000);
    }),
  );

  scenario(
    {
      id: 'as-munmap',
      title: 'removes every page of the region',
      rule: 'AS-11',
      points: 2,
      requires: ['as-mmap-eager'],
      rationale:
        'Regions of several pages, with sizes that are not whole pages; each page afterwards.',
      hint: 'Unmap from the start to the size rounded up, and forget the region.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2001, 'rwu');
      p.munmap(0xa000);
      p.read(0xa000);
      p.read(0xb000);
      p.read(0xc000);
      p.accessOk(0xa000, false);
      p.getUserPage(0xa000);
      p.mmap(0x1f_f000, 0x2000, 'rwu');
      p.munmap(0x1f_f000);
      p.read(0x20_0000);
    }),
  );

  scenario(
    {
      id: 'as-munmap-refused',
      title: 'refuses to unmap what is not the start of a region',
      rule: 'AS-12',
      points: 2,
      requires: ['as-munmap'],
      recreates: [
        'userprog::mm_munmap_error_bad_addr',
        'userprog::mm_munmap_error_double_free',
        'userprog::mm_munmap_error_unaligned',
      ],
      rationale:
        'NULL, the kernel half, inside a region, unaligned, never mapped, unmapped before.',
      hint: 'Look the region up by its exact start.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.munmap(0);
      p.munmap(0xffff_ff00_0090_0000n);
      p.mmap(0xdead_0000, 0x2000, 'ru');
      p.munmap(0xdead_0000);
      p.munmap(0xdead_0000);
      p.mmap(0xa000, 0x2000, 'rwu');
      p.munmap(0xb000);
      p.munmap(0xa008);
      p.munmap(0x9000);
      p.munmap(0xc000);
      p.read(0xa000);
      p.read(0xb000);
    }),
  );

  scenario(
    {
      id: 'as-page-cache-stays',
      title: 'leaves the pages of the page cache as they are when a region goes',
      rule: 'AS-6',
      // It adds to the check of the cache: what it builds on has cost its points already.
      points: 0,
      requires: ['as-page-cache', 'as-munmap'],
      rationale:
        'Two regions and another process show a block of a file whose pages all users share; one region goes, and the file is mapped once more.',
      hint: 'A page that munmap gets back may have other users. Drop it; do not clear it.',
    },
    eagerProgram((p) => {
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
      id: 'as-munmap-neighbours',
      title: 'leaves other regions and processes alone',
      rule: 'AS-10',
      points: 1,
      requires: ['as-munmap'],
      rationale:
        'Three regions side by side, the same addresses in another process; unmapped first, middle and last.',
      hint: 'Does your loop end one page too late? Is the region list one of the pager, not of the module?',
    },
    eagerProgram((p) => {
      p.spawn();
      p.spawn('bob');
      for (const process of ['alice', 'bob']) {
        for (const [start, value] of [
          [0xa000, 1],
          [0xc000, 2],
          [0xe000, 3],
        ] as const) {
          p.mmap(start, 0x2000, 'rwu', {}, process);
          p.write(start + 0x1000, value, process);
        }
      }
      p.munmap(0xc000);
      p.read(0xb000);
      p.read(0xf000);
      p.read(0xd000, 'bob');
      p.munmap(0xa000);
      p.read(0xf000);
      p.munmap(0xe000, 'bob');
      p.read(0xf000);
      p.read(0xb000, 'bob');
    }),
  );

  scenario(
    {
      id: 'as-contents-stay',
      title: 'keeps what was written',
      rule: 'AS-10',
      points: 1,
      requires: ['as-mmap-eager'],
      rationale: 'Stores that cross pages; other calls in between, some of which are refused.',
      hint: 'Nothing but munmap takes a page away. A mapping that is refused must not undo pages that were there before.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xaff8, 0x21, 'alice', { length: 16 });
      p.mmap(0x9000, 0x4000, 'rwu');
      p.mmap(0xb000, 0x1000, 'rwu');
      p.getUserPage(0xaff8);
      p.accessOk(0xaff8, true);
      p.read(0xaff8, 'alice', { length: 16 });
    }),
  );

  scenario(
    {
      id: 'as-remap',
      title: 'starts afresh where another region was',
      rule: 'AS-14',
      points: 1.5,
      requires: ['as-munmap'],
      rationale:
        'Memory, then a file, then memory with other rights at one address, with frames reused at once.',
      hint: 'The old region, its frames and its translations must all be gone.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.file(9000);
        p.mmap(0xa000, 0x1000, 'rwu');
        p.write(0xa000, 0x33, 'alice', { length: 100 });
        p.munmap(0xa000);
        p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
        p.read(0xa000, 'alice', { length: 100 });
        p.write(0xa000);
        p.munmap(0xa000);
        p.mmap(0xa000, 0x2000, 'rwu');
        p.read(0xa000, 'alice', { length: 100 });
        p.write(0xb000);
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'as-invalidate',
      title: 'invalidates every page on every processor',
      rule: 'AS-13',
      points: 1.5,
      requires: ['as-munmap'],
      rationale: 'Three pages used on two processors; munmap on one of them.',
      hint: 'PageTable.unmap invalidates one page on all processors: call it for each page, and drop what it returns afterwards.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x3000, 'rwu');
        for (const page of [0xa000, 0xb000, 0xc000]) {
          p.write(page, 1);
          p.read(page, 'alice', { cpu: 1 });
        }
        p.munmap(0xa000);
        for (const page of [0xa000, 0xb000, 0xc000]) {
          p.read(page);
          p.read(page, 'alice', { cpu: 1 });
        }
      },
      { cpus: 2 },
    ),
  );

  scenario(
    {
      id: 'as-frames',
      title: 'releases every frame once',
      rule: 'AS-17',
      points: 2.5,
      requires: ['as-mmap-eager'],
      rationale: 'Regions unmapped, left to exit and refused: afterwards no frame may be in use.',
      hint: 'unmap() returns a Page that you own: drop it. A page that map() refuses is dropped by map().',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xa000, 0x4000, 'rwu');
      p.munmap(0xa000);
      p.mmap(0x10_0000, 0x3000, 'rwu', { file: 'file' });
      p.mmap(0xf_f000, 0x2000, 'rwu');
      p.mmap(0x10_2000, 0x2000, 'rwu', { file: 'file' });
      p.getUserPage(0x10_0123);
      p.exit();
    }),
  );

  scenario(
    {
      id: 'as-little-memory',
      title: 'needs no more frames however often the same is done',
      rule: 'AS-17',
      points: 0,
      requires: ['as-munmap', 'as-frames'],
      rationale:
        'A region of two pages is mapped and unmapped, 72 times on a machine with 64 frames: what is released only at exit is released too late.',
      hint: 'Drop the pages in munmap. What you keep for later has to be used then.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        for (let i = 0; i < 72; i++) {
          p.mmap(0xa000, 0x2000, 'rwu');
          p.munmap(0xa000);
        }
      },
      { frames: 64 },
    ),
  );
});
