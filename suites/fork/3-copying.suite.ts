/** The first write after a fork. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('copying', () => {
  scenario(
    {
      id: 'cw-write-child',
      title: 'lets the child write to a shared page',
      rule: 'CW-4',
      points: 2,
      requires: ['cw-fork'],
      rationale: 'The smallest copy: one store, in the middle of the page.',
      hint: 'doCopyOnWrite: round the address down, take a page, copy, put it into the leaf with RW, invalidate.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000, 7);
      p.fork('bob');
      p.write(0xa123, 8, 'bob');
      p.read(0xa123, 'bob');
    }),
  );

  scenario(
    {
      id: 'cw-write-parent',
      title: 'lets the parent write to a shared page, first or last',
      rule: 'CW-4',
      points: 0.5,
      requires: ['cw-write-child'],
      rationale: 'Parent first and then child, child first and then parent, twice each.',
      hint: 'The parent has lost RW as well, and gets it back the same way.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 1);
      p.fork('bob');
      p.write(0xa008, 2);
      p.write(0xa008, 3, 'bob');
      p.write(0xb008, 4, 'bob');
      p.write(0xb008, 5);
      p.write(0xa008, 6);
      p.write(0xa008, 7, 'bob');
    }),
  );

  scenario(
    {
      id: 'cw-write-kernel',
      title: 'lets the kernel write to shared pages',
      rule: 'CW-4',
      points: 0.5,
      requires: ['cw-write-child'],
      rationale:
        'The system call read() stores into a buffer that spans two shared pages, and one that spans a shared page and one that was never touched.',
      hint: 'The kernel respects a missing RW, too. Its fault is one like any other.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x3000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 1);
      p.fork('bob');
      p.write(0xaff8, 2, 'bob', { mode: 'supervisor', length: 16 });
      p.write(0xbff8, 3, 'alice', { mode: 'supervisor', length: 16 });
      p.read(0xbff8, 'alice', { length: 16 });
    }),
  );

  scenario(
    {
      id: 'cw-copy-contents',
      title: 'copies what the page holds',
      rule: 'CW-7',
      points: 1.5,
      requires: ['cw-write-child'],
      rationale:
        'The first byte, the last one and some in between were written; the store is in the middle.',
      hint: 'copy.innerMut().copyFrom(old.inner()): all 4096 bytes, and in this direction.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000, 1, 'alice', { length: 64 });
      p.write(0xa7f0, 2, 'alice', { length: 32 });
      p.write(0xafff, 3);
      p.fork('bob');
      p.write(0xa800, 4, 'bob');
      p.read(0xa000, 'bob', { length: 4096 });
    }),
  );

  scenario(
    {
      id: 'cw-copy-current',
      title: 'copies what the page holds now, not what it was loaded with',
      rule: 'CW-7',
      points: 1,
      requires: ['cw-copy-contents'],
      rationale:
        'A page of a file that was changed in memory, and a page that was copied once already.',
      hint: 'The loader of the region knows the page as it was at first. Copy from the frame.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xb000, 0x2000, 'rwu', { file: 'file' });
      p.write(0xb008, 1, 'alice', { length: 8 });
      p.write(0xc008, 1, 'alice', { length: 8 });
      p.fork('bob');
      p.write(0xb100, 2, 'bob');
      p.read(0xb000, 'bob', { length: 512 });
      p.fork('carol', 'bob');
      p.write(0xb200, 3, 'carol');
      p.read(0xb000, 'carol', { length: 1024 });
      p.write(0xb300, 4, 'bob');
      p.read(0xb000, 'bob', { length: 1024 });
    }),
  );

  scenario(
    {
      id: 'cw-rights-of-copies',
      title: 'gives copies the rights of the region',
      rule: 'CW-12',
      points: 0.5,
      requires: ['cw-rights', 'cw-write-child'],
      rationale: 'Writes to data, to code and to memory of the kernel, which is then used again.',
      hint: 'The flags of the copy are those of the old leaf and RW. Clearing the leaf loses them: read them first.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.mmap(0xb000, 0x1000, 'rwxu');
      p.mmap(0xe000, 0x1000, 'rw');
      p.mmap(0xf000, 0x1000, 'rwx');
      for (const va of [0xa000, 0xb000, 0xe000, 0xf000])
        p.write(va, 1, 'alice', { mode: 'supervisor' });
      p.fork('bob');
      for (const process of ['bob', 'alice']) {
        p.write(0xa000, 2, process);
        p.write(0xb000, 2, process);
        p.execute(0xb000, process);
        p.write(0xe000, 2, process, { mode: 'supervisor' });
        p.write(0xf000, 2, process, { mode: 'supervisor' });
      }
    }),
  );

  scenario(
    {
      id: 'cw-isolated',
      title: 'keeps what one process writes from the other',
      rule: 'CW-8',
      points: 2,
      requires: ['cw-write-child'],
      rationale: 'The child writes and the parent reads, and the other way round: data, and code.',
      hint: 'Which frame does the leaf of the writer lead to after the fault? It must be a new one, while the other keeps the old.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.mmap(0xc000, 0x2000, 'rwxu');
      for (const va of [0xa000, 0xb000, 0xc000, 0xd000]) p.write(va, 7, 'alice', { length: 16 });
      p.fork('bob');
      p.write(0xa008, 8, 'bob');
      p.read(0xa000, 'alice', { length: 16 });
      p.write(0xb008, 9);
      p.read(0xb000, 'bob', { length: 16 });
      p.write(0xc008, 8, 'bob');
      p.read(0xc000, 'alice', { length: 16 });
      p.write(0xd008, 9);
      p.read(0xd000, 'bob', { length: 16 });
    }),
  );

  scenario(
    {
      id: 'cw-generations',
      title: 'keeps three generations apart',
      rule: 'CW-8',
      points: 1,
      requires: ['cw-isolated'],
      rationale:
        'Parent, children and grandchild share a page; one after the other writes; a fork after a write, in the middle.',
      hint: 'A page may have more than two users. A copy changes one leaf and nothing else.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000, 1, 'alice', { length: 8 });
      p.fork('bob');
      p.fork('carol', 'bob');
      p.write(0xa001, 2, 'bob');
      p.fork('dora', 'bob');
      p.write(0xa002, 3, 'carol');
      p.write(0xa003, 4);
      p.fork('emil');
      p.write(0xa004, 5, 'emil');
      p.write(0xa005, 6, 'dora');
      p.write(0xa006, 7, 'bob');
      p.write(0xa007, 8);
      for (const process of ['alice', 'bob', 'carol', 'dora', 'emil'])
        p.read(0xa000, process, { length: 8 });
    }),
  );

  scenario(
    {
      id: 'cw-copy-invalidates',
      title: 'makes every processor forget the page that was copied',
      rule: 'CW-10',
      points: 1,
      requires: ['cw-write-child'],
      rationale: 'A process reads shared pages on two processors and writes them on one of them.',
      hint: 'Each changed leaf needs an invalidation after the change: invalidate() of its StaleTLBEntry, or tlbShutdown.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        p.write(0xa000, 1);
        p.write(0xb000, 1);
        p.fork('bob', 'alice', { cpu: 2 });
        for (const cpu of [0, 1]) {
          p.read(0xa000, 'alice', { cpu });
          p.read(0xb000, 'alice', { cpu });
        }
        p.write(0xa000, 2, 'alice', { cpu: 0 });
        p.read(0xa000, 'alice', { cpu: 1 });
        p.write(0xb000, 3, 'alice', { cpu: 1 });
        p.read(0xb000, 'alice', { cpu: 0 });
        p.write(0xb000, 4, 'alice', { cpu: 0 });
      },
      { cpus: 3 },
    ),
  );

  scenario(
    {
      id: 'cw-forbidden',
      title: 'refuses writes that the region forbids',
      rule: 'CW-11',
      points: 1.5,
      requires: ['cw-fork'],
      rationale:
        'Pages without WRITE that were read before: anonymous, executable, of a file; after a fork, in both processes, from user and kernel mode.',
      hint: 'Look up the region of the address first, and throw if it lacks WRITE. The leaf says the same of all pages.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.mmap(0xa000, 0x1000, 'ru');
      p.mmap(0xb000, 0x1000, 'ru', { file: 'file' });
      p.mmap(0xc000, 0x1000, 'rxu');
      for (const va of [0xa000, 0xb000, 0xc000]) p.read(va);
      p.fork('bob');
      for (const process of ['bob', 'alice']) {
        for (const va of [0xa000, 0xb000, 0xc000]) {
          p.write(va, 9, process);
          p.read(va, process);
        }
      }
      p.write(0xb000, 9, 'bob', { mode: 'supervisor' });
    }),
  );

  scenario(
    {
      id: 'cw-forbidden-elsewhere',
      title: 'refuses what copy-on-write cannot cure',
      rule: 'CW-11',
      points: 1,
      requires: ['cw-forbidden'],
      rationale:
        'A store of the program to the kernel’s memory, which is present; code executed where it must not be; memory of the kernel read by the program; a write fault for a page that is not there.',
      hint: 'Writes only, present pages only, and only in a region: no region holds a kernel address, so do not walk the page table for it.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.mmap(0xe000, 0x1000, 'rw');
      p.write(0xa000, 1);
      p.write(0xe000, 1, 'alice', { mode: 'supervisor' });
      p.fork('bob');
      p.write(0xffff_ff00_0000_1000n, 2, 'bob');
      p.execute(0xa000, 'bob');
      p.read(0xe000, 'bob');
      p.write(0xe000, 3, 'bob');
      p.fault(0xb000, 7, 'bob');
      p.fault(0x20_0000, 7, 'bob');
      p.read(0xa000, 'bob');
    }),
  );

  scenario(
    {
      id: 'cw-copy-cost',
      title: 'copies one page at a time',
      rule: 'CW-16',
      points: 1,
      requires: ['cw-write-child'],
      rationale:
        'Sixteen shared pages and three writes; a fault that comes late, for a page that is writable by now.',
      hint: 'Only the page of the faulting address. If its leaf has RW by now, return without a copy.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1_0000, 'rwu');
      for (let i = 0; i < 8; i++) p.write(0xa000 + i * 0x2000, 1, 'alice', { length: 8192 });
      p.fork('bob');
      p.write(0xc000, 2, 'bob');
      p.fault(0xc008, 7, 'bob');
      p.write(0xd000, 3);
      p.write(0xdff8, 4, 'bob', { length: 16 });
      p.read(0xc000, 'bob');
    }),
  );
});
