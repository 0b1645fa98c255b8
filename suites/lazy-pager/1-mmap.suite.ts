/** mmap: what it returns, what it refuses, and that it loads nothing. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('mmap', () => {
  scenario(
    {
      id: 'lp-mmap-returns',
      title: 'returns the start address from mmap',
      rule: 'LP-1',
      points: 1,
      rationale: 'Start address, size and page count differ from one another.',
      hint: 'Return addr itself (a bigint), not the size.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x10_0000, 0x3000, 'rwu');
      p.mmap(0x7fff_4746_0000, 0x2000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'lp-mmap-accepts',
      title: 'maps whatever can be mapped',
      rule: 'LP-1',
      points: 0.5,
      rationale:
        'WRITE with EXECUTABLE, no USER, a size that is not a multiple of the page size, regions that touch on both sides.',
      hint: 'Refuse only what a rule tells you to refuse. A range ends where its size rounded up ends, exclusive: a region may begin there.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x10_0000, 0x2000, 'rwxu');
      p.mmap(0x20_0000, 0x1000, 'r');
      p.mmap(0x30_0000, 0x2801, 'rwu');
      p.mmap(0x10_2000, 0x1000, 'ru');
      p.mmap(0xf_f000, 0x1000, 'rxu');
    }),
  );

  scenario(
    {
      id: 'lp-many-regions',
      title: 'maps many regions',
      rule: 'LP-1',
      points: 0,
      requires: ['lp-mmap-accepts'],
      rationale:
        'A hundred regions in one process, and a touch in the first and in the last of them.',
      hint: 'Keep regions in something that grows: a Map, or an array.',
    },
    processProgram((p) => {
      p.spawn();
      for (let i = 0; i < 100; i++) p.mmap(0x10_0000 + i * 0x2000, 0x1000, 'rwu');
      p.read(0x10_0000);
      p.read(0x1c_6000);
    }),
  );

  scenario(
    {
      id: 'lp-munmap-returns',
      title: 'returns 0 from munmap',
      rule: 'LP-14',
      points: 0.5,
      rationale: 'Regions that nothing has touched yet, so that only the result can be wrong.',
      hint: 'munmap returns 0n, not a number of bytes or pages.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x2000, 0x4000, 'rwu');
      p.munmap(0x2000);
    }),
  );

  scenario(
    {
      id: 'lp-mmap-lazy',
      title: 'loads nothing in mmap',
      rule: 'LP-5',
      points: 2.5,
      recreates: ['lazy_paging::do_mmap'],
      rationale:
        'Anonymous and file mappings, near and far: the page table must stay empty and no frame may be taken.',
      hint: 'mmap only records the region and its loader. Pages come in doLazyLoad.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(3 * 4096);
      p.mmap(0x1000, 0x1000, 'ru');
      p.mmap(0x7fff_4746_0000, 0x2000, 'ru');
      p.mmap(0x40_0000, 0x3000, 'rwu', { file: 'file' });
    }),
  );

  scenario(
    {
      id: 'lp-mmap-bad-address',
      title: 'refuses addresses that are not in user space',
      rule: 'LP-2',
      points: 2,
      recreates: ['lazy_paging::bad_addr_0'],
      rationale:
        'NULL, unaligned, kernel half, ranges that leave user space or wrap around, and the last page, which is fine.',
      hint: 'Compute the exclusive end as a plain bigint, addr + size rounded up, and compare it with 0x8000_0000_0000n.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0, 0x1000, 'rwu');
      p.mmap(0xffff_ff00_0090_0000n, 0x1000, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_e000n, 'rwu');
      p.mmap(0x1337, 0x1000, 'rwu');
      p.mmap(0x1000, 0x8000_0000_0000n, 'rwu');
      p.mmap(0x7fff_ffff_f000, 0x1001, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_f000n, 'rwu');
      p.mmap(0x1000, 0xffff_ffff_ffff_ffffn, 'rwu');
      p.mmap(0x7fff_ffff_e000, 0x2000, 'rwu');
      p.write(0x7fff_ffff_ffff, 4);
      p.mmap(0x1000, 0x1000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'lp-mmap-overlap',
      title: 'refuses overlapping regions',
      rule: 'LP-3',
      points: 2,
      rationale:
        'Same range, inside, around, over the start, over the end; touching neighbours are fine; contents survive.',
      hint: 'Two ranges overlap if each starts before the other one ends. Look at the region before and the region after, with ends rounded up to pages.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x10_0000, 0x4000, 'rwu');
      p.mmap(0x50_0000, 0x1000, 'rwu');
      p.write(0x10_2000, 7);
      p.mmap(0x10_0000, 0x4000, 'rwu');
      p.mmap(0x10_1000, 0x1000, 'rwu');
      p.mmap(0xf_f000, 0x6000, 'rwu');
      p.mmap(0xf_f000, 0x2000, 'rwu');
      p.mmap(0x10_3000, 0x2000, 'rwu');
      p.mmap(0xf_f000, 0x1001, 'rwu');
      p.read(0x10_2000);
      p.mmap(0xf_f000, 0x1000, 'rwu');
      p.mmap(0x10_4000, 0x1000, 'rwu');
      p.mmap(0x20_0000, 0x1001, 'rwu');
      p.mmap(0x20_1000, 0x1000, 'rwu');
    }),
  );

  scenario(
    {
      id: 'lp-mmap-empty',
      title: 'refuses empty ranges and empty files',
      rule: 'LP-3',
      points: 1,
      rationale: 'Size 0, and a file without a byte; afterwards the address is still free.',
      hint: 'Check size and file.size() before anything is recorded.',
    },
    processProgram((p) => {
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
      id: 'lp-mmap-unmappable',
      title: 'refuses permissions without READ and unaligned offsets',
      rule: 'LP-4',
      points: 1.5,
      rationale: 'Each permission without READ; offsets inside a block.',
      hint: 'Check prot and offset in mmap: at the first fault it is too late.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      for (const prot of [0, 2, 4, 8, 10, 12, 14]) p.mmap(0xa000, 0x1000, prot);
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 1 });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 0x1800 });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file', offset: 0x1000 });
    }),
  );
});
