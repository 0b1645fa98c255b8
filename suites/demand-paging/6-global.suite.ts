/** The manager behind the exported functions. */
import { GLOBAL, managerProgram, scenario } from '../../harness/index.ts';

const manager = GLOBAL;

describe('the global manager', () => {
  scenario(
    {
      id: 'dp-before-init',
      title: 'has no global manager before init',
      rule: 'DP-25',
      points: 1,
      rationale: 'A fault and a registration before init; what was registered then is lost.',
      hint: 'Keep the manager in a variable that begins as null. Only init and withManagerMut make one.',
    },
    managerProgram((p) => {
      p.fault(0x1_0000, { manager });
      p.register(0x1_0000, 0x1000, { manager });
      p.fault(0x1_0010, { manager });
      p.init();
      p.fault(0x1_0010, { manager });
    }),
  );

  scenario(
    {
      id: 'dp-init-again',
      title: 'begins anew with every init',
      rule: 'DP-25',
      points: 0.5,
      rationale: 'A mapping before the second init must be gone after it.',
      hint: 'init always makes a new manager.',
    },
    managerProgram((p) => {
      p.init();
      p.fault(0x80_0000, { manager });
      p.register(0x1_0000, 0x1000, { manager });
      p.init();
      p.fault(0x1_0010, { manager });
    }),
  );

  scenario(
    {
      id: 'dp-global',
      title: 'has one manager behind all the functions',
      rule: 'DP-26',
      points: 1.5,
      requires: ['dp-first-fault'],
      rationale:
        'Registered by the function, faulted in by withManagerMut, and the other way round; made by withManagerMut without init; results and errors come out.',
      hint: 'withManagerMut: make the manager if there is none, keep it, and return f(manager).',
    },
    managerProgram((p) => {
      p.register(0x1_0000, 0x1000, { manager, within: true });
      p.fault(0x1_0010, { manager });
      p.register(0x2_0000, 0x1000, { manager });
      p.fault(0x2_0010, { manager, within: true });
      p.fault(0x3_0010, { manager, within: true });
      p.manager();
      const shared = p.frame(0x11);
      p.mark(0x5_0000, shared);
      p.isCow(0x5_0000);
      p.mark(0x4_0000, p.frame(0x12), manager);
      p.isCow(0x4_0000, manager);
    }),
  );

  scenario(
    {
      id: 'dp-init-marks',
      title: 'forgets marks with every init',
      rule: 'DP-25',
      points: 0,
      requires: ['dp-init-again'],
      rationale: 'A page that was marked before the second init must not be marked after it.',
      hint: 'The new manager has a new table.',
    },
    managerProgram((p) => {
      p.init();
      p.isCow(0x1_0000, manager);
      p.mark(0x1_0000, p.frame(0x11), manager);
      p.isCow(0x1_0000, manager);
      p.init();
      p.isCow(0x1_0000, manager);
    }),
  );

  scenario(
    {
      id: 'dp-global-stays',
      title: 'keeps the manager that withManagerMut has made when its function throws',
      rule: 'DP-26',
      points: 0,
      requires: ['dp-global'],
      rationale:
        'The first use of all is a fault by withManagerMut, which throws; a mapping is registered then, and faulted in.',
      hint: 'Keep the manager before you call f: what comes after the call is not reached when f throws.',
    },
    managerProgram((p) => {
      p.fault(0x3_0010, { manager, within: true });
      p.register(0x1_0000, 0x1000, { manager });
      p.fault(0x1_0010, { manager });
    }),
  );
});
