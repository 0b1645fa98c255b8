/** Frames shared copy-on-write: counting, copying, marking. */
import { managerProgram, scenario } from '../../harness/index.ts';
import { copyForOne, countToTwo } from './controls.ts';

describe('sharing', () => {
  scenario(
    {
      id: 'dp-count',
      title: 'counts two sharers of a marked page',
      rule: 'DP-15',
      points: 2.5,
      rationale:
        'Two pages, given up in turns; once too often; a page that was never marked. On a table without a manager.',
      hint: 'The count begins at 2. release is true when the count was 1 before. It frees nothing: the caller does.',
    },
    managerProgram((p) => {
      const table = p.table();
      const one = p.frame(0x11);
      const other = p.frame(0x12);
      p.release(0x1000, one, table, true);
      p.mark(0x1000, one, table, true);
      p.mark(0x2000, other, table, true);
      p.release(0x1000, one, table, true);
      p.release(0x2000, other, table, true);
      p.release(0x1000, one, table, true);
      p.release(0x1000, one, table, true);
      p.release(0x3000, one, table, true);
      p.release(0x2000, other, table, true);
    }),
  );

  scenario(
    {
      id: 'dp-is-cow',
      title: 'knows which pages are marked',
      rule: 'DP-16',
      points: 1,
      rationale: 'Before and after marking, other pages, and while one of the sharers is left.',
      hint: 'Look for an entry at exactly this address.',
    },
    managerProgram((p) => {
      const table = p.table();
      const frame = p.frame(0x11);
      p.isCow(0x1000, table, true);
      p.mark(0x1000, frame, table, true);
      p.isCow(0x1000, table, true);
      p.isCow(0x2000, table, true);
      p.isCow(0, table, true);
      p.release(0x1000, frame, table, true);
      p.isCow(0x1000, table, true);
    }),
  );

  scenario(
    {
      id: 'dp-cow-copy',
      title: 'gives the writer a private copy',
      rule: 'DP-17',
      points: 2.5,
      rationale:
        'Every byte of the frame, different at its beginning and end; what was written last; a page that came from a demand fault.',
      hint: 'Take a frame, copy the 4096 bytes of the shared one, return the new one.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      const shared = p.frame(0x11);
      p.write(shared, 0x44, 4095);
      p.mark(0x1_0000, shared);
      p.write(shared, 0x33, 0, 8);
      const copy = p.cowFault(0x1_0000);
      p.look(copy);
      p.write(copy, 0x55, 100);
      p.register(0x2_0000, 0x1000);
      const page = p.fault(0x2_0010);
      p.write(page, 0x66, 0x800, 0x100);
      p.mark(0x2_0000, page);
      p.look(p.cowFault(0x2_0000));
    }),
  );

  scenario(
    {
      id: 'dp-cow-sharers',
      title: 'leaves the shared frame to the other sharer',
      rule: 'DP-18',
      points: 2,
      rationale:
        'Bytes of the shared frame after the fault and after a store to the copy; the mark; the count; the last sharer.',
      hint: 'The writer gives up one reference, not all of them: the frame, its bytes and its entry stay for the others.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      const shared = p.frame(0x11);
      p.mark(0x1_0000, shared);
      const copy = p.cowFault(0x1_0000);
      p.write(copy, 0x55, 0, 4096);
      p.look(shared);
      p.isCow(0x1_0000);
      p.release(0x1_0000, shared);
      const other = p.frame(0x12);
      p.mark(0x2_0000, other);
      p.release(0x2_0000, other);
      p.cowFault(0x2_0000);
      p.release(0x2_0000, other);
    }),
  );

  scenario(
    {
      id: 'dp-cow-look-up',
      title: 'finds the page of any address, and refuses pages that are not marked',
      rule: 'DP-19',
      points: 1.5,
      rationale:
        'The last byte of a marked page, the page before and the page behind, a page in a lazy mapping.',
      hint: 'Round vaddr down to its page before you look it up.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      const shared = p.frame(0x11);
      p.cowFault(0x1_0000);
      p.mark(0x1_0000, shared);
      p.cowFault(0x1_1000);
      p.cowFault(0xf000);
      p.register(0x2_0000, 0x1000);
      p.cowFault(0x2_0000);
      p.cowFault(0x1_0fff);
    }),
  );

  scenario(
    {
      id: 'dp-ranges',
      title: 'marks ranges and single entries like single pages',
      rule: 'DP-20',
      points: 1.5,
      rationale:
        'Three pages that are not in a row, with a base that is not 0; one entry; their counts; a copy of the last of them.',
      hint: 'Every pair in pages is a complete address and its frame: cowTable.markCow for each.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      const [one, two, three, four] = [0x11, 0x12, 0x13, 0x14].map((fill) => p.frame(fill));
      p.markRange(0x1_0000, [
        [0x1_1000, one!],
        [0x1_2000, two!],
        [0x4_0000, three!],
      ]);
      p.addEntry(0x5_0000, four!);
      for (const va of [0x1_1000, 0x1_2000, 0x4_0000, 0x5_0000, 0x2_1000]) p.isCow(va);
      p.release(0x1_1000, one!);
      p.release(0x1_1000, one!);
      p.release(0x5_0000, four!);
      p.release(0x5_0000, four!);
      p.look(p.cowFault(0x4_0000), 0, 16);
    }),
  );

  scenario(
    {
      id: 'dp-mark-again',
      title: 'takes the frame that was marked last',
      rule: 'DP-21',
      points: 1,
      rationale:
        'A page marked for another frame while it has sharers, and after the last one is gone.',
      hint: 'markCow replaces what is there: the frame that is shared now is the one that counts.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      const [first, second, third, fourth] = [0x11, 0x12, 0x13, 0x14].map((fill) => p.frame(fill));
      p.mark(0x1_0000, first!);
      p.mark(0x1_0000, second!);
      p.look(p.cowFault(0x1_0000), 0, 16);
      p.mark(0x2_0000, third!);
      p.release(0x2_0000, third!);
      p.release(0x2_0000, third!);
      p.mark(0x2_0000, fourth!);
      p.isCow(0x2_0000);
      p.look(p.cowFault(0x2_0000), 0, 16);
      p.release(0x2_0000, fourth!);
    }),
  );

  scenario(
    {
      id: 'dp-range-again',
      title: 'takes the frame that was marked last, whichever call has marked it',
      rule: 'DP-21',
      points: 0,
      requires: ['dp-mark-again', 'dp-ranges'],
      rationale:
        'Pages marked once, and then again for another frame: by markCowRange, by addCowEntry, and by markCow after either.',
      hint: 'markCowRange and addCowEntry mark as markCow does, pages that are marked already as well.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      const pages = [0x1_0000, 0x2_0000, 0x3_0000, 0x4_0000] as const;
      const [range, entry, afterRange, afterEntry] = pages;
      for (const [i, va] of [range, entry].entries()) p.mark(va, p.frame(0x31 + i));
      p.markRange(range, [[afterRange, p.frame(0x33)]]);
      p.addEntry(afterEntry, p.frame(0x34));
      p.markRange(range, [[range, p.frame(0x41)]]);
      p.addEntry(entry, p.frame(0x42));
      for (const [i, va] of [afterRange, afterEntry].entries()) p.mark(va, p.frame(0x43 + i));
      for (const va of pages) p.look(p.cowFault(va), 0, 16);
    }),
  );

  scenario(
    {
      id: 'dp-marks-stay',
      title: 'keeps marks when mappings come and go around them',
      rule: 'DP-16',
      points: 0,
      requires: ['dp-is-cow'],
      rationale:
        'Pages at the start and in the middle of a mapping, marked before and after it is registered: after it is registered, after faults, and when it is gone.',
      hint: 'Mappings and marks have nothing to do with each other: registerLazy and unregisterLazy leave the table alone.',
    },
    managerProgram((p) => {
      p.manager();
      const marked = [0x1_0000, 0x1_2000, 0x1_3000];
      const look = (): void => {
        for (const va of marked) p.isCow(va);
      };
      for (const va of marked.slice(0, 2)) p.mark(va, p.frame(0x11));
      p.register(0x1_0000, 0x5000);
      p.mark(0x1_3000, p.frame(0x12));
      look();
      p.fault(0x1_1010);
      p.fault(0x1_4010);
      look();
      p.unregister(0x1_0000);
      look();
    }),
  );

  scenario(
    {
      id: 'dp-marked-first-fault',
      title: 'faults marked pages in like any other',
      rule: 'DP-4',
      points: 0,
      requires: ['dp-first-fault'],
      rationale: 'The first faults of a mapping are at its pages that are marked.',
      hint: 'tryDemandPage looks at the mappings alone, not at the table.',
    },
    managerProgram((p) => {
      p.manager();
      p.mark(0x1_0000, p.frame(0x11));
      p.register(0x1_0000, 0x1000);
      p.register(0x2_0000, 0x3000);
      p.mark(0x2_1000, p.frame(0x12));
      p.fault(0x1_0010);
      p.fault(0x2_1010);
    }),
  );

  scenario(
    {
      id: 'dp-cow-in-mapping',
      title: 'copies marked pages in mappings like any other',
      rule: 'DP-17',
      points: 0,
      requires: ['dp-cow-copy'],
      rationale: 'Pages of a mapping that were not faulted in yet, and one that was.',
      hint: 'handleCowFault looks at the table alone, not at the mappings.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      p.register(0x1_0000, 0x3000);
      p.fault(0x1_1010);
      for (const [i, va] of [0x1_0000, 0x1_1000, 0x1_2000].entries()) p.mark(va, p.frame(0x31 + i));
      for (const va of [0x1_1000, 0x1_0000, 0x1_2000]) p.look(p.cowFault(va), 0, 16);
    }),
  );
});
