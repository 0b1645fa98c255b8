/** What the pages of an eager mapping hold, and what may be done with them. */
import { eagerProgram, scenario } from '../../harness/index.ts';

describe('contents and rights', () => {
  scenario(
    {
      id: 'as-file-bytes',
      title: 'shows the bytes of the file',
      rule: 'AS-6',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale: 'A file of three blocks, mapped from its start: every block in its place.',
      hint: 'Page i of the region shows block offset / 4096 + i. file.mmap(block) gives you the page.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(3 * 4096);
      p.mmap(0xa000, 0x3000, 'ru', { file: 'file' });
      p.read(0xa000, 'alice', { length: 64 });
      p.read(0xbff0, 'alice', { length: 32 });
      p.read(0xcfff);
    }),
  );

  scenario(
    {
      id: 'as-file-offset',
      title: 'begins at the offset',
      rule: 'AS-6',
      points: 1.5,
      requires: ['as-file-bytes'],
      rationale:
        'Offsets in the middle of the file, the same file mapped twice, and a file that changes after mmap: what was mapped then stays, and a new mapping shows the file as it is now.',
      hint: 'The offset is in bytes: FileBlockNumber.fromOffset(offset + i * PAGE_SIZE).',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(6 * 4096);
      p.mmap(0xa000, 0x2000, 'rwu', { file: 'file', offset: 0x1000 });
      p.mmap(0x20_0000, 0x3000, 'ru', { file: 'file', offset: 0x3000 });
      p.read(0xa010, 'alice', { length: 16 });
      p.read(0xb010, 'alice', { length: 16 });
      p.read(0x20_0000, 'alice', { length: 16 });
      p.read(0x20_2ff0, 'alice', { length: 16 });
      p.mmap(0x30_0000, 0x1000, 'ru', { file: 'file', offset: 0x8000 });
      p.read(0x30_0000, 'alice', { length: 16 });
      p.rewrite('file', 99);
      p.mmap(0x40_0000, 0x1000, 'ru', { file: 'file', offset: 0x1000 });
      p.read(0x40_0010, 'alice', { length: 16 });
      p.truncate('file', 100);
      p.read(0xa020, 'alice', { length: 16 });
      p.read(0x20_2000, 'alice', { length: 16 });
    }),
  );

  scenario(
    {
      id: 'as-file-end',
      title: 'shows zeros beyond the end of the file',
      rule: 'AS-7',
      points: 2,
      requires: ['as-file-bytes'],
      rationale:
        'The tail of the last block and whole pages past the end, an offset of 4 GiB; frames come back dirty from earlier use.',
      hint: 'file.mmap(block) does the zeros. If you use file.read, it stops early: the rest of the page has to be zero, also if you reuse a buffer.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.spawn('bob');
        p.mmap(0x10_0000, 0x6000, 'rwu', {}, 'bob');
        p.write(0x10_0000, 0xee, 'bob', { length: 0x2000 });
        p.write(0x10_2000, 0xee, 'bob', { length: 0x2000 });
        p.exit('bob');
        p.file(4096 + 100);
        p.mmap(0xa000, 0x4000, 'rwu', { file: 'file' });
        p.read(0xb050, 'alice', { length: 40 });
        p.read(0xb800, 'alice', { length: 0x800 });
        p.read(0xc000, 'alice', { length: 0x2000 });
        p.file(1, 'tiny');
        p.mmap(0x30_0000, 1, 'ru', { file: 'tiny' });
        p.read(0x30_0000, 'alice', { length: 64 });
        p.mmap(0x40_0000, 0x1000, 'ru', { file: 'tiny', offset: 0x1_0000_0000 });
        p.read(0x40_0000, 'alice', { length: 64 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'as-file-short-reads',
      title: 'gets the whole block of a file that is read in pieces',
      rule: 'AS-6',
      points: 0.5,
      requires: ['as-file-bytes'],
      rationale: 'read() may give fewer bytes than asked; a sparse file has holes.',
      hint: 'Ask read() again until it gives 0, or use file.mmap.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(2 * 4096, 'pieces', 9, { readLimit: 1000 });
      p.file(4 * 4096, 'sparse', 11, { sparse: { data: 1, hole: 1 } });
      p.mmap(0xa000, 0x2000, 'ru', { file: 'pieces' });
      p.mmap(0x10_0000, 0x4000, 'ru', { file: 'sparse' });
      p.read(0xa3e0, 'alice', { length: 64 });
      p.read(0xbfe0, 'alice', { length: 32 });
      p.read(0x10_0ff0, 'alice', { length: 0x1020 });
    }),
  );

  scenario(
    {
      id: 'as-page-cache',
      title: 'leaves the pages of the page cache as they are',
      rule: 'AS-6',
      points: 0.5,
      requires: ['as-file-bytes'],
      rationale:
        'A file whose pages all users share: two regions and another process show its blocks; that process exits, and the file is mapped once more.',
      hint: 'A page that a file gave you may have other users. Drop it; do not clear it or fill it anew.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.spawn('bob');
        p.file(4196, 'file', 7, { cached: true });
        p.mmap(0xa000, 0x2000, 'ru', { file: 'file' });
        p.mmap(0x1_0000, 0x2000, 'rxu', { file: 'file' });
        p.mmap(0xa000, 0x2000, 'ru', { file: 'file' }, 'bob');
        p.read(0xa010);
        p.exit('bob');
        for (const va of [0xa010, 0x1_0010]) p.read(va);
        p.mmap(0x2_0000, 0x2000, 'ru', { file: 'file' });
        p.read(0x2_0010);
        p.read(0x2_1060, 'alice', { length: 8 });
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'as-outside',
      title: 'maps nothing outside of the regions',
      rule: 'AS-8',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale: 'The byte before a region, the first byte after it, a gap between two, NULL.',
      hint: 'A region ends at its size rounded up to whole pages.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1001, 'rwu');
      p.mmap(0xd000, 0x1000, 'rwu');
      p.read(0x9fff);
      p.read(0xbfff);
      p.read(0xc000);
      p.write(0xcfff);
      p.read(0xdfff);
      p.read(0xe000);
      p.read(0);
    }),
  );

  scenario(
    {
      id: 'as-rights',
      title: 'gives pages the rights of their region',
      rule: 'AS-9',
      points: 2,
      requires: ['as-mmap-eager'],
      rationale:
        'Reads, stores and calls in user mode, and stores of the kernel, on regions with each permission, anonymous and of a file.',
      hint: 'Map every page with prot as it was given, those of files, too.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(9000);
      for (const [at, prot] of [
        [0xa000, 'ru'],
        [0xc000, 'rwu'],
        [0xe000, 'rxu'],
        [0x1_0000, 'rwxu'],
        [0x1_2000, 'rw'],
        [0x1_4000, 'r'],
        [0x1_6000, 'rx'],
        [0x1_8000, 'rwx'],
      ] as const) {
        p.mmap(at, 0x1000, prot);
        p.mmap(at + 0x10_0000, 0x1000, prot, { file: 'file' });
        for (const base of [0, 0x10_0000]) {
          p.read(at + base);
          p.write(at + base);
          p.execute(at + base);
          p.write(at + base, 3, 'alice', { mode: 'supervisor' });
        }
      }
    }),
  );

  scenario(
    {
      id: 'as-code',
      title: 'runs code that was written to a page, and refuses to where it must',
      rule: 'AS-9',
      points: 1,
      requires: ['as-rights'],
      recreates: [
        'userprog::mm_mmap_error_protection',
        'userprog::mm_mmap_error_protection_exec',
        'userprog::bad_code_write',
      ],
      rationale:
        'A store to a read-only page, a call into a page without EXECUTABLE, a store into code, and a page with all rights into which code is copied.',
      hint: 'The leaf’s XD and RW follow from prot alone.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xe000, 0x1000, 'ru');
      p.write(0xe000);
      p.mmap(0x1_0000, 0x1000, 'rwu');
      p.write(0x1_0000, 0xb8, 'alice', { length: 6 });
      p.execute(0x1_0000);
      p.file(0x5000, 'program');
      p.mmap(0x40_1000, 0x4000, 'rxu', { file: 'program', offset: 0x1000 });
      p.execute(0x40_1000);
      p.accessRange(0x40_1000, 0x40_2000, true);
      p.write(0x40_1000);
      p.mmap(0x2_0000, 0x1000, 'rwxu');
      p.write(0x2_0000, 0xb8, 'alice', { length: 6 });
      p.execute(0x2_0000, 'alice', { length: 6 });
    }),
  );

  scenario(
    {
      id: 'as-private',
      title: 'keeps mappings of one file apart',
      rule: 'AS-18',
      points: 1.5,
      requires: ['as-file-bytes'],
      rationale:
        'A file mapped twice by one process and once by another; stores to each; a third mapping made afterwards shows the file. Pages of one anonymous region.',
      hint: 'A page for each mapping: do not keep one page of a block and map it twice.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.spawn('bob');
      p.file(9000);
      p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' });
      p.mmap(0xc000, 0x1000, 'rwu', { file: 'file' });
      p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' }, 'bob');
      p.write(0xa000, 1);
      p.read(0xc000);
      p.read(0xa000, 'bob');
      p.write(0xa000, 2, 'bob');
      p.read(0xa000);
      p.mmap(0xe000, 0x1000, 'ru', { file: 'file' });
      p.read(0xe000);
      p.mmap(0x10_0000, 0x3000, 'rwu');
      p.write(0x10_0000, 5);
      p.read(0x10_2000);
    }),
  );
});
