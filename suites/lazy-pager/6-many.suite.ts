/** Large numbers: long regions and many regions. What is right for a few must be right for many. */
import { processProgram, scenario } from '../../harness/index.ts';

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
