/** unregisterLazy, what comes after it, and managers beside one another. */
import { managerProgram, PAGE_FLAGS, scenario } from '../../harness/index.ts';
import { countToTwo } from './controls.ts';

describe('unregistering', () => {
  scenario(
    {
      id: 'dp-unregister',
      title: 'forgets the mapping that starts at the address',
      rule: 'DP-13',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'One of two mappings goes; the frame of its page stays with the caller; the other mapping stays.',
      hint: 'Remove the mapping with this start. Frames that were given out are not yours any more.',
    },
    managerProgram((p) => {
      p.manager();
      p.fault(0x80_0000);
      p.register(0x1_0000, 0x2000);
      p.register(0x3_0000, 0x2000);
      const page = p.fault(0x1_0010);
      p.write(page, 0x5a, 0, 4096);
      p.unregister(0x1_0000);
      p.fault(0x1_1010);
      p.fault(0x1_0010);
      p.look(page);
      p.fault(0x3_1010);
    }),
  );

  scenario(
    {
      id: 'dp-unregister-others',
      title: 'does nothing for an address at which no mapping starts',
      rule: 'DP-13',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'The middle of a mapping, its last byte, a byte after its start, its end, nowhere; twice.',
      hint: 'Only the exact start counts. There is nothing to report: return.',
    },
    managerProgram((p) => {
      p.manager();
      p.unregister(0x1_0000);
      p.register(0x1_0000, 0x4000);
      for (const va of [0x1_2000, 0x1_3fff, 0x1_0001, 0x1_4000, 0xf000, 0]) p.unregister(va);
      p.fault(0x1_2010);
      p.unregister(0x1_0000);
      p.unregister(0x1_0000);
    }),
  );

  scenario(
    {
      id: 'dp-afresh',
      title: 'starts afresh when a mapping is registered anew',
      rule: 'DP-14',
      points: 1,
      requires: ['dp-first-fault'],
      rationale:
        'The same start with other flags, another backing and more pages; a page that was faulted in before, and one that is new.',
      hint: 'What was faulted in is a matter of the mapping: a new one has a note of its own for each page.',
    },
    managerProgram((p) => {
      p.manager();
      p.fault(0x80_0000);
      p.file(0x3000);
      p.register(0x1_0000, 0x2000);
      p.fault(0x1_1010);
      p.unregister(0x1_0000);
      p.fault(0x1_0020);
      p.register(0x1_0000, 0x3000, { flags: PAGE_FLAGS.PRESENT, file: 'file' });
      p.look(p.fault(0x1_1020), 0, 32);
      p.register(0x4_0000, 0x1000);
      p.fault(0x4_0010);
      p.unregister(0x4_0000);
      p.register(0x4_0000, 0x3000);
      p.fault(0x4_2010);
    }),
  );

  scenario(
    {
      id: 'dp-managers-apart',
      title: 'keeps managers apart',
      rule: 'DP-27',
      points: 1,
      requires: ['dp-first-fault'],
      rationale: 'Mappings and marks at the same addresses in two managers.',
      hint: 'Keep mappings and entries in fields of the manager and its table, not in static or global variables.',
    },
    managerProgram((p) => {
      const alice = p.manager('alice');
      const bob = p.manager('bob');
      p.fault(0x80_0000, { manager: alice });
      countToTwo(p, alice);
      const shared = p.frame(0x11);
      p.register(0x1_0000, 0x1000, { manager: alice });
      p.fault(0x1_0010, { manager: bob });
      p.fault(0x1_0020, { manager: alice });
      p.register(0x1_0000, 0x1000, { manager: bob });
      p.fault(0x1_0030, { manager: bob });
      p.mark(0x2_0000, shared, alice);
      p.isCow(0x2_0000, bob);
      p.release(0x2_0000, shared, bob);
    }),
  );
});
