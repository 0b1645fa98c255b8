/** What a fork takes away: the right to write, and what processors remember of it. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('protection', () => {
  scenario(
    {
      id: 'cw-read-only-both',
      title: 'makes shared pages read-only in both processes',
      rule: 'CW-3',
      points: 3,
      requires: ['cw-fork'],
      rationale:
        'Only a fork: every leaf of both page tables is looked at, in several regions and tables.',
      hint: 'Clear RW in the leaf of the parent as well as in that of the child: in every page, not only in the first of a region.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xa000, 0x4000, 'rwu');
      p.mmap(0x1f_f000, 0x2000, 'rwxu');
      p.mmap(0x40_0000, 0x2000, 'rwu', { file: 'file' });
      for (const va of [0xa000, 0xb000, 0xd000, 0x1f_f000, 0x20_0000]) p.write(va, 1);
      p.read(0x40_1000);
      p.fork('bob');
    }),
  );

  scenario(
    {
      id: 'cw-read-only-again',
      title: 'protects at every fork what was copied since the last one',
      rule: 'CW-3',
      points: 1,
      requires: ['cw-read-only-both'],
      rationale:
        'Copies are writable, so the next fork has to protect them, in parent, child and grandchild.',
      hint: 'Is anything remembered about pages that are shared already? After a copy it is no longer true.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 1);
      p.fork('bob');
      p.write(0xa000, 2, 'bob');
      p.fork('carol', 'bob');
      p.write(0xb000, 3);
      p.fork('dora');
      p.write(0xa000, 4, 'carol');
      p.fork('emil', 'carol');
    }),
  );

  scenario(
    {
      id: 'cw-read-only-stays',
      title: 'leaves shared pages read-only until somebody writes',
      rule: 'CW-3',
      points: 0.5,
      requires: ['cw-read-only-both'],
      rationale:
        'Reads, getUserPage, accessOk and faults that come late, for pages that are shared: none of them is a write.',
      hint: 'A page that is there is not loaded again, and its leaf stays as it is, whatever the region allows.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 1);
      p.fork('bob');
      for (const process of ['bob', 'alice']) {
        p.read(0xa000, process);
        p.accessOk(0xa000, true, process);
        p.fault(0xa000, 4, process);
        p.fault(0xa000, 6, process);
        p.getUserPage(0xb000, process);
      }
    }),
  );

  scenario(
    {
      id: 'cw-shootdown',
      title: 'makes the processor forget that it could write',
      rule: 'CW-6',
      points: 2,
      requires: ['cw-fork'],
      rationale:
        'The parent has written to its pages just before: their translations are in the TLB, with the right to write.',
      hint: 'tlbShutdown(mm.pageTable.root), after the last leaf was changed. Before it is too early.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x3000, 'rwu');
      for (const va of [0xa000, 0xb000, 0xc000]) p.write(va, 1);
      p.fork('bob');
      p.write(0xc000, 2);
      p.read(0xc000, 'bob');
    }),
  );

  scenario(
    {
      id: 'cw-shootdown-all-cpus',
      title: 'makes every processor forget that it could write',
      rule: 'CW-6',
      points: 1.5,
      requires: ['cw-fork'],
      rationale: 'The parent has run on three processors and forks on a fourth, twice.',
      hint: 'tlbShutdown() reaches all processors that run the page table. Loading CR3 reaches only one.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        for (const cpu of [0, 1, 2]) {
          p.write(0xa000, cpu, 'alice', { cpu });
          p.write(0xb000, cpu, 'alice', { cpu });
        }
        p.fork('bob', 'alice', { cpu: 3 });
        p.write(0xb000, 7, 'alice', { cpu: 2 });
        p.read(0xb000, 'bob', { cpu: 3 });
        p.write(0xa000, 8, 'alice', { cpu: 1 });
        p.fork('carol', 'alice', { cpu: 0 });
        p.write(0xa000, 9, 'alice', { cpu: 1 });
        p.read(0xa000, 'carol', { cpu: 3 });
      },
      { cpus: 4 },
    ),
  );

  scenario(
    {
      id: 'cw-rights',
      title: 'leaves all other rights as they are',
      rule: 'CW-12',
      points: 1.5,
      requires: ['cw-fork'],
      rationale:
        'Every permission, looked at right after the fork and used: executed code, data that must not be executed, memory for the kernel alone; and pages that the child is the first to touch.',
      hint: 'Take US and XD from the leaf of the parent. Only RW changes.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.mmap(0xb000, 0x1000, 'rwxu');
      p.mmap(0xc000, 0x1000, 'rxu');
      p.mmap(0xd000, 0x1000, 'ru');
      p.mmap(0xe000, 0x1000, 'rw');
      p.mmap(0xf000, 0x1000, 'rx');
      p.mmap(0x1_0000, 0x1000, 'r');
      p.mmap(0x1_1000, 0x1000, 'rwx');
      // None of these is touched before the fork.
      const late = ['r', 'rw', 'rx', 'rwx', 'ru', 'rwu', 'rxu', 'rwxu'] as const;
      for (const [i, prot] of late.entries()) p.mmap(0x2_0000 + i * 0x1000, 0x1000, prot);
      for (const va of [0xa000, 0xb000]) p.write(va, 1);
      for (const va of [0xc000, 0xd000]) p.read(va);
      for (const va of [0xe000, 0x1_1000]) p.write(va, 2, 'alice', { mode: 'supervisor' });
      for (const va of [0xf000, 0x1_0000]) p.read(va, 'alice', { mode: 'supervisor' });
      p.fork('bob');
      for (const process of ['alice', 'bob']) {
        p.execute(0xb000, process);
        p.execute(0xc000, process);
        p.read(0xe000, process, { mode: 'supervisor' });
      }
      for (const i of late.keys()) p.read(0x2_0000 + i * 0x1000, 'bob', { mode: 'supervisor' });
    }),
  );
});
