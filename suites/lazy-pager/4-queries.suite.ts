/** getUserPage, accessOk, private copies, faults that were resolved already. */
import { processProgram, scenario } from '../../harness/index.ts';

describe('queries and contents', () => {
  scenario(
    {
      id: 'lp-get-user-page',
      title: 'finds user pages, loading them if needed',
      rule: 'LP-19',
      points: 1.5,
      requires: ['lp-first-touch'],
      rationale:
        'Loaded, not loaded, in the middle of a page, of a file, not mapped at all; permissions as given to mmap.',
      hint: 'Round the address down, load like a demand fault if there is no leaf, return PageRef.fromPa of the frame and the region’s permission.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(5000);
      p.getUserPage(0xa000);
      p.mmap(0xa000, 0x2000, 'rwu');
      p.getUserPage(0xb123);
      p.write(0xa777, 0x42);
      p.getUserPage(0xa777);
      p.getUserPage(0xa000);
      p.mmap(0x1_0000, 0x1000, 'ru', { file: 'file' });
      p.getUserPage(0x1_0ff8);
      p.mmap(0x1_2000, 0x1000, 'rxu');
      p.getUserPage(0x1_2000);
      p.munmap(0xa000);
      p.getUserPage(0xa000);
      p.getUserPage(0xc000);
    }),
  );

  scenario(
    {
      id: 'lp-access-ok',
      title: 'answers accessOk from the regions',
      rule: 'LP-20',
      points: 2,
      recreates: ['lazy_paging::access_ok_normal', 'lazy_paging::access_ok_invalid'],
      rationale:
        'First and last byte, one past the end, between regions, read-only, kernel-only, before and after loading; nothing may be loaded by it.',
      hint: 'Find the region that contains the address; test READ or WRITE in its permission. No page table, no USER.',
    },
    processProgram((p) => {
      p.spawn();
      p.accessOk(0x42, false);
      p.accessOk(0xdead_beef, false);
      p.mmap(0x1000, 0x1000, 'ru');
      p.accessOk(0x1000, false);
      p.accessOk(0x1fff, false);
      p.accessOk(0x2000, false);
      p.accessOk(0xfff, false);
      p.accessOk(0x1000, true);
      p.mmap(0x1_2000, 0x2000, 'rw');
      p.accessOk(0x1_2000, true);
      p.accessOk(0x1_2fff, true);
      p.accessOk(0x1_3fff, true);
      p.accessOk(0x1_4000, true);
      p.mmap(0x8000, 0x1000, 'rwu');
      p.write(0x8000, 1);
      p.accessOk(0x8000, true);
      p.accessOk(0x5000, false);
      p.accessOk(0, false);
    }),
  );

  scenario(
    {
      id: 'lp-private',
      title: 'keeps mappings apart, of a file and of nothing',
      rule: 'LP-22',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'Two mappings and two processes load the same block; a write to one must not show in the others or in a later mapping, also after munmap. Two pages of anonymous memory.',
      hint: 'RegularFile.mmap gives you a page of your own each time; do not keep and clone one.',
    },
    processProgram((p) => {
      p.spawn();
      p.spawn('bob');
      p.file(5000);
      p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' });
      p.mmap(0xc000, 0x1000, 'rwu', { file: 'file' });
      p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' }, 'bob');
      p.read(0xa000);
      p.read(0xc000);
      p.read(0xa000, 'bob');
      p.write(0xa000, 1);
      p.read(0xc000);
      p.read(0xa000, 'bob');
      p.mmap(0xe000, 0x1000, 'rwu', { file: 'file' });
      p.read(0xe000);
      p.munmap(0xa000);
      p.mmap(0x1_0000, 0x1000, 'rwu', { file: 'file' });
      p.read(0x1_0000);
      p.mmap(0x2_0000, 0x2000, 'rwu');
      p.write(0x2_0000, 1);
      p.read(0x2_1000);
    }),
  );

  scenario(
    {
      id: 'lp-spurious',
      title: 'keeps a page that is there when its fault comes late',
      rule: 'LP-13',
      points: 1,
      requires: ['lp-first-touch'],
      rationale:
        'Another processor has resolved the fault already: not present, by a read and by a write, for a page that is there by now.',
      hint: 'Before you load, look whether the page is there by now (walk). If it is, and the access is allowed, there is nothing to do.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.write(0xa000, 7);
      p.fault(0xa123, 4);
      p.read(0xa000);
      p.fault(0xa123, 6);
      p.read(0xa000);
      p.write(0xa000, 8);
      p.read(0xa000);
    }),
  );

  scenario(
    {
      id: 'lp-frames',
      title: 'releases every frame once',
      rule: 'LP-21',
      points: 2,
      requires: ['lp-first-touch'],
      rationale:
        'Regions unmapped, left to exit, refused, half touched, asked for by getUserPage: afterwards no frame may be in use.',
      hint: 'unmap() returns a Page that you own: drop it.',
    },
    processProgram((p) => {
      p.spawn();
      p.file(3 * 4096);
      p.mmap(0xa000, 0x4000, 'rwu');
      p.write(0xa000, 1);
      p.write(0xc000, 1);
      p.munmap(0xa000);
      p.mmap(0x10_0000, 0x3000, 'rwu', { file: 'file' });
      p.read(0x10_1000);
      p.mmap(0x10_0000, 0x1000, 'rwu');
      p.write(0x20_0000, 1);
      p.fault(0x10_1000, 4);
      p.mmap(0x30_0000, 0x2000, 'rwu');
      p.getUserPage(0x30_0000);
      p.getUserPage(0x30_0008);
      p.exit();
    }),
  );

  scenario(
    {
      id: 'lp-little-memory',
      title: 'needs no more frames however often the same is done',
      rule: 'LP-21',
      points: 0,
      requires: ['lp-munmap', 'lp-frames'],
      rationale:
        'A region of two pages is mapped, written and unmapped, 72 times on a machine with 64 frames: what is released only at exit is released too late.',
      hint: 'Drop the pages in munmap. What you keep for later has to be used then.',
    },
    processProgram(
      (p) => {
        p.spawn();
        for (let i = 0; i < 72; i++) {
          p.mmap(0xa000, 0x2000, 'rwu');
          p.write(0xa000, 1, 'alice', { length: 0x2000 });
          p.munmap(0xa000);
        }
      },
      { frames: 64 },
    ),
  );

  scenario(
    {
      id: 'lp-error-kind',
      title: 'reports failures with a KernelError',
      rule: 'LP-25',
      points: 0.5,
      requires: ['lp-first-touch'],
      rationale: 'Every call that must be refused, once.',
      hint: 'Catch PageTableMappingError (attempt helps) and throw the KernelError that fits.',
    },
    processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'ru');
      p.read(0xa000);
      p.mmap(0xa000, 0x1000, 'ru');
      p.mmap(0x1001, 0x1000, 'ru');
      p.mmap(0xc000, 0x1000, 'wu');
      p.munmap(0xb000);
      p.read(0xb000);
      p.write(0xa000);
    }),
  );
});
