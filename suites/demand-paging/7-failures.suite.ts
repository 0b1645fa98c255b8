/** Frames that run short, files that cannot be read, and who owns which frame. */
import { enumeration, managerProgram, managerPrograms, scenario } from '../../harness/index.ts';
import { copyForOne, countToTwo } from './controls.ts';

describe('failures and frames', () => {
  scenario(
    {
      id: 'dp-no-frame-for-a-page',
      title: 'survives a shortage of frames at a demand-page fault',
      rule: 'DP-22',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'The allocation fails for memory and for a file, once and for good; then the fault is repeated, and so is one from before.',
      hint: 'Turn the error of the allocator into KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n }), and note the page down only when nothing can fail any more.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(5000);
      for (const [i, mode] of (['once', 'on'] as const).entries()) {
        const va = 0x1_0000 * (i + 1);
        p.register(va, 0x2000);
        p.fault(va + 0x1010);
        p.fault(va + 0x10, { fault: { point: 'frame', nth: 1, mode } });
        p.look(p.fault(va + 0x20));
        p.fault(va + 0x1020);
        p.register(va + 0x10_0000, 0x1000, { file: 'file' });
        p.fault(va + 0x10_0010, { fault: { point: 'frame', nth: 1, mode } });
        p.look(p.fault(va + 0x10_0020), 0, 32);
      }
    }),
  );

  scenario(
    {
      id: 'dp-no-frame-for-a-copy',
      title: 'survives a shortage of frames at a copy-on-write fault',
      rule: 'DP-22',
      points: 1,
      rationale:
        'The allocation fails, the fault is repeated, and the counts must be right in the end. Two pages that do not fail come first.',
      hint: 'First the frame, then the reference: nothing may be given up before the last thing that can fail.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      const failing = p.frame(0x11);
      p.mark(0x1_0000, failing);
      p.cowFault(0x1_0000, { fault: { point: 'frame', nth: 1, mode: 'on' } });
      p.isCow(0x1_0000);
      p.look(p.cowFault(0x1_0000), 0, 16);
      p.release(0x1_0000, failing);
      const released = p.frame(0x12);
      p.mark(0x2_0000, released);
      p.cowFault(0x2_0000, { fault: { point: 'frame', nth: 1, mode: 'once' } });
      p.release(0x2_0000, released);
      p.release(0x2_0000, released);
    }),
  );

  scenario(
    {
      id: 'dp-read-error',
      title: 'survives a file that cannot be read',
      rule: 'DP-23',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'The read fails once and for good, then works: the page must show the file. One block of another file never can be read.',
      hint: 'readInode throws: free the frame you have taken, note nothing down, and let the error out.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x4000);
      p.register(0x8_0000, 0x3000, { file: 'file', offset: 0x1000 });
      p.look(p.fault(0x8_1010));
      for (const [i, mode] of (['once', 'on'] as const).entries()) {
        const va = 0x1_0000 * (i + 1);
        p.register(va, 0x2000, { file: 'file', offset: 0x1000 });
        p.fault(va + 0x1010, { fault: { point: 'read', nth: 1, mode } });
        p.look(p.fault(va + 0x1020), 0, 32);
      }
      p.file(0x3000, 'damaged', 30, { unreadable: [1] });
      p.register(0x5_0000, 0x3000, { file: 'damaged' });
      p.fault(0x5_1010);
      p.fault(0x5_1010);
    }),
  );

  scenario(
    {
      id: 'dp-one-owner',
      title: 'keeps no frame and frees none that is not its own',
      rule: 'DP-24',
      points: 1.5,
      requires: ['dp-first-fault'],
      rationale:
        'Faults that are answered and faults that are refused, mappings that go, pages that are copied; what the caller holds must stay, and nobody may hold more.',
      hint: 'A frame that you take is yours until you return it. What you have returned is not.',
    },
    managerProgram((p) => {
      p.manager();
      countToTwo(p);
      copyForOne(p);
      p.file(5000);
      p.register(0x1_0000, 0x1000);
      const page = p.fault(0x1_0010);
      p.write(page, 0x5a, 0, 4096);
      p.fault(0x1_0010);
      p.fault(0x2_0010);
      p.register(0x3_0000, 0x1000, { file: 'file' });
      p.fault(0x3_0010);
      p.mark(0x5_0000, page);
      p.cowFault(0x5_0000);
      p.cowFault(0x6_0000);
      p.unregister(0x3_0000);
      p.unregister(0x1_0000);
      p.look(page);
    }),
  );

  enumeration(
    {
      id: 'dp-every-failure',
      title: 'survives every single failure of an allocation or a read',
      rule: 'DP-22',
      // It adds to the checks above, and shows DP-23 as well: what it builds on has cost its points already.
      points: 0,
      requires: ['dp-no-frame-for-a-page'],
      rationale:
        'In all programs above, and in short generated ones, each call that can fail does so: once, and from then on. The same call is repeated afterwards.',
      hint: 'Go through the call line by line: if this line throws, whose is each frame, and what is noted down already that is not true now?',
    },
    managerPrograms({
      length: 24,
      weights: { fault: 40, faultAgain: 24, cowFault: 12, look: 4, write: 2 },
    }),
    { readRule: 'DP-23', soundOnly: true },
  );
});
