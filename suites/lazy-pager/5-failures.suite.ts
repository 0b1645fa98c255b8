/** Frames that run short and reads that fail. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('failures', () => {
  scenario(
    {
      id: 'lp-out-of-memory',
      title: 'survives a shortage of frames at every allocation of a load',
      rule: 'LP-23',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'Each of up to four allocations of a first touch fails once, then from then on; the touch is repeated afterwards.',
      hint: 'If mapping fails after the page was loaded, the page must be dropped (PageTable.map does it for you). Nothing may be recorded before the last thing that can fail.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      let region = 1;
      for (const mode of ['once', 'on'] as const) {
        for (let nth = 1; nth <= 4; nth++) {
          const va = region++ * 0x80_0000_0000;
          p.mmap(va, 0x2000, 'rwu', nth % 2 === 0 ? { file: 'file' } : {});
          p.read(va, 'alice', { fault: { point: 'frame', nth, mode } });
          p.read(va);
        }
      }
    }),
  );

  scenario(
    {
      id: 'lp-read-error',
      title: 'survives a file that cannot be read',
      rule: 'LP-23',
      points: 0.5,
      requires: ['lp-file-bytes'],
      rationale:
        'The read of a page fails once, then for good, then works: the page must show the file, not zeros.',
      hint: 'Let the KernelError out of the loader. Do not map a page that was not filled.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xa000, 0x3000, 'ru', { file: 'file' });
      p.read(0xa000, 'alice', { fault: { point: 'file', nth: 1, mode: 'once' } });
      p.read(0xa000);
      p.read(0xb010, 'alice', { fault: { point: 'file', nth: 1, mode: 'on' } });
      p.read(0xb010);
      p.munmap(0xa000);
    }),
  );
});
