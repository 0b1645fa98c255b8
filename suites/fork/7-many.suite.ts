/** Large numbers: many pages, many regions, many generations. What is right for a few must be right for many. */
import { processProgram, scenario } from '../../harness/index.ts';

/** As many frames as they need, said so that enumerations leave these programs out: failures in them would show nothing that short ones do not. */
const MANY = { frames: 1024 };

describe('large numbers', () => {
  scenario(
    {
      id: 'cw-regions-many',
      title: 'gives the child all of many regions',
      rule: 'CW-1',
      points: 0,
      requires: ['cw-fork-anywhere'],
      rationale:
        'Twenty-four regions, of which every other one is loaded; the child reads in each of them.',
      hint: 'clone() of the pager takes all regions, however many there are.',
    },
    processProgram((p) => {
      p.spawn();
      const starts = Array.from({ length: 24 }, (_, i) => 0x10_0000 + i * 0x2000);
      for (const [i, start] of starts.entries()) {
        p.mmap(start, 0x1000, 'rwu');
        if (i % 2 === 0) p.write(start, i);
      }
      p.fork('bob');
      for (const start of starts) p.read(start, 'bob');
    }, MANY),
  );

  scenario(
    {
      id: 'cw-protect-many',
      title: 'makes all of many pages read-only',
      rule: 'CW-3',
      points: 0,
      requires: ['cw-read-only-both'],
      rationale:
        'Eighty pages, all of them written before the fork; afterwards the parent writes the last one, and the child reads it.',
      hint: 'Clear RW in every leaf, however many there are.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x5_0000, 'rwu');
      p.write(0x20_0000, 1, 'alice', { length: 0x5_0000 });
      p.fork('bob');
      p.write(0x24_f000, 2);
      p.read(0x24_f000, 'bob');
    }, MANY),
  );

  scenario(
    {
      id: 'cw-long-chain',
      title: 'protects the pages of the eighth generation like those of the first',
      rule: 'CW-3',
      points: 0,
      requires: ['cw-read-only-again'],
      rationale:
        'Each child writes the page, so that its copy is writable, and then forks in turn: eight times.',
      hint: 'A child forks like its parent. Does anything depend on how many forks there were?',
    },
    processProgram((p) => {
      p.spawn('process0');
      p.mmap(0xa000, 0x1000, 'rwu', {}, 'process0');
      for (let i = 0; i < 8; i++) {
        p.write(0xa000, i + 1, `process${String(i)}`);
        p.fork(`process${String(i + 1)}`, `process${String(i)}`);
      }
      p.write(0xa000, 9, 'process7');
      p.read(0xa000, 'process8');
    }, MANY),
  );

  scenario(
    {
      id: 'cw-many-pages',
      title: 'copies the contents of many pages',
      rule: 'CW-7',
      points: 0,
      requires: ['cw-copy-contents'],
      rationale:
        'Forty pages, each of which the child changes in a few bytes, by stores that cross from one page into the next; then it reads all of them.',
      hint: 'The fortieth copy is made like the first: all 4096 bytes of the old page.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x2_8000, 'rwu');
      p.write(0x20_0000, 1, 'alice', { length: 0x2_8000 });
      p.fork('bob');
      for (let va = 0x20_0ff8; va < 0x22_8000; va += 0x2000) p.write(va, 2, 'bob', { length: 16 });
      p.read(0x20_0000, 'bob', { length: 0x2_8000 });
    }, MANY),
  );
});
