/** MmStruct: ranges, registers and descriptors. */
import { eagerProgram, scenario } from '../../harness/index.ts';

/** An address that no processor accepts. */
const NOT_CANONICAL = 0xdead_beef_c533_0000n;
const KERNEL = 0xffff_ff00_0090_0000n;

describe('MmStruct', () => {
  scenario(
    {
      id: 'as-range',
      title: 'allows a range if every page of it is allowed',
      rule: 'AS-22',
      points: 2,
      requires: ['as-access-ok'],
      recreates: ['mm_struct::access_ok_normal'],
      rationale:
        'Ranges inside a page, up to the very end of a region, over several pages and over two regions; every aligned slot at the end of a page.',
      hint: 'Ask the pager for each page from pageDown(start) on while it is below end. The end is exclusive: a range that ends where a region ends is fine.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x1000, 0x1000, 'r');
      p.accessRange(0x1000, 0x1fff, false);
      p.accessRange(0x1000, 0x2000, false);
      p.mmap(0x2000, 0x1000, 'rw');
      p.accessRange(0x2000, 0x2fff, true);
      for (const size of [1, 2, 4, 8]) {
        p.accessRange(0x3000 - size, 0x3000, true);
        p.accessRange(0x2000, 0x2000 + size, true);
      }
      p.accessRange(0x1ff8, 0x2008, false);
      p.accessRange(0x1000, 0x3000, false);
      p.mmap(0x7fff_ffff_f000, 0x1000, 'rwu');
      p.accessRange(0x7fff_ffff_ffff, 0x8000_0000_0000, true);
    }),
  );

  scenario(
    {
      id: 'as-range-refused',
      title: 'refuses a range with one page that is not allowed',
      rule: 'AS-22',
      points: 1.5,
      requires: ['as-access-ok'],
      recreates: ['mm_struct::access_ok_invalid', 'userprog::bad_addr_1'],
      rationale:
        'Bad first, middle and last page, one byte too many at an unaligned start, a read-only page in a write, kernel and huge ranges.',
      hint: 'Checking the first and the last page is not enough, and stepping by 4096 from an unaligned start can miss the last page.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.accessRange(KERNEL, KERNEL + 0xfffn, false);
      p.accessRange(0, 0xfff, false);
      p.accessRange(0x42, 0x43, false);
      p.accessRange(0xdead_beef, 0xdead_bef0, false);
      p.mmap(0x1000, 0x1000, 'r');
      p.accessRange(0x1000, 0x1001, true);
      p.mmap(0xa000, 0x1000, 'rwu');
      p.mmap(0xc000, 0x1000, 'rwu');
      p.accessRange(0xa000, 0xd000, false);
      p.accessRange(0xa000, 0xb001, false);
      p.accessRange(0xaff0, 0xb010, false);
      p.accessRange(0xaff0, 0xb001, true);
      p.accessRange(0x9fff, 0xa001, false);
      p.mmap(0xb000, 0x1000, 'ru');
      p.accessRange(0xa000, 0xd000, false);
      p.accessRange(0xa000, 0xd000, true);
      p.accessRange(0xa000, 0x8000_0000_0000, false);
      p.accessRange(0xa000, 1n << 64n, false);
      p.mmap(0x7fff_ffff_f000, 0x1000, 'rwu');
      p.accessRange(0x7fff_ffff_fff0, 0x8000_0000_0001n, true);
    }),
  );

  scenario(
    {
      id: 'as-range-empty',
      title: 'knows empty and reversed ranges',
      rule: 'AS-23',
      points: 1.5,
      requires: ['as-access-ok'],
      rationale:
        'Empty ranges at good and bad addresses, aligned and not; reversed ones inside a region.',
      hint: 'An empty range is as good as its start. A reversed one is never good.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2000, 'ru');
      for (const at of [0xa000, 0xa010, 0xbfff]) {
        p.accessRange(at, at, false);
        p.accessRange(at, at, true);
      }
      for (const at of [0, 0x9fff, 0xc000]) p.accessRange(at, at, false);
      p.accessRange(KERNEL, KERNEL, false);
      p.accessRange(0xb000, 0xa000, false);
      p.accessRange(0xa010, 0xa00f, false);
      p.accessRange(0xb000, 0, false);
    }),
  );

  scenario(
    {
      id: 'as-mmap-call',
      title: 'maps what the registers ask',
      rule: 'AS-26',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale:
        'Each protection with USER added; -1 as a C int in 64 and in 32 bits; a length that does not fit into 32 bits.',
      hint: 'prot is arg3 | USER, the descriptor BigInt.asIntN(32, arg4); everything else goes to the pager as it is.',
    },
    eagerProgram((p) => {
      p.spawn();
      let at = 0xa000;
      for (const prot of [1, 3, 5, 7]) {
        p.sysMmap({ addr: at, size: 0x1000, prot });
        p.read(at);
        p.write(at);
        p.execute(at);
        at += 0x2000;
      }
      p.sysMmap({ addr: 0x10_0000, size: 0x2001, prot: 3, fd: 0xffff_ffffn });
      p.write(0x10_2000);
      p.sysMmap({ addr: 0x20_0000, fd: 0x1234_5678_ffff_ffffn });
      p.read(0x20_0000);
      p.sysMmap({ addr: 0x30_0000, size: 0x1_0000_0000_1000n });
      p.sysMmap({ addr: 0, size: 0x1000 });
    }),
  );

  scenario(
    {
      id: 'as-mmap-call-file',
      title: 'maps an open file and leaves its position alone',
      rule: 'AS-26',
      points: 1.5,
      requires: ['as-mmap-call'],
      recreates: ['userprog::mm_mmap', 'userprog::mm_munmap2'],
      rationale:
        'Files opened in each mode at a position in the middle, with descriptors above 2, mapped from an offset; a read() into the mapping that crosses two regions.',
      hint: 'fileStruct.files.get(Number(fd)) has the file. The position belongs to read and write.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(3 * 4096, 'hello');
      p.open(3, { file: 'hello', mode: 'Read', position: 100 });
      p.open(7, { file: 'hello', mode: 'Write', position: 4096 });
      p.sysMmap({ addr: 0xa000, size: 0x3000, prot: 3 });
      p.sysMmap({ addr: 0xd000, size: 0x1000, prot: 3, fd: 3 });
      p.sysMmap({ addr: 0xe000, size: 0x1000, prot: 1, fd: 7, offset: 0x1000 });
      p.read(0xd000, 'alice', { length: 24 });
      p.read(0xe000, 'alice', { length: 24 });
      p.write(0xd002, 0x20);
      for (const at of [0xae00, 0xbe00, 0xce00]) p.write(at, 1);
      p.accessRange(0xcff8, 0xd010, true);
      p.write(0xcff8, 0x61, 'alice', { length: 24, mode: 'supervisor' });
      p.read(0xd000, 'alice', { length: 24 });
      p.sysMmap({ addr: 0x20_0000, size: 0x1000, prot: 1, fd: 0x1_0000_0003n, offset: 0x2000 });
      p.read(0x20_0000, 'alice', { length: 24 });
    }),
  );

  scenario(
    {
      id: 'as-mmap-call-registers',
      title: 'refuses registers that make no sense',
      rule: 'AS-24',
      points: 2.5,
      requires: ['as-mmap-call'],
      recreates: ['userprog::mm_mmap_error_bad_addr'],
      rationale:
        'Addresses that are not canonical, protection bits that do not exist, in the upper half of the register, too; and what the pager refuses.',
      hint: 'Va.new returns null for what is no address. Compare arg3 with the three bits there are.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.sysMmap({ addr: NOT_CANONICAL });
      p.sysMmap({ addr: 0x8000_0000_0000n });
      p.sysMmap({ addr: 0xa000, prot: 8 | 3 });
      p.sysMmap({ addr: 0xa000, prot: 0x10 | 1 });
      p.sysMmap({ addr: 0xa000, prot: 0x1_0000_0003n });
      p.sysMmap({ addr: 0xa000, prot: 0x8000_0000_0000_0001n });
      p.sysMmap({ addr: 0 });
      p.sysMmap({ addr: 0xffff_8c0f_fee1_5000n });
      p.sysMmap({ addr: 0xa000, size: 0x1_0000_0000_1000n });
      p.sysMmap({ addr: 0xa000, prot: 2 });
      p.sysMmap({ addr: 0xa000 });
      p.write(0xa000);
    }),
  );

  scenario(
    {
      id: 'as-mmap-call-descriptors',
      title: 'maps nothing but regular files',
      rule: 'AS-25',
      points: 2,
      requires: ['as-mmap-call'],
      recreates: ['userprog::mm_mmap_error_bad_fd'],
      rationale:
        'A descriptor that is not open, the three standard streams, a directory, a pipe, negative numbers other than -1; nothing is mapped by any of them.',
      hint: 'Only -1 means anonymous. Everything else must be an open file of kind RegularFile.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.open(3, 'directory');
      p.open(4, 'pipe');
      for (const fd of [1337, 0, 1, 2, 3, 4, -2, 0x8000_0000]) p.sysMmap({ addr: 0xa000, fd });
      p.accessOk(0xa000, false);
      p.read(0xa000);
    }),
  );

  scenario(
    {
      id: 'as-munmap-call',
      title: 'unmaps by system call',
      rule: 'AS-27',
      points: 1.5,
      requires: ['as-mmap-call', 'as-munmap'],
      recreates: ['userprog::mm_munmap'],
      rationale:
        'Memory written, unmapped, and the same address mapped from a file; then what must be refused: not canonical, NULL, kernel, twice.',
      hint: 'Va.new(arg1) may be null. What the pager returns or throws goes on to the caller.',
    },
    eagerProgram(
      (p) => {
        p.spawn();
        p.file(140, 'hello');
        p.open(3, { file: 'hello' });
        p.sysMmap({ addr: 0xa000 });
        p.write(0xa000, 1);
        p.sysMunmap(0xa000);
        p.accessRange(0xa000, 0xa010, false);
        p.sysMmap({ addr: 0xa000, prot: 1, fd: 3 });
        p.read(0xa000, 'alice', { length: 24 });
        p.accessRange(0xa000, 0xa010, true);
        p.sysMunmap(0xa000);
        p.accessRange(0xa000, 0xa010, false);
        p.sysMunmap(0xa000);
        p.sysMunmap(NOT_CANONICAL);
        p.sysMunmap(0);
        p.sysMunmap(KERNEL);
      },
      { policy: 'first-fit' },
    ),
  );
});
