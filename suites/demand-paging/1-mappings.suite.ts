/** What a mapping is: its backing, its bytes, and that registering it costs nothing. */
import { fileBacking, managerProgram, scenario } from '../../harness/index.ts';

describe('mappings', () => {
  scenario(
    {
      id: 'dp-backing',
      title: 'compares backings by what they say',
      rule: 'DP-1',
      points: 1,
      rationale: 'Same and different kinds, inodes and offsets, in objects of their own.',
      hint: 'Two backings made by two calls are two objects: compare kind, inode and offset, not the objects.',
    },
    managerProgram((p) => {
      p.sameBacking('anonymous', 'anonymous');
      p.sameBacking('anonymous', fileBacking(42, 0));
      p.sameBacking(fileBacking(42, 0), 'anonymous');
      p.sameBacking(fileBacking(42, 0x1000), fileBacking(42, 0x1000));
      p.sameBacking(fileBacking(42, 0), fileBacking(42, 0x1000));
      p.sameBacking(fileBacking(42, 0), fileBacking(43, 0));
      p.sameBacking(fileBacking(0, 42), fileBacking(42, 0));
    }),
  );

  scenario(
    {
      id: 'dp-contains',
      title: 'knows which addresses a mapping contains',
      rule: 'DP-2',
      points: 1.5,
      rationale:
        'First and last byte, the byte before and the one behind, far away, and a size that is no multiple of the page size.',
      hint: 'start <= vaddr and vaddr < start + size: the end is exclusive.',
    },
    managerProgram((p) => {
      for (const va of [0x1_0000, 0x1_0001, 0x1_3000, 0x1_3fff]) p.contains(0x1_0000, 0x4000, va);
      for (const va of [0x1_4000, 0xffff, 0, 0x2_0000]) p.contains(0x1_0000, 0x4000, va);
      p.contains(0x7fff_ffff_e000, 0x1001, 0x7fff_ffff_f000);
      p.contains(0x7fff_ffff_e000, 0x1001, 0x7fff_ffff_dfff);
      p.contains(0x1_0000, 0x1800, 0x1_2000);
    }),
  );

  scenario(
    {
      id: 'dp-edges',
      title: 'finds mappings at their first and last byte, and not next to them',
      rule: 'DP-2',
      points: 1,
      requires: ['dp-contains'],
      rationale: 'The same through tryDemandPage: two mappings with one page between them.',
      hint: 'Which mapping contains the address? There may be none between two of them.',
    },
    managerProgram((p) => {
      p.manager();
      p.fault(0x80_0000);
      p.register(0x1_0000, 0x1000);
      p.register(0x1_2000, 0x1000);
      p.fault(0xffff);
      p.fault(0x1_1000);
      p.fault(0x1_1fff);
      p.fault(0x1_3000);
      p.fault(0x1_0000);
      p.fault(0x1_2fff);
    }),
  );

  scenario(
    {
      id: 'dp-register-lazily',
      title: 'takes no frame and reads no file to register a mapping',
      rule: 'DP-3',
      points: 2,
      rationale:
        'Small and large mappings (64 MiB), with and without a file, one of them longer than its file; and the first faults of one, so that they count.',
      hint: 'registerLazy only writes the mapping down. Frames and bytes come with the first fault of each page.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(9000);
      p.register(0x1_0000, 0x1000);
      p.register(0x1000_0000, 0x400_0000);
      p.register(0x7fff_4746_0000, 0x3000, { file: 'file' });
      p.register(0x7fff_5746_0000, 0x2000, { file: 'file', offset: 0x2000 });
      p.fault(0x1000_1010);
      p.fault(0x13ff_f010);
    }),
  );
});
