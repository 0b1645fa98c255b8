/** Who owns what, and for how long: exits, unmapping, regions, and the calls of the pager on shared pages. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('lifetime', () => {
  scenario(
    {
      id: 'cw-exit-order',
      title: 'keeps shared pages for those who are still there',
      rule: 'CW-14',
      points: 1.5,
      requires: ['cw-write-child'],
      rationale:
        'Child first, parent first, the middle generation first; the others read and write on, with frames reused at once.',
      hint: 'One owner more for each leaf at a fork (intoPage), one less at each unmap, copy and exit.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        p.write(0xa000, 1, 'alice', { length: 8192 });
        p.fork('bob');
        p.exit('bob');
        p.read(0xa000);
        p.fork('carol');
        p.write(0xa000, 2, 'carol');
        p.fork('dora', 'carol');
        p.exit('carol');
        p.read(0xa000, 'dora');
        p.read(0xa000);
        p.exit();
        p.read(0xb000, 'dora');
        p.write(0xa000, 3, 'dora');
        p.write(0xb000, 3, 'dora');
        p.read(0xafff, 'dora', { length: 2 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'cw-unmap-shared',
      title: 'keeps shared pages that one process unmaps',
      rule: 'CW-14',
      points: 1,
      requires: ['cw-write-child'],
      rationale:
        'The child unmaps a region and maps another one there; the parent unmaps one; both go on with what they have.',
      hint: 'unmap() gives back the reference of this leaf: drop that one, and nothing else.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x2000, 'rwu');
        p.mmap(0x10_0000, 0x1000, 'rwu');
        p.write(0xa000, 1, 'alice', { length: 8192 });
        p.write(0x10_0000, 2);
        p.fork('bob');
        p.munmap(0xa000, 'bob');
        p.read(0xb000);
        p.mmap(0xa000, 0x1000, 'rwu', {}, 'bob');
        p.write(0xa000, 3, 'bob');
        p.read(0xa000);
        p.munmap(0x10_0000);
        p.read(0x10_0000, 'bob');
        p.write(0x10_0000, 4, 'bob');
        p.write(0xa000, 5);
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'cw-frames',
      title: 'releases shared pages and copies',
      rule: 'CW-15',
      points: 1.5,
      requires: ['cw-write-child'],
      rationale:
        'A page that nobody writes, one that the child copies, one that both copy; then both exit.',
      hint: 'The old page that invalidate() hands back is one reference, and yours to drop.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x3000, 'rwu');
      for (const va of [0xa000, 0xb000, 0xc000]) p.write(va, 1);
      p.fork('bob');
      p.write(0xb000, 2, 'bob');
      p.write(0xc000, 2, 'bob');
      p.write(0xc000, 3);
      p.exit('bob');
      p.exit();
    }),
  );

  scenario(
    {
      id: 'cw-frames-of-many',
      title: 'releases pages that many have shared',
      rule: 'CW-15',
      points: 0.5,
      requires: ['cw-frames'],
      rationale:
        'Four children and a grandchild, some of which write, leave in another order than they came; the survivor writes.',
      hint: 'How many references does the frame have after each step? One for each leaf.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.write(0xa000, 1, 'alice', { length: 8192 });
      for (const child of ['bob', 'carol', 'dora', 'emil']) p.fork(child);
      p.fork('fritz', 'carol');
      p.write(0xa000, 2, 'dora');
      p.exit('carol');
      p.exit();
      p.write(0xa000, 3, 'emil');
      p.exit('emil');
      p.write(0xb000, 4, 'fritz');
      p.exit('dora');
      p.exit('bob');
      p.write(0xa000, 5, 'fritz');
      p.read(0xafff, 'fritz', { length: 2 });
      p.exit('fritz');
    }),
  );

  scenario(
    {
      id: 'cw-little-memory',
      title: 'needs no more frames however often a process forks and writes',
      rule: 'CW-15',
      points: 0,
      requires: ['cw-frames', 'cw-exit-order'],
      rationale:
        'A process forks, writes its page and sees its child exit, 32 times on a machine with 32 frames: what is released only when the process itself exits is released too late.',
      hint: 'After a copy the old page has one user less: drop it then, not at exit.',
    },
    processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x1000, 'rwu');
        p.write(0xa000, 1);
        for (let i = 0; i < 32; i++) {
          p.fork(`child${String(i)}`);
          p.write(0xa000, i);
          p.exit(`child${String(i)}`);
        }
      },
      { frames: 32 },
    ),
  );

  scenario(
    {
      id: 'cw-regions-apart',
      title: 'keeps the regions of parent and child apart',
      rule: 'CW-13',
      points: 1.5,
      requires: ['cw-fork'],
      rationale:
        'Regions that were not touched, so that only the pager knows them: one is mapped by the parent after the fork, one is unmapped by the child.',
      hint: 'clone() has to make a new list (and a new VmAreaStruct for each region): assigning the list shares it. Bytes that are gone: what munmap or exit do to a page, wiping it for example, they do to all who still show it.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'rwu');
      p.mmap(0x10_0000, 0x2000, 'rwu');
      p.fork('bob');
      p.mmap(0x20_0000, 0x1000, 'rwu');
      p.accessOk(0x20_0000, false, 'bob');
      p.read(0x20_0000, 'bob');
      p.munmap(0x10_0000, 'bob');
      p.accessOk(0x10_0000, false);
      p.write(0x10_0000, 1);
      p.mmap(0x20_0000, 0x2000, 'ru', {}, 'bob');
      p.getUserPage(0x20_1000);
      p.write(0x20_0000, 2);
    }),
  );

  scenario(
    {
      id: 'cw-regions-of-generations',
      title: 'keeps the regions of three generations apart',
      rule: 'CW-13',
      points: 0.5,
      requires: ['cw-regions-apart', 'cw-unmap-shared'],
      rationale:
        'The middle generation unmaps a region, of which one page is a copy, one is shared and one was never touched, and maps a file there; the others keep what they have, also after it is gone.',
      hint: 'Is there anything outside of the pager objects that knows regions or pages by address? And is a page that is given up left as it is? Others may still show it.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.mmap(0xa000, 0x3000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb000, 5);
      p.fork('bob');
      p.write(0xa000, 2, 'bob');
      p.fork('carol', 'bob');
      p.munmap(0xa000, 'bob');
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file' }, 'bob');
      p.read(0xa000, 'bob');
      p.read(0xa000, 'carol');
      p.write(0xa000, 3, 'carol');
      p.write(0xc000, 4);
      p.read(0xb000, 'carol');
      p.exit('bob');
      p.accessOk(0xc000, false, 'carol');
      p.read(0xc000, 'carol');
      p.read(0xb000);
      p.read(0xa000);
    }),
  );

  scenario(
    {
      id: 'cw-pager-calls',
      title: 'answers for shared pages as for any others',
      rule: 'CW-17',
      points: 1,
      requires: ['cw-fork'],
      rationale:
        'accessOk and getUserPage for shared pages, faults that come late, and munmap of a region of which pages are shared, copied and not loaded.',
      hint: 'Rights are those of the region, loaded is what has a leaf: nothing noted at a load or a fork stays true.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x4000, 'rwu');
      p.mmap(0x10_0000, 0x1000, 'ru');
      p.mmap(0x20_0000, 0x2000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xb123, 2);
      p.write(0x20_1000, 3);
      p.read(0x10_0000);
      p.fork('bob');
      p.munmap(0x20_0000, 'bob');
      p.read(0x20_1000, 'bob');
      for (const process of ['bob', 'alice']) {
        p.accessOk(0xa000, true, process);
        p.accessOk(0xd000, true, process);
        p.accessOk(0x10_0000, true, process);
        p.getUserPage(0xb123, process);
        p.getUserPage(0xd000, process);
        p.getUserPage(0x10_0000, process);
        p.fault(0xa000, 4, process);
        p.fault(0xa000, 6, process);
        p.read(0xa000, process);
      }
      p.write(0xa000, 3, 'bob');
      p.getUserPage(0xa000, 'bob');
      p.munmap(0xa000, 'bob');
      p.read(0xb000, 'bob');
      p.munmap(0xa000);
      p.read(0xa000);
    }),
  );
});
