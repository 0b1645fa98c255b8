/** The tests of KeOS's own grader for copy-on-write, step by step as far as memory goes, at a size that crosses a table. */
import { processProgram, scenario } from '../../harness/index.ts';

/** An initialised global of the program, an anonymous page, a private page of a file. */
const GLOBAL = 0x40_5000;
const ANON = 0xa000;
const FILE = 0xb000;
const CODE = 0xc000;

describe('programs', () => {
  scenario(
    {
      id: 'cw-keos-fork',
      title: 'lets a child change a global without its parent noticing',
      rule: 'CW-1',
      points: 0.5,
      requires: ['cw-fork'],
      recreates: ['copy_on_write::fork'],
      rationale:
        'A variable in the data of the program, a stack, and code that both go on executing.',
      hint: 'Everything that the parent has loaded has to be there in the child: code, data, stack.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(0x1_2000, 'program');
      p.mmap(0x40_1000, 0x4000, 'rxu', { file: 'program', offset: 0x1000 });
      p.mmap(GLOBAL, 0x1000, 'rwu', { file: 'program', offset: 0x5000 });
      p.mmap(0x4747_0000, 0x1_0000, 'rwu');
      p.execute(0x40_1010);
      p.write(0x4747_fff0, 1, 'alice', { length: 8 });
      p.write(GLOBAL, 1);
      p.fork('child');
      p.execute(0x40_1010, 'child');
      p.read(GLOBAL, 'child');
      p.write(0x4747_ffe8, 2, 'child', { length: 8 });
      p.write(GLOBAL, 2, 'child');
      p.read(GLOBAL, 'child');
      p.exit('child');
      p.execute(0x40_1010);
      p.write(0x4747_ffe8, 3, 'alice', { length: 8 });
      p.read(GLOBAL);
    }),
  );

  scenario(
    {
      id: 'cw-keos-cow',
      title: 'copies data, anonymous memory and a private file at the first write of either side',
      rule: 'CW-8',
      points: 1,
      requires: ['cw-isolated'],
      recreates: ['copy_on_write::cow'],
      rationale:
        'Three kinds of memory, read first; in one round the parent overwrites eight bytes, in the next the child.',
      hint: 'The writer has to end up on a new frame, the other one must stay where it is.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(0x6000, 'program');
      p.file(140, 'hello', 30);
      p.mmap(GLOBAL, 0x1000, 'rwu', { file: 'program', offset: 0x5000 });
      p.mmap(ANON, 0x1000, 'rwu');
      p.mmap(FILE, 0x1000, 'rwu', { file: 'hello' });
      for (const va of [GLOBAL, ANON, FILE]) p.read(va, 'alice', { length: 8 });
      for (const writer of ['alice', 'child']) {
        const child = writer === 'alice' ? 'first' : 'second';
        p.fork(child);
        for (const process of ['alice', child])
          for (const va of [GLOBAL, ANON, FILE]) p.read(va, process, { length: 8 });
        const other = writer === 'alice' ? child : 'alice';
        for (const [i, va] of [GLOBAL, ANON, FILE].entries()) {
          p.write(va, 0x50 + i, writer === 'alice' ? 'alice' : child, { length: 8 });
          p.read(va, other, { length: 16 });
        }
        p.exit(child);
      }
    }),
  );

  scenario(
    {
      id: 'cw-keos-cow-perm',
      title: 'takes RW and nothing else, and patches code in the child only',
      rule: 'CW-12',
      points: 0.5,
      requires: ['cw-rights-of-copies'],
      recreates: ['copy_on_write::cow_perm'],
      rationale:
        'Rights before the fork, after it, and after a write, of data and of code that is rewritten and called.',
      hint: 'XD of data stays set and XD of code stays clear, through fork and copy.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(140, 'hello', 30);
      p.mmap(GLOBAL, 0x1000, 'rwu');
      p.mmap(ANON, 0x1000, 'rwu');
      p.mmap(FILE, 0x1000, 'rwu', { file: 'hello' });
      p.mmap(CODE, 0x1000, 'rwxu');
      for (const va of [GLOBAL, ANON, FILE]) p.read(va);
      p.write(CODE, 0x42, 'alice', { length: 6 });
      p.execute(CODE);
      p.fork('child');
      for (const va of [GLOBAL, ANON, FILE]) p.write(va, 0x41, 'child');
      p.execute(CODE);
      p.execute(CODE, 'child');
      p.write(CODE + 1, 0x41, 'child');
      p.execute(CODE + 1, 'child');
      p.execute(CODE + 1);
      p.exit('child');
      p.execute(CODE + 1);
    }),
  );

  scenario(
    {
      id: 'cw-keos-cow-sys',
      title: 'copies for the system call read()',
      rule: 'CW-4',
      points: 0.5,
      requires: ['cw-write-kernel'],
      recreates: ['copy_on_write::cow_sys'],
      rationale:
        'The kernel asks accessOk for a buffer that is read-only for now, and then stores into it: data, anonymous memory, and code.',
      hint: 'accessOk asks the region. The store of the kernel then faults, and is cured like the program’s.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(GLOBAL, 0x1000, 'rwu');
      p.mmap(ANON, 0x1000, 'rwu');
      p.mmap(CODE, 0x1000, 'rwxu');
      p.read(GLOBAL);
      p.read(ANON);
      p.write(CODE, 0x42, 'alice', { length: 6 });
      p.fork('child');
      for (const va of [GLOBAL, ANON, CODE]) {
        p.accessOk(va, true, 'child');
        p.write(va + 1, 0x41, 'child', { length: 8, mode: 'supervisor' });
        p.read(va, 'child', { length: 16 });
        p.read(va, 'alice', { length: 16 });
      }
      p.execute(CODE + 1, 'child');
      p.execute(CODE + 1);
      p.accessOk(ANON, true);
      p.write(ANON, 0x40, 'alice', { length: 8, mode: 'supervisor' });
      p.read(ANON, 'child', { length: 8 });
    }),
  );

  scenario(
    {
      id: 'cw-keos-cleanup-stress',
      title: 'forks, rewrites everything and exits, again and again',
      rule: 'CW-15',
      points: 0.5,
      requires: ['cw-frames'],
      recreates: ['copy_on_write::cow_cleanup_stress'],
      rationale:
        'Pages on both sides of a table boundary; the child rewrites each of them and exits, the parent looks at its own and exits; four rounds.',
      hint: 'What is still owned after a round? A copy per page and round is soon the whole memory.',
    },
    processProgram(
      (p) => {
        for (let round = 1; round <= 4; round++) {
          const parent = p.spawn(`parent${String(round)}`);
          const child = `child${String(round)}`;
          const pages = Array.from({ length: 12 }, (_, i) => 0x3fff_a000 + i * 0x1000);
          p.mmap(0x3fff_a000, 0xc000, 'rwu', {}, parent);
          for (const va of pages) p.write(va, 0x5a, parent);
          p.fork(child, parent);
          for (const va of pages) p.write(va, 0xa5, child);
          p.exit(child);
          for (const va of pages.filter((_, i) => i % 4 === 0)) p.read(va, parent);
          p.exit(parent);
        }
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'cw-keos-fork2',
      title: 'loads after a fork for each side, and kills forbidden stores',
      rule: 'CW-11',
      points: 0.5,
      requires: ['cw-forbidden'],
      recreates: ['copy_on_write::fork2'],
      rationale:
        'Read-only anonymous memory, a read-only file and a private writable file, none of them touched before the fork; the child edits, both end with a forbidden store.',
      hint: 'Pages not touched before the fork are loaded by each process for itself, from loaders that are shared. Shared loaders must give each its own page.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(140, 'hello', 30);
      p.file(24, 'hello2', 60);
      p.mmap(ANON, 0x1000, 'ru');
      p.mmap(FILE, 0x1000, 'ru', { file: 'hello' });
      p.mmap(0xd000, 0x1000, 'rwu', { file: 'hello2' });
      p.fork('child');
      p.write(0xd002, 0x20, 'child');
      p.read(0xd000, 'child', { length: 24 });
      p.read(0xd000, 'alice', { length: 24 });
      p.read(FILE, 'child', { length: 24 });
      p.write(FILE, 1, 'child');
      p.exit('child');
      p.read(ANON);
      p.write(ANON, 1);
    }),
  );
});
