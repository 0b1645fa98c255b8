/** What a fork leaves behind: the same memory in both processes, on the same frames. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('sharing', () => {
  scenario(
    {
      id: 'cw-fork',
      title: 'makes a child that reads what its parent wrote',
      rule: 'CW-1',
      points: 2,
      rationale: 'The smallest fork: one loaded page.',
      hint: 'writeProtectPtes: a new PageTable, a clone of the pager, and in the new table a leaf for every leaf of the parent.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000, 7);
      p.fork('bob');
      p.read(0xa000, 'bob');
      p.read(0xa000);
    }),
  );

  scenario(
    {
      id: 'cw-fork-anywhere',
      title: 'gives the child pages of all regions, wherever they are',
      rule: 'CW-1',
      points: 1,
      requires: ['cw-fork'],
      rationale:
        'First and last entries of tables at each level, the top of user space, anonymous, file, executable and kernel-only pages, a region that nothing has loaded yet, and a fork before anything is mapped.',
      hint: 'Which pages does your loop over the page table, or over the regions, leave out? Ends are exclusive, and the last page of user space counts.',
    },
    processProgram((p) => {
      p.spawn();
      p.fork('early');
      p.file(9000);
      p.mmap(0x1f_f000, 0x2000, 'rwu');
      p.mmap(0x3fff_f000, 0x2000, 'rwu');
      p.mmap(0x7f_ffff_f000, 0x2000, 'rwu');
      p.mmap(0x7fff_ffff_e000, 0x2000, 'rwu');
      p.mmap(0x40_0000, 0x3000, 'rwu', { file: 'file' });
      p.mmap(0x50_0000, 0x1000, 'rxu');
      p.mmap(0x60_0000, 0x1000, 'rw');
      p.mmap(0x70_0000, 0x1000, 'ru');
      let value = 1;
      for (const va of [0x1f_f000, 0x3fff_f000, 0x7f_ffff_f000, 0x7fff_ffff_e000]) {
        p.write(va + 0xff8, value++, 'alice', { length: 16 });
      }
      p.write(0x40_1000, 9);
      p.execute(0x50_0000);
      p.write(0x60_0000, 10, 'alice', { mode: 'supervisor' });
      p.fork('bob');
      for (const va of [0x1f_f000, 0x3fff_f000, 0x7f_ffff_f000, 0x7fff_ffff_e000]) {
        p.read(va + 0xff8, 'bob', { length: 16 });
      }
      p.read(0x40_1000, 'bob', { length: 16 });
      p.execute(0x50_0000, 'bob');
      p.read(0x60_0000, 'bob', { mode: 'supervisor' });
      p.read(0x70_0000, 'bob');
      p.read(0x7fff_ffff_f000, 'alice');
    }),
  );

  scenario(
    {
      id: 'cw-same-frame',
      title: 'shares the frames of loaded pages',
      rule: 'CW-2',
      points: 1.5,
      requires: ['cw-fork'],
      rationale:
        'Pages loaded by a read, a write, a fetch and by getUserPage, several in one region: all must be on the same frames afterwards, with no frame taken but for tables.',
      hint: 'PageRef.fromPa(pa).intoPage() makes one more owner of a frame; map that in the child.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.mmap(0xa000, 0x4000, 'rwu');
      p.mmap(0x40_0000, 0x2000, 'rwxu', { file: 'file' });
      p.write(0xa000, 1);
      p.read(0xb000);
      p.getUserPage(0xd123);
      p.execute(0x40_1000);
      p.fork('bob');
    }),
  );

  scenario(
    {
      id: 'cw-read-only-pages',
      title: 'shares read-only pages, too',
      rule: 'CW-2',
      points: 1,
      requires: ['cw-same-frame'],
      rationale:
        'Anonymous, file and executable pages without WRITE. The file has changed since: a child that loaded its own would show something else.',
      hint: 'Every present leaf is shared, whatever its rights.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.mmap(0xa000, 0x1000, 'ru');
      p.mmap(0xb000, 0x2000, 'ru', { file: 'file' });
      p.mmap(0xd000, 0x1000, 'rxu');
      p.read(0xa000);
      p.read(0xb010);
      p.read(0xd000);
      p.rewrite('file', 90);
      p.fork('bob');
      p.read(0xb010, 'bob');
      p.read(0xb010);
    }),
  );

  scenario(
    {
      id: 'cw-fork-again',
      title: 'shares pages again that are shared already',
      rule: 'CW-2',
      points: 1,
      requires: ['cw-same-frame'],
      rationale:
        'A second child, a grandchild, and a fork after some pages were copied: pages that are read-only because of a fork are not those of a read-only region.',
      hint: 'Do you tell by RW which pages are to be shared? After the first fork none has it.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x3000, 'rwu');
      for (const va of [0xa000, 0xb000, 0xc000]) p.write(va, 1);
      p.fork('bob');
      p.fork('carol');
      p.fork('dora', 'bob');
      p.read(0xc000, 'dora');
      p.write(0xb000, 2, 'bob');
      p.fork('emil', 'bob');
      p.read(0xb000, 'emil');
    }),
  );

  scenario(
    {
      id: 'cw-fork-large',
      title: 'shares the pages of a region of 64 MiB',
      rule: 'CW-2',
      points: 0.5,
      requires: ['cw-same-frame'],
      rationale:
        'A region that needs 33 page tables, with pages at both ends, on both sides of a table boundary and in the middle; the child rewrites it.',
      hint: 'Does the loop go through all page tables of the region, also where one in the middle is missing?',
    },
    processProgram(
      (p) => {
        const pages = [0, 510, 511, 8192, 16383].map((page) => 0x3000_1000 + page * 0x1000);
        p.spawn();
        p.mmap(0x3000_1000, 0x400_0000, 'rwu');
        for (const va of pages) p.write(va, 1);
        p.fork('bob');
        for (const va of pages) p.write(va + 8, 2, 'bob', { length: 8 });
        for (const va of pages) p.read(va, 'alice', { length: 16 });
        p.exit('bob');
        p.exit();
      },
      { frames: 0x1_0000 },
    ),
  );

  scenario(
    {
      id: 'cw-not-loaded',
      title: 'loads nothing in fork',
      rule: 'CW-5',
      points: 1.5,
      requires: ['cw-fork'],
      rationale:
        'Regions with one loaded page or none; afterwards both processes touch the others, and each has its own.',
      hint: 'A page that has no leaf is skipped. The clone of the pager knows how to load it when it is touched.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xa000, 0x3000, 'rwu');
      p.mmap(0x40_0000, 0x3000, 'rwu', { file: 'file' });
      p.mmap(0x50_0000, 0x2000, 'ru', { file: 'file', offset: 0x1000 });
      p.write(0xb000, 1);
      p.fork('bob');
      p.write(0xa000, 2, 'bob');
      p.read(0xa000);
      p.read(0x40_1000, 'bob', { length: 8 });
      p.write(0x40_1000, 3);
      p.read(0x40_1000, 'bob', { length: 8 });
      p.read(0x50_0000, 'bob', { length: 8 });
    }),
  );
});
