/** Large numbers: long regions, many regions, high descriptors. What is right for a few must be right for many. */
import { eagerProgram, scenario } from '../../harness/index.ts';

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
});
