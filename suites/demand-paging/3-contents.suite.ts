/** What the frames hold when they are returned. */
import { managerProgram, scenario } from '../../harness/index.ts';

describe('contents', () => {
  scenario(
    {
      id: 'dp-zeros',
      title: 'returns anonymous pages filled with zeros',
      rule: 'DP-6',
      points: 2,
      requires: ['dp-first-fault'],
      rationale: 'All bytes of several frames; one of them was somebody else’s a moment ago.',
      hint: 'A frame comes with whatever was left in it: physToVirtAddr(frame * PAGE_SIZE).fill(0).',
    },
    managerProgram(
      (p) => {
        p.manager();
        const old = p.frame(0x77);
        p.register(0x1_0000, 0x1000);
        p.look(p.fault(0x1_0010));
        p.free(old);
        p.register(0x2_0000, 0x3000);
        p.look(p.fault(0x2_1ff8));
      },
      { policy: 'first-fit' },
    ),
  );

  scenario(
    {
      id: 'dp-file-bytes',
      title: 'returns the bytes of the file',
      rule: 'DP-7',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'Pages in the middle of mappings, with offsets of whole blocks, of two files; all bytes.',
      hint: 'readInode(inode, offset + index * PAGE_SIZE, bytes): the offset of the mapping, plus the distance of the page from its start.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x6000, 'code', 7);
      p.file(0x6000, 'data', 11);
      p.register(0x1_0000, 0x3000, { file: 'code' });
      p.look(p.fault(0x1_0010));
      p.register(0x2_0000, 0x3000, { file: 'data', offset: 0x1000 });
      p.look(p.fault(0x2_2010));
      p.register(0x3_0000, 0x2000, { file: 'code', offset: 0x3000 });
      p.look(p.fault(0x3_1010));
    }),
  );

  scenario(
    {
      id: 'dp-file-offset',
      title: 'loads a whole page wherever the fault is and whatever the offset',
      rule: 'DP-7',
      points: 1,
      requires: ['dp-first-fault'],
      rationale: 'Faults near the end of a page; an offset inside a block.',
      hint: 'The page begins at its first address, not at the one that was touched.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x6000);
      p.register(0x1_0000, 0x2000, { file: 'file', offset: 0x1000 });
      p.look(p.fault(0x1_1ff8), 0, 64);
      p.register(0x2_0000, 0x2000, { file: 'file', offset: 0x1234 });
      p.look(p.fault(0x2_1100), 0, 64);
      p.register(0x3_0000, 0x1000, { file: 'file', offset: 0x1fff });
      p.look(p.fault(0x3_0010), 0, 16);
    }),
  );

  scenario(
    {
      id: 'dp-file-registered-again',
      title: 'returns the bytes that the file has when a mapping is registered, or later ones',
      rule: 'DP-7',
      points: 0.5,
      requires: ['dp-first-fault'],
      rationale:
        'A page is faulted in, the file is rewritten, and then the same bytes are registered once more, beside the first mapping.',
      hint: 'Bytes that were read before the mapping was registered are too old for it. Call readInode at the fault.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x2000);
      p.register(0x1_0000, 0x2000, { file: 'file' });
      p.look(p.fault(0x1_0010), 0, 32);
      p.rewrite('file', 99);
      p.register(0x5_0000, 0x1000, { file: 'file' });
      p.look(p.fault(0x5_0010), 0, 32);
    }),
  );

  scenario(
    {
      id: 'dp-past-the-end',
      title: 'returns zeros past the end of the file',
      rule: 'DP-8',
      points: 1.5,
      requires: ['dp-first-fault'],
      rationale:
        'The page in which a file ends, a page behind it, offsets behind it, one of them of 4 GiB, an empty file.',
      hint: 'readInode says how many bytes it has copied: fill the rest with 0.',
    },
    managerProgram((p) => {
      p.manager();
      // A page with all its bytes comes first: who loads another one is not blamed for what is behind the end.
      p.file(0x6000, 'whole', 9);
      p.register(0x8_0000, 0x3000, { file: 'whole', offset: 0x2000 });
      p.look(p.fault(0x8_1010));
      p.file(0x1234);
      p.register(0x1_0000, 0x2000, { file: 'file' });
      p.look(p.fault(0x1_1010));
      p.register(0x2_0000, 0x3000, { file: 'file' });
      p.look(p.fault(0x2_2010));
      p.register(0x3_0000, 0x1000, { file: 'file', offset: 0x8000 });
      p.look(p.fault(0x3_0010));
      p.register(0x5_0000, 0x1000, { file: 'whole', offset: 0x1_0000_0000 });
      p.look(p.fault(0x5_0010));
      p.file(0, 'empty');
      p.register(0x4_0000, 0x1000, { file: 'empty' });
      p.look(p.fault(0x4_0010));
    }),
  );

  scenario(
    {
      id: 'dp-files-side-by-side',
      title: 'tells the pages of several mappings of files apart',
      rule: 'DP-7',
      points: 0,
      requires: ['dp-file-bytes'],
      rationale:
        'Two files from the same offset, and one of them from another offset, too: all registered first, then faulted in at the same pages.',
      hint: 'Which bytes a page shows is decided by inode, offset and index together. Call readInode at each fault.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x6000, 'code', 7);
      p.file(0x6000, 'data', 11);
      p.register(0x1_0000, 0x3000, { file: 'code', offset: 0x1000 });
      p.register(0x2_0000, 0x3000, { file: 'data', offset: 0x1000 });
      p.register(0x3_0000, 0x3000, { file: 'code', offset: 0x2000 });
      for (const page of [0x1000, 0, 0x2000])
        for (const start of [0x1_0000, 0x2_0000, 0x3_0000])
          p.look(p.fault(start + page + 0x10), 0, 32);
    }),
  );
});
