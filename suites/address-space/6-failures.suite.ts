/** Frames that run short and reads that fail, in the middle of a mapping. */
import { eagerProgram, enumeration, processPrograms, scenario } from '../../harness/index.ts';

describe('failures', () => {
  scenario(
    {
      id: 'as-out-of-memory',
      title: 'undoes a mapping for which memory runs short',
      rule: 'AS-19',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale:
        'Each of the first allocations of a mapping of four pages fails once, then from then on; afterwards nothing of it may be there, and a second try works.',
      hint: 'Note which pages you have mapped, and unmap them again before you let the error out. Record the region last.',
    },
    eagerProgram((p) => {
      p.spawn();
      let region = 1;
      for (const mode of ['once', 'on'] as const) {
        for (let nth = 1; nth <= 7; nth++) {
          const va = region++ * 0x80_0000_0000;
          p.mmap(va, 0x4000, 'rwu', {}, 'alice', { fault: { point: 'frame', nth, mode } });
          p.accessOk(va, false);
          p.mmap(va, 0x4000, 'rwu');
          p.write(va + 0x3000);
        }
      }
    }),
  );

  scenario(
    {
      id: 'as-read-error',
      title: 'undoes a mapping of a file that cannot be read',
      rule: 'AS-19',
      points: 1.5,
      requires: ['as-file-bytes'],
      rationale:
        'The read of a page in the middle fails once, then for good; one block of another file never can be read, and the part before it can be mapped.',
      hint: 'A file is read in the middle of the loop: the pages before must go again, and the KernelError goes on to the caller.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(4 * 4096);
      // A pager reads its file by `mmap` or by `read`.
      let at = 0xa000;
      for (const point of ['mmap', 'read'] as const) {
        for (const mode of ['once', 'on'] as const) {
          // Where nothing fails, because the file is read in the other way, the second call meets the region of the first.
          p.mmap(at, 0x4000, 'ru', { file: 'file' }, 'alice', { fault: { point, nth: 3, mode } });
          p.mmap(at, 0x4000, 'ru', { file: 'file' });
          p.read(at + 0x2000);
          at += 0x10_0000;
        }
      }
      p.file(9000, 'damaged', 30, { unreadable: [1] });
      p.mmap(at, 0x3000, 'ru', { file: 'damaged' });
      p.mmap(at, 0x1000, 'ru', { file: 'damaged' });
      p.read(at);
    }),
  );

  enumeration(
    {
      id: 'as-every-failure',
      title: 'survives every single failure of a frame allocation or a file read',
      rule: 'AS-19',
      points: 0.5,
      requires: ['as-out-of-memory', 'as-read-error'],
      rationale:
        'In all programs of this assignment, and in short generated ones, each call that can fail does so: once, and from then on. The same mapping is asked for again afterwards.',
      hint: 'Go through mmap line by line: if this line throws, who owns each frame, which pages are mapped, and what is written down already?',
    },
    processPrograms({ pager: 'eager', length: 12 }),
  );
});
