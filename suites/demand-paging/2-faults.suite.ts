/** Demand-page faults: frames, flags, and the errors. */
import { managerProgram, PAGE_FLAGS, scenario } from '../../harness/index.ts';

const { PRESENT, WRITABLE, USER, NO_CACHE, GLOBAL: GLOBAL_FLAG, NO_EXECUTE } = PAGE_FLAGS;

describe('demand-page faults', () => {
  scenario(
    {
      id: 'dp-first-fault',
      title: 'answers the first fault of a page with a frame',
      rule: 'DP-4',
      points: 3.5,
      rationale:
        'One page of each of several mappings, registered in no particular order; every frame must be another one.',
      hint: 'Find the mapping that contains the address, take a frame from FRAME_ALLOCATOR, return [frame, mapping.flags].',
    },
    managerProgram((p) => {
      p.manager();
      p.register(0x1_0000, 0x4000);
      p.fault(0x1_2345);
      p.register(0x7fff_4746_0000, 0x2000);
      p.register(0x4000, 0x1000);
      p.fault(0x7fff_4746_1678);
      p.fault(0x4ff0);
    }),
  );

  scenario(
    {
      id: 'dp-flags',
      title: 'returns the flags of the mapping',
      rule: 'DP-5',
      points: 1.5,
      requires: ['dp-first-fault'],
      rationale:
        'With and without PRESENT, read-only and writable, bits at both ends, for memory and for a file; no flags at all.',
      hint: 'Return what registerLazy was given, bit for bit.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(5000);
      const sets = [
        PRESENT | WRITABLE | USER | NO_EXECUTE,
        PRESENT | NO_EXECUTE,
        WRITABLE | NO_CACHE,
        PRESENT | WRITABLE | GLOBAL_FLAG,
        0n,
      ];
      for (const [i, flags] of sets.entries()) {
        p.register(0x1_0000 * (i + 1), 0x1000, { flags });
        p.fault(0x1_0000 * (i + 1) + 0x10);
      }
      p.register(0x10_0000, 0x1000, { flags: PRESENT | WRITABLE | USER, file: 'file' });
      p.fault(0x10_0010);
    }),
  );

  scenario(
    {
      id: 'dp-once',
      title: 'faults every page in once',
      rule: 'DP-9',
      points: 2.5,
      requires: ['dp-first-fault'],
      rationale:
        'Each page of a mapping, in no particular order, and each a second time, at other addresses in it.',
      hint: 'Keep one note for each page of the mapping: its index is the distance from the start, divided by the page size.',
    },
    managerProgram((p) => {
      p.manager();
      p.register(0x1_0000, 0x4000);
      p.fault(0x1_1100);
      p.fault(0x1_1100);
      p.fault(0x1_1fff);
      p.fault(0x1_3000);
      p.fault(0x1_0800);
      p.fault(0x1_2ffe);
      for (const va of [0x1_0000, 0x1_1001, 0x1_2800, 0x1_3fff]) p.fault(va);
    }),
  );

  scenario(
    {
      id: 'dp-part-of-a-page',
      title: 'has a page for the rest of a size that is no multiple of the page size',
      rule: 'DP-10',
      points: 1,
      requires: ['dp-first-fault'],
      rationale: 'One page and a half; a few bytes; a page and a few bytes.',
      hint: 'Round the number of pages up: (size + PAGE_SIZE - 1n) / PAGE_SIZE.',
    },
    managerProgram((p) => {
      p.manager();
      p.register(0x1_0000, 0x1800);
      p.fault(0x1_1123);
      p.register(0x2_0000, 0x10);
      p.fault(0x2_0008);
      p.register(0x3_0000, 0x1004);
      p.fault(0x3_1002);
    }),
  );

  scenario(
    {
      id: 'dp-outside',
      title: 'says that nothing is mapped where nothing is',
      rule: 'DP-11',
      points: 1.5,
      rationale:
        'On a new manager, and far from every mapping, before and after a page was faulted in.',
      hint: 'No mapping contains the address: throw KernelError.UnmappedMemory({ addr: vaddr }).',
    },
    managerProgram((p) => {
      p.manager();
      p.fault(0x1_0000);
      p.register(0x10_0000, 0x4000);
      p.fault(0x1_0000);
      p.fault(0x7fff_ffff_f000);
      p.fault(0x10_1010);
      p.fault(0x20_1010);
      p.fault(0);
    }),
  );

  scenario(
    {
      id: 'dp-error-address',
      title: 'reports the address that was asked for',
      rule: 'DP-12',
      points: 1,
      requires: ['dp-first-fault'],
      rationale: 'Addresses in the middle of pages: not mapped, faulted in before, not marked.',
      hint: 'Keep vaddr as it came for the error; round a copy of it down.',
    },
    managerProgram((p) => {
      p.manager();
      p.fault(0x5678);
      p.register(0x1_0000, 0x1000);
      p.fault(0x1_0123);
      p.fault(0x1_0456);
      p.cowFault(0x2_0789);
    }),
  );

  scenario(
    {
      id: 'dp-each-flag',
      title: 'returns each flag that there is',
      rule: 'DP-5',
      points: 0,
      requires: ['dp-flags'],
      rationale: 'A mapping for each flag alone, and one with all of them.',
      hint: 'Flags are not for the manager to judge: keep them as they came, and return them.',
    },
    managerProgram((p) => {
      p.manager();
      const each = Object.values(PAGE_FLAGS);
      const all = each.reduce((sum, flag) => sum | flag, 0n);
      for (const [i, flags] of [...each, all].entries()) {
        p.register(0x1_0000 * (i + 1), 0x1000, { flags });
        p.fault(0x1_0000 * (i + 1) + 0x10);
      }
    }),
  );
});
