/** EagerPager.mmap: what it returns, what it refuses, and that every page is there afterwards. */
import { eagerProgram, scenario } from '../../harness/index.ts';

describe('mapping', () => {
  scenario(
    {
      id: 'as-mmap-returns',
      title: 'returns the start address from mmap',
      rule: 'AS-1',
      points: 1,
      rationale: 'Start address, size and page count differ from one another.',
      hint: 'Return addr itself (a bigint), not the size.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x7fff_4746_0000, 0x2000, 'rwu');
      p.mmap(0x2000, 0x3001, 'rwu');
    }),
  );

  scenario(
    {
      id: 'as-mmap-allowed',
      title: 'accepts every region that is allowed',
      rule: 'AS-1',
      points: 1,
      recreates: ['mm_struct::do_mmap'],
      rationale:
        'Neighbours on both sides, no USER, all rights, an offset without a file, a mapping longer than its file and one past its end, and the same address in another process.',
      hint: 'Refuse what the rules name, and nothing else.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(4196);
      p.mmap(0x1000, 0x1000, 'r');
      p.mmap(0x7fff_4746_0000, 0x2000, 'r');
      p.mmap(0x10_2000, 0x2000, 'rwu');
      p.mmap(0x10_4000, 0x1000, 'rwu');
      p.mmap(0x10_1000, 0x1000, 'rwu');
      p.mmap(0x20_0000, 0x1000, 'rwxu');
      p.mmap(0x30_0000, 0x1000, 'rwu', { offset: 0x1234 });
      p.mmap(0x40_0000, 0x4000, 'rwu', { file: 'file' });
      p.mmap(0x50_0000, 0x1000, 'ru', { file: 'file', offset: 0x8000 });
      p.spawn('bob');
      p.mmap(0x10_2000, 0x2000, 'rwu', {}, 'bob');
    }),
  );

  scenario(
    {
      id: 'as-many-regions',
      title: 'maps many regions',
      rule: 'AS-1',
      points: 0,
      requires: ['as-mmap-allowed'],
      rationale: 'A hundred regions in one process.',
      hint: 'Keep regions in something that grows: a Map, or an array.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        for (let i = 0; i < 100; i++) p.mmap(0x10_0000 + i * 0x2000, 0x1000, 'rwu');
      },
      // As many as it needs, said so that enumerations leave it out: a hundred times the same would fail.
      { frames: 1024 },
    ),
  );

  scenario(
    {
      id: 'as-mmap-eager',
      title: 'maps every page before mmap returns',
      rule: 'AS-5',
      points: 3,
      rationale:
        'Anonymous regions of one, two and many pages, with sizes that are not whole pages, across the borders of tables at every level: each page must be present.',
      hint: 'Go from addr to addr + size rounded up to pages, and map each page with PageTable.map before you return.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x1000, 0x1000, 'ru');
      p.mmap(0x7fff_4746_0000, 0x2000, 'ru');
      p.mmap(0x3000, 1, 'rwu');
      p.mmap(0x1f_f000, 0x2001, 'rwu');
      p.mmap(0x3fff_f000, 0x2000, 'rwu');
      p.mmap(0x7f_ffff_f000, 0x2000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'as-mmap-zeros',
      title: 'fills anonymous memory with zeros',
      rule: 'AS-5',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale: 'Frames that were used and freed before must not show their old contents.',
      hint: 'A Page from Page.new() is zero: map one of its own for each page.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.spawn('bob');
        p.mmap(0xa000, 0x2000, 'rwu', {}, 'bob');
        p.write(0xa000, 0x77, 'bob', { length: 0x2000 });
        p.exit('bob');
        p.mmap(0x40_0000, 0x3000, 'rwu');
        p.read(0x40_0000, 'alice', { length: 0x2000 });
        p.read(0x40_2ff8, 'alice', { length: 8 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'as-mmap-many',
      title: 'maps more pages than one table holds',
      rule: 'AS-5',
      points: 1,
      requires: ['as-mmap-eager'],
      recreates: ['userprog::mm_exit_cleanup_stress'],
      rationale:
        'Six hundred pages, one byte written to each of some, in a process that exits without munmap, twice.',
      hint: 'Does the loop end at the right page? Does anything in it depend on the number of pages so far?',
    },
    eagerProgram((p) => {
      for (const [process, start] of [
        ['alice', 0x3000_0000],
        ['bob', 0x4000_0000],
      ] as const) {
        p.spawn(process);
        p.mmap(start, 600 * 0x1000, 'rwu', {}, process);
        for (const page of [0, 1, 127, 511, 512, 513, 599])
          p.write(start + page * 0x1000, 0x5a, process);
        p.exit(process);
      }
    }),
  );

  scenario(
    {
      id: 'as-mmap-bad-address',
      title: 'refuses addresses that are not in user space',
      rule: 'AS-2',
      points: 3,
      recreates: ['mm_struct::bad_addr_0'],
      rationale:
        'NULL, unaligned, kernel half, ranges that leave user space or wrap around; and one that just fits.',
      hint: 'Compute the exclusive end as a plain bigint, addr + size rounded up, and compare it with 0x8000_0000_0000n before the first page is mapped.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0, 0x1000, 'rwu');
      p.mmap(0xffff_ff00_0090_0000n, 0x1000, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_e000n, 'rwu');
      p.mmap(0x1337, 0x1000, 'rwu');
      p.mmap(0x1000, 0x8000_0000_0000n, 'rwu');
      p.mmap(0x7fff_ffff_f000, 0x1001, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_f000n, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_ffffn, 'rwu');
      p.mmap(0x1000, 0x1000, 'rwu');
      p.mmap(0x7fff_ffff_e000, 0x2000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'as-mmap-overlap',
      title: 'refuses overlapping regions and maps nothing of them',
      rule: 'AS-3',
      points: 2.5,
      rationale:
        'Same range, inside, around, over the start, over the end; contents survive, and no page of a refused range stays.',
      hint: 'Two ranges overlap if each starts before the other one ends. Compare with all regions before the first page is mapped: Duplicated comes too late.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x10_0000, 0x4000, 'rwu');
      p.write(0x10_2000, 7);
      p.mmap(0x10_0000, 0x4000, 'rwu');
      p.mmap(0x10_1000, 0x1000, 'rwu');
      p.mmap(0xf_f000, 0x6000, 'rwu');
      p.mmap(0xf_f000, 0x2000, 'rwu');
      p.mmap(0x10_3000, 0x2000, 'rwu');
      p.mmap(0xf_f000, 0x1001, 'rwu');
      p.read(0x10_2000);
      p.mmap(0x20_0000, 0x1001, 'rwu');
      p.mmap(0x20_1000, 0x1000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'as-mmap-empty',
      title: 'refuses empty ranges and empty files',
      rule: 'AS-3',
      points: 1,
      rationale: 'Size 0, and a file without a byte; afterwards the address is still free.',
      hint: 'Check size and file.size() before anything is mapped or recorded.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(0, 'empty');
      p.mmap(0xa000, 0, 'rwu');
      p.mmap(0xa000, 0x1000, 'rwu', { file: 'empty' });
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000);
    }),
  );

  scenario(
    {
      id: 'as-mmap-unmappable',
      title: 'refuses permissions without READ and unaligned offsets',
      rule: 'AS-4',
      points: 2,
      rationale: 'Each permission without READ; offsets inside a block.',
      hint: 'Check prot and offset first. PageTable refuses a permission without READ with an error of its own, which is not the one asked for.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(9000);
      for (const prot of [0, 2, 4, 8, 10, 12, 14]) p.mmap(0xa000, 0x1000, prot);
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 1 });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 0x1800 });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 0x1000 });
    }),
  );

  scenario(
    {
      id: 'as-error-kind',
      title: 'reports failures with a KernelError',
      rule: 'AS-21',
      points: 1,
      requires: ['as-mmap-eager'],
      rationale:
        'Every call that must be refused, once. (What is thrown when memory runs short or a disk fails is part of AS-19.)',
      hint: 'Catch PageTableMappingError (attempt helps) and throw the KernelError that fits.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xb000, 0x2000, 'ru');
      p.mmap(0xb000, 0x1000, 'ru');
      p.mmap(0xc000, 0x2000, 'ru');
      p.mmap(0xa000, 0x2000, 'ru');
      p.mmap(0x1001, 0x1000, 'ru');
      p.mmap(0xd000, 0x1000, 'wu');
      p.munmap(0xc000);
      p.munmap(0xb123);
      p.getUserPage(0xf123);
    }),
  );
});
