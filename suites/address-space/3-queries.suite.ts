/** Questions to the pager: getUserPage and accessOk. */
import { eagerProgram, scenario } from '../../harness/index.ts';

describe('queries', () => {
  scenario(
    {
      id: 'as-get-user-page',
      title: 'finds pages and their permission',
      rule: 'AS-15',
      points: 1.5,
      requires: ['as-mmap-eager'],
      recreates: ['mm_struct::get_user_page', 'userprog::arg_parse'],
      rationale:
        'First and last byte of a page, file and anonymous, kernel-only regions; the frame must be the one that user code sees, and its count stays.',
      hint: 'walk(pageDown(addr)) gives the leaf; PageRef.fromPa borrows its frame; the permission is the region’s.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0x1000, 0x1000, 'rw');
      p.mmap(0xa000, 0x2000, 'rwu');
      p.mmap(0x10_0000, 0x2000, 'rxu', { file: 'file' });
      p.write(0xb123, 0x42);
      for (const at of [0x1000, 0xa000, 0xb123, 0xbfff, 0x10_0000, 0x10_1004]) p.getUserPage(at);
    }),
  );

  scenario(
    {
      id: 'as-get-user-page-null',
      title: 'answers null where nothing is mapped',
      rule: 'AS-15',
      points: 0.5,
      requires: ['as-get-user-page'],
      rationale: 'Before and after a region, NULL, the last address of user space.',
      hint: 'Look for the region first: if there is none, return null.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      for (const at of [0, 0x9fff, 0xb000, 0x7fff_ffff_ffff]) p.getUserPage(at);
    }),
  );

  scenario(
    {
      id: 'as-access-ok',
      title: 'answers accessOk from the regions',
      rule: 'AS-16',
      points: 2,
      requires: ['as-mmap-eager'],
      rationale: 'Both kinds of access, both ends of regions with each right.',
      hint: 'Ends are exclusive, and USER does not matter.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0x1000, 0x1000, 'r');
      p.mmap(0x3000, 0x1001, 'rw');
      p.mmap(0xa000, 0x1000, 'rxu');
      for (const write of [false, true]) {
        for (const at of [
          0, 0xfff, 0x1000, 0x1fff, 0x2000, 0x2fff, 0x3000, 0x4fff, 0x5000, 0xa800, 0xb000,
        ])
          p.accessOk(at, write);
      }
    }),
  );

  scenario(
    {
      id: 'as-kernel-addresses',
      title: 'answers for kernel addresses without touching the kernel',
      rule: 'AS-20',
      points: 1.5,
      requires: ['as-mmap-eager'],
      rationale:
        'Each question, about addresses of the kernel half that are mapped there and that are not.',
      hint: 'The regions decide. Do not walk the page table for an address that is in none.',
    },
    eagerProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      for (const at of [0xffff_ff00_0090_0000n, 0xffff_8000_0000_0000n, 0xffff_ffff_ffff_ffffn]) {
        p.accessOk(at, false);
        p.accessOk(at, true);
        p.getUserPage(at);
        p.munmap(at);
        p.read(at);
        p.write(at);
      }
      p.read(0xa000);
    }),
  );
});
