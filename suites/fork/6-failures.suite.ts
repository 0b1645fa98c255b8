/** Frames that run short in a fork and in a copy. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('failures', () => {
  scenario(
    {
      id: 'cw-fork-fails',
      title: 'undoes a fork for which memory runs short',
      rule: 'CW-9',
      points: 1.5,
      requires: ['cw-write-child'],
      rationale:
        'Each allocation for the tables of the child fails once, then from then on. The parent has written on two processors before, and does so in between.',
      hint: 'If mapping in the child fails, drop its page table (and its pager’s pages) before you let the error out. If leaves of the parent have changed by then, tlbShutdown.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        p.mmap(0x40_0000, 0x1000, 'ru');
        p.mmap(0x80_0000_0000, 0x1000, 'rwu');
        p.read(0x40_0000);
        p.write(0x80_0000_0000, 1);
        let value = 1;
        for (const mode of ['once', 'on'] as const) {
          for (let nth = 1; nth <= 7; nth++) {
            p.write(0xa000, value++, 'alice', { cpu: 0 });
            p.write(0xb000, value++, 'alice', { cpu: 1 });
            p.fork(`child${String(value)}`, 'alice', { fault: { point: 'frame', nth, mode } });
          }
        }
        p.write(0xa000, value, 'alice', { cpu: 1 });
        p.read(0xb000, 'alice', { cpu: 1 });
        p.exit();
      },
      { cpus: 2 },
    ),
  );

  scenario(
    {
      id: 'cw-fork-retried',
      title: 'forks after a fork that failed',
      rule: 'CW-9',
      points: 0.5,
      requires: ['cw-fork-fails'],
      rationale: 'The second table cannot be had; the parent goes on, and forks again.',
      hint: 'Is anything remembered of the fork that failed?',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.fork('bob', 'alice', { fault: { point: 'frame', nth: 2, mode: 'once' } });
      p.write(0xa000, 2);
      p.fork('bob');
      p.write(0xa000, 3, 'bob');
      p.read(0xa000);
      p.write(0xa000, 4);
      p.read(0xa000, 'bob');
    }),
  );

  scenario(
    {
      id: 'cw-copy-fails',
      title: 'leaves a page as it is that cannot be copied',
      rule: 'CW-9',
      points: 1,
      requires: ['cw-write-child'],
      rationale:
        'The frame for the copy cannot be had, for the parent and for the child, once and for good; then the write is tried again.',
      hint: 'Take the new page before you touch the leaf.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x4000, 'rwu');
      p.write(0xa000, 1, 'alice', { length: 8192 });
      p.write(0xc000, 1, 'alice', { length: 8192 });
      p.fork('bob');
      let va = 0xa000;
      for (const process of ['bob', 'alice']) {
        for (const mode of ['once', 'on'] as const) {
          p.write(va, 2, process, { fault: { point: 'frame', nth: 1, mode } });
          p.read(va, process);
          p.write(va, 3, process);
          p.read(va, process === 'bob' ? 'alice' : 'bob');
          va += 0x1000;
        }
      }
      p.getUserPage(0xa000, 'alice', { fault: { point: 'frame', nth: 1, mode: 'on' } });
      p.getUserPage(0xa000);
    }),
  );
});
