/** Frames that run short and reads that fail. */
import { enumeration, processProgram, processPrograms, scenario } from '../../harness/index.ts';

describe('failures', () => {
  scenario(
    {
      id: 'lp-out-of-memory',
      title: 'survives a shortage of frames at every allocation of a load',
      rule: 'LP-23',
      points: 0.5,
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
        'The read of a page fails once, then for good, then works: the page must show the file, not zeros. One block of another file never can be read.',
      hint: 'Let the KernelError out of the loader. Do not map a page that was not filled.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(4 * 4096);
      p.mmap(0xa000, 0x4000, 'ru', { file: 'file' });
      // A pager reads its file by `mmap` or by `read`.
      let va = 0xa000;
      for (const point of ['mmap', 'read'] as const) {
        for (const mode of ['once', 'on'] as const) {
          p.read(va + 0x10, 'alice', { fault: { point, nth: 1, mode } });
          p.read(va + 0x10);
          va += 0x1000;
        }
      }
      p.munmap(0xa000);
      p.file(9000, 'damaged', 30, { unreadable: [1] });
      p.mmap(0xa000, 0x3000, 'ru', { file: 'damaged' });
      p.read(0xb000);
      p.read(0xb000);
      p.read(0xa000);
      p.read(0xc000);
    }),
  );

  enumeration(
    {
      id: 'lp-every-failure',
      title: 'survives every single failure of a frame allocation or a file read',
      rule: 'LP-23',
      points: 0.5,
      requires: ['lp-out-of-memory', 'lp-read-error'],
      rationale:
        'In all programs above, and in short generated ones, each call that can fail does so: once, and from then on. The same operation is repeated afterwards.',
      hint: 'Go through the operation line by line: if this line throws, who owns each frame, and what is written down already that is not true now?',
    },
    processPrograms({
      length: 12,
      weights: { mmap: 24, badMmap: 2, access: 40, crossing: 10, getUserPage: 12, accessOk: 0 },
    }),
  );
});
