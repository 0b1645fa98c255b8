import { expect } from 'chai';
import { fileByte } from '../../reference/contract/file-rule.ts';
import {
  fileBacking,
  GLOBAL,
  type ManagerScript,
  managerProgram,
} from '../generators/manager-scenario.ts';
import type { Outcome, Step } from '../protocol/trace.ts';
import { leak, ok, panicked, returned, rulesOf, threw } from '../testing/told-traces.ts';
import { judgeManagers } from './manager-judge.ts';
import { RULE } from './manager-rules.ts';
import { settled } from './verdict.ts';

/** What was seen of an operation: how it ended, and what else there was to see. */
interface Seen {
  readonly outcome: Outcome;
  readonly frames?: number;
  readonly fileReads?: number;
  readonly freed?: readonly number[];
  readonly injected?: boolean;
}

const manager = GLOBAL;
const DATA = 3n;
const hexOf = (value: bigint): `0x${string}` => `0x${value.toString(16)}`;

/** A page was given out. */
const gave = (frame: number, flags = DATA, more: Omit<Seen, 'outcome'> = {}): Seen => ({
  outcome: { kind: 'ok', frame, perm: { type: 'bigint', value: hexOf(flags) } },
  ...more,
});
/** A frame was taken or copied. */
const frame = (number: number, more: Omit<Seen, 'outcome'> = {}): Seen => ({
  outcome: { kind: 'ok', frame: number },
  ...more,
});
const bytes = (...runs: readonly (readonly [number, number])[]): Seen => ({
  outcome: { kind: 'ok', bytes: runs },
});
const fails = (error: string, more: Omit<Seen, 'outcome'> = {}): Seen => ({
  outcome: threw(error),
  ...more,
});
const says = (answer: boolean): Seen => ({ outcome: returned(answer) });
const done: Seen = { outcome: ok };

const unmapped = (addr: number): Seen => fails(`UnmappedMemory { addr: ${hexOf(BigInt(addr))} }`);
const invalid = (addr: number): Seen => fails(`InvalidAddress { addr: ${hexOf(BigInt(addr))} }`);
const noMemory = fails('OutOfMemory { requested: 0x1000, available: 0x0 }', { injected: true });
const notInitialized = fails('NotInitialized { subsystem: "demand_paging" }');

function stepOf({ outcome, frames = 0, fileReads = 0, freed = [], injected = false }: Seen): Step {
  return {
    outcome,
    faults: [],
    spaces: {},
    facts: [],
    injected,
    calls: { frame: 0, read: 0, mmap: 0 },
    effort: { frames, fileReads, invalidations: 0 },
    freed: freed.map((number) => ({ frame: number, site: '' })),
  };
}

/** The rules broken in a program, of which the last operations were seen to end as told; all before them are `done`. `known`: those that are known to be broken. */
function broken(
  write: (p: ManagerScript) => void,
  seen: readonly Seen[],
  leaks: readonly ReturnType<typeof leak>[] = [],
  known: ReadonlySet<string> = new Set(),
): readonly string[] {
  const program = managerProgram(write);
  const before = program.ops.length - seen.length;
  const all = [...Array.from({ length: before }, () => done), ...seen];
  const stopped = all.some(({ outcome }) => outcome.kind === 'panic');
  const verdict = judgeManagers(program, {
    steps: all.map(stepOf),
    log: [],
    teardown: stopped ? null : { outcome: ok, leaks },
    walk: null,
    loadError: null,
  });
  return rulesOf(settled(verdict, known));
}

/** What is written down, what a right manager is seen to do, and what one does that breaks the rule. */
type Case = readonly [
  rule: string,
  what: string,
  write: (p: ManagerScript) => void,
  right: readonly Seen[],
  wrong: readonly Seen[],
];

const flags = DATA;

const CASES: readonly Case[] = [
  [
    RULE.backing,
    'an offset that is not compared',
    (p) => p.sameBacking(fileBacking(1, 0), fileBacking(1, 8)),
    [says(false)],
    [says(true)],
  ],
  [
    RULE.contains,
    'the end',
    (p) => p.contains(0x1000, 0x1000, 0x2000),
    [says(false)],
    [says(true)],
  ],
  [
    RULE.contains,
    'a fault at the end',
    (p) => {
      p.register(0x1000, 0x1000);
      p.fault(0x2000);
    },
    [unmapped(0x2000)],
    [gave(1)],
  ],
  [
    RULE.contains,
    'a fault at the start',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1000);
    },
    [gave(1)],
    [unmapped(0x1000)],
  ],
  [RULE.lazy, 'a frame', (p) => p.register(0x1000, 0x1000), [done], [{ outcome: ok, frames: 1 }]],
  [RULE.lazy, 'a refusal', (p) => p.register(0x1000, 0x1000), [done], [fails('NotImplemented')]],
  [
    RULE.firstFault,
    'a page that is refused',
    (p) => {
      p.register(0x1000, 0x3000, { flags });
      p.fault(0x2008);
    },
    [gave(1)],
    [invalid(0x2008)],
  ],
  [
    RULE.firstFault,
    'a frame that is in use',
    (p) => {
      p.register(0x1000, 0x2000, { flags });
      p.fault(0x1008);
      p.fault(0x2008);
    },
    [gave(1), gave(2)],
    [gave(1), gave(1)],
  ],
  [
    RULE.flags,
    'a flag more',
    (p) => {
      p.register(0x1000, 0x1000, { flags: 2n });
      p.fault(0x1008);
    },
    [gave(1, 2n)],
    [gave(1, 3n)],
  ],
  [
    RULE.zeros,
    'a byte that is left',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.look(p.fault(0x1008));
    },
    [gave(1), bytes([0, 4096])],
    [gave(1), bytes([0, 4095], [7, 1])],
  ],
  [
    RULE.file,
    'another block',
    (p) => {
      p.file(0x3000);
      p.register(0x1000, 0x2000, { file: 'file', offset: 0x10, flags });
      p.look(p.fault(0x2008), 0, 1);
    },
    [gave(1), bytes([fileByte(7, 0x1010), 1])],
    [gave(1), bytes([fileByte(7, 0x10), 1])],
  ],
  [
    RULE.pastEnd,
    'something behind the end',
    (p) => {
      p.file(100);
      p.register(0x1000, 0x1000, { file: 'file', flags });
      p.look(p.fault(0x1008), 100, 2);
    },
    [gave(1), bytes([0, 2])],
    [gave(1), bytes([0, 1], [9, 1])],
  ],
  [
    RULE.once,
    'a second frame',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1008);
      p.fault(0x1ff0);
    },
    [gave(1), invalid(0x1ff0)],
    [gave(1), gave(2)],
  ],
  [
    RULE.once,
    'a page that goes with its neighbour',
    (p) => {
      p.register(0x1000, 0x2000, { flags });
      p.fault(0x1008);
      p.fault(0x2008);
    },
    [gave(1), gave(2)],
    [gave(1), invalid(0x2008)],
  ],
  [
    RULE.once,
    'a second frame for a fault behind the end of a mapping',
    (p) => {
      p.register(0x1000, 0x800, { flags });
      p.fault(0x1008);
      p.fault(0x1900);
    },
    [gave(1), unmapped(0x1900)],
    [gave(1), gave(2)],
  ],
  [
    RULE.lastPage,
    'a part of a page',
    (p) => {
      p.register(0x1000, 0x1800, { flags });
      p.fault(0x2008);
    },
    [gave(1)],
    [invalid(0x2008)],
  ],
  [
    RULE.outside,
    'the wrong error',
    (p) => {
      p.register(0x1000, 0x1000);
      p.fault(0x9000);
    },
    [unmapped(0x9000)],
    [invalid(0x9000)],
  ],
  [
    RULE.address,
    'an address that was rounded',
    (p) => p.fault(0x9123),
    [unmapped(0x9123)],
    [unmapped(0x9000)],
  ],
  [
    RULE.unregister,
    'a mapping that stays',
    (p) => {
      p.register(0x1000, 0x1000);
      p.unregister(0x1000);
      p.fault(0x1008);
    },
    [unmapped(0x1008)],
    [gave(1)],
  ],
  [
    RULE.unregister,
    'a mapping that goes for an address inside',
    (p) => {
      p.register(0x1000, 0x2000, { flags });
      p.unregister(0x2000);
      p.fault(0x1008);
    },
    [gave(1)],
    [unmapped(0x1008)],
  ],
  [
    RULE.afresh,
    'a page that is still known',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      const first = p.fault(0x1008);
      p.unregister(0x1000);
      p.free(first);
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1010);
    },
    [gave(1), done, done, done, gave(2)],
    [gave(1), done, done, done, invalid(0x1010)],
  ],
  [
    RULE.counting,
    'true too early',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
    },
    [frame(1), done, says(false)],
    [frame(1), done, says(true)],
  ],
  [
    RULE.counting,
    'a frame that release has freed',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
    },
    [frame(1), done, says(false), says(true)],
    [frame(1), done, says(false), { ...says(true), freed: [1] }],
  ],
  [
    RULE.isCow,
    'a page that was never marked',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.isCow(0x2000);
    },
    [frame(1), done, says(false)],
    [frame(1), done, says(true)],
  ],
  [
    RULE.copy,
    'other bytes',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.look(p.cowFault(0x1000));
    },
    [frame(1), done, frame(2), bytes([9, 4096])],
    [frame(1), done, frame(2), bytes([0, 4096])],
  ],
  [
    RULE.copy,
    'the shared frame',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000);
    },
    [frame(1), done, frame(2)],
    [frame(1), done, frame(1)],
  ],
  [
    RULE.sharers,
    'a reference that stays',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000);
      p.release(0x1000, 'frame1');
    },
    [frame(1), done, frame(2), says(true)],
    [frame(1), done, frame(2), says(false)],
  ],
  [
    RULE.sharers,
    'a frame that is freed while it is shared',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000);
    },
    [frame(1), done, frame(2)],
    [frame(1), done, frame(2, { freed: [1] })],
  ],
  [
    RULE.sharers,
    'bytes that have changed',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000);
      p.look('frame1');
    },
    [frame(1), done, frame(2), bytes([9, 4096])],
    [frame(1), done, frame(2), bytes([0, 4096])],
  ],
  [
    RULE.lookUp,
    'an address inside the page',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1008);
    },
    [frame(1), done, frame(2)],
    [frame(1), done, invalid(0x1008)],
  ],
  [
    RULE.ranges,
    'a page that was left out',
    (p) => {
      p.frame(9);
      p.markRange(0x1000, [[0x2000, 'frame1']]);
      p.isCow(0x2000);
    },
    [frame(1), done, says(true)],
    [frame(1), done, says(false)],
  ],
  [
    RULE.again,
    'the frame that was marked before',
    (p) => {
      p.frame(8);
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.mark(0x1000, 'frame2');
      p.look(p.cowFault(0x1000));
    },
    [frame(1), frame(2), done, done, frame(3), bytes([9, 4096])],
    [frame(1), frame(2), done, done, frame(3), bytes([8, 4096])],
  ],
  [
    RULE.noMemory,
    'an error of the allocator',
    (p) => {
      p.register(0x1000, 0x1000);
      p.fault(0x1008, { fault: { point: 'frame', mode: 'once', nth: 1 } });
    },
    [noMemory],
    [fails('FrameAllocatorError.OutOfMemory', { injected: true })],
  ],
  [
    RULE.noMemory,
    'a page that is lost',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1008, { fault: { point: 'frame', mode: 'once', nth: 1 } });
      p.fault(0x1008);
    },
    [noMemory, gave(1)],
    [noMemory, invalid(0x1008)],
  ],
  [
    RULE.noMemory,
    'a reference that is lost',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000, { fault: { point: 'frame', mode: 'once', nth: 1 } });
      p.release(0x1000, 'frame1');
    },
    [frame(1), done, noMemory, says(false)],
    [frame(1), done, noMemory, says(true)],
  ],
  [
    RULE.noRead,
    'a page that cannot be read',
    (p) => {
      p.file(0x1000, 'file', 7, { unreadable: 'all' });
      p.register(0x1000, 0x1000, { file: 'file', flags });
      p.fault(0x1008);
    },
    [fails('HardwareError { device: "disk", code: 5 }', { injected: true })],
    [gave(1)],
  ],
  [
    RULE.frames,
    'a frame that unregistering frees',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1008);
      p.unregister(0x1000);
    },
    [gave(1), done],
    [gave(1), { outcome: ok, freed: [1] }],
  ],
  [
    RULE.frames,
    'a second frame',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1008);
    },
    [gave(1, DATA, { frames: 1 })],
    [gave(1, DATA, { frames: 2 })],
  ],
  [
    RULE.init,
    'a mapping that is not lost',
    (p) => {
      p.register(0x1000, 0x1000, { manager });
      p.fault(0x1008, { manager });
    },
    [done, notInitialized],
    [done, gave(1)],
  ],
  [
    RULE.init,
    'an init that keeps what was there',
    (p) => {
      p.init();
      p.register(0x1000, 0x1000, { manager });
      p.init();
      p.fault(0x1008, { manager });
    },
    [unmapped(0x1008)],
    [gave(1)],
  ],
  [
    RULE.global,
    'a manager that is not kept',
    (p) => {
      p.register(0x1000, 0x1000, { manager, within: true, flags });
      p.fault(0x1008, { manager });
    },
    [done, gave(1)],
    [done, notInitialized],
  ],
  [
    RULE.global,
    'a result that does not come out',
    (p) => p.isCow(0x1000, manager),
    [says(false)],
    [
      {
        outcome: {
          kind: 'bad-value',
          what: 'withManagerMut must return what its function returns',
          value: { type: 'undefined', value: 'undefined' },
        },
      },
    ],
  ],
  [
    RULE.apart,
    'a mapping of another manager',
    (p) => {
      p.manager('alice');
      p.manager('bob');
      p.register(0x1000, 0x1000, { manager: 'alice' });
      p.fault(0x1008, { manager: 'bob' });
    },
    [unmapped(0x1008)],
    [gave(1)],
  ],
];

/** What is written down, and what may be seen of it: all of it is right. */
type Freedom = readonly [
  what: string,
  write: (p: ManagerScript) => void,
  ways: readonly (readonly Seen[])[],
];

const FREEDOMS: readonly Freedom[] = [
  [
    'mappings on top of one another',
    (p) => {
      p.register(0x1000, 0x2000);
      p.register(0x2000, 0x1000);
      p.fault(0x2008);
    },
    [[gave(1)], [gave(1, 0n)], [invalid(0x2008)], [unmapped(0x2008)]],
  ],
  [
    'a mapping that is registered again',
    (p) => {
      p.register(0x1000, 0x1000);
      p.register(0x1000, 0x2000);
      p.fault(0x2008);
    },
    [
      [done, gave(1)],
      [done, unmapped(0x2008)],
      [fails('AlreadyExists'), unmapped(0x2008)],
    ],
  ],
  [
    'the bytes behind the end of a mapping',
    (p) => {
      p.register(0x1000, 0x800, { flags });
      p.fault(0x1900);
      p.fault(0x1008);
    },
    [
      [gave(1), invalid(0x1008)],
      [unmapped(0x1900), gave(1)],
    ],
  ],
  [
    'the bytes behind the end of a mapping, after their page was given out',
    (p) => {
      p.register(0x1000, 0x800, { flags });
      p.fault(0x1008);
      p.fault(0x1900);
    },
    [
      [gave(1), invalid(0x1900)],
      [gave(1), unmapped(0x1900)],
    ],
  ],
  [
    'the bytes behind the end, asked for',
    (p) => p.contains(0x1000, 0x800, 0x1900),
    [[says(true)], [says(false)]],
  ],
  [
    'addresses inside a page',
    (p) => {
      p.frame(1);
      p.mark(0x1008, 'frame1');
      p.isCow(0x1000);
      p.cowFault(0x1000);
    },
    [
      [frame(1), done, says(true), frame(2)],
      [frame(1), done, says(false), invalid(0x1000)],
    ],
  ],
  [
    'asking for an address inside a marked page',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.isCow(0x1008);
    },
    [
      [frame(1), done, says(true)],
      [frame(1), done, says(false)],
    ],
  ],
  [
    'a page whose last reference was given up',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.isCow(0x1000);
      p.cowFault(0x1000);
    },
    [
      [frame(1), done, says(false), says(true), says(true), frame(2)],
      [frame(1), done, says(false), says(true), says(false), invalid(0x1000)],
      [frame(1), done, says(false), says(true), says(true), { outcome: panicked('frames') }],
    ],
  ],
  [
    'the last sharer who writes',
    (p) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.look(p.cowFault(0x1000));
    },
    [
      [frame(1), done, says(false), frame(1), bytes([9, 4096])],
      [frame(1), done, says(false), frame(2), bytes([9, 4096])],
      [frame(1), done, says(false), frame(2, { freed: [1] }), bytes([9, 4096])],
      // Freed, and taken again for the copy.
      [frame(1), done, says(false), frame(1, { freed: [1] }), bytes([9, 4096])],
    ],
  ],
  [
    'a page that is marked again',
    (p) => {
      p.frame(1);
      p.mark(0x1000, 'frame1');
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
    },
    [
      [frame(1), done, done, says(false), says(true), says(false)],
      [frame(1), done, done, says(false), says(false), says(true)],
    ],
  ],
  [
    'a file that has changed',
    (p) => {
      p.file(0x1000, 'file', 7);
      p.register(0x1000, 0x1000, { file: 'file', flags });
      p.rewrite('file', 8);
      p.look(p.fault(0x1008), 0, 1);
    },
    [
      [gave(1), bytes([fileByte(7, 0), 1])],
      [gave(1), bytes([fileByte(8, 0), 1])],
    ],
  ],
  [
    'a shortage that is met before the address is looked at',
    (p) => p.fault(0x1008, { fault: { point: 'frame', mode: 'once', nth: 1 } }),
    [[unmapped(0x1008)], [noMemory]],
  ],
  [
    'an allocation that is tried again',
    (p) => {
      p.register(0x1000, 0x1000, { flags });
      p.fault(0x1008, { fault: { point: 'frame', mode: 'once', nth: 1 } });
    },
    [[noMemory], [gave(1, DATA, { injected: true })]],
  ],
];

describe('judgeManagers', () => {
  for (const [rule, what, write, right, wrong] of CASES) {
    it(`should find that ${what} breaks ${rule}, and no other rule`, () => {
      expect(broken(write, right)).to.deep.equal([]);
      expect(broken(write, wrong)).to.deep.equal([rule]);
    });
  }

  for (const [what, write, ways] of FREEDOMS) {
    it(`should let pass either way: ${what}`, () => {
      for (const way of ways) expect(broken(write, way)).to.deep.equal([]);
    });
  }

  it('should have a case for every rule', () => {
    const cases = new Set(CASES.map(([rule]) => rule));

    expect(Object.values(RULE).filter((rule) => !cases.has(rule))).to.deep.equal([]);
  });

  it('should blame a leak on the failure only if nothing leaks without one', () => {
    const write = (p: ManagerScript): void => {
      p.register(0x1000, 0x2000, { flags });
      p.fault(0x1008, { fault: { point: 'frame', mode: 'once', nth: 2 } });
      p.fault(0x2008);
    };
    const seen = [gave(1, DATA, { injected: true }), gave(2)];

    expect(broken(write, seen, [leak(5, 1)])).to.deep.equal([RULE.noMemory]);
    expect(broken(write, seen, [leak(5, 1), leak(6, 2)])).to.deep.equal([RULE.frames]);
  });

  it('should end at a panic, which breaks the rule of what was to be done', () => {
    const fault = (p: ManagerScript): void => {
      p.fault(0x1000);
    };

    expect(broken(fault, [{ outcome: panicked() }])).to.deep.equal([RULE.outside]);
    expect(broken(fault, [{ outcome: panicked('frames') }])).to.deep.equal([RULE.frames]);
    expect(broken(fault, [{ outcome: panicked(undefined, 'todo') }])).to.deep.equal([RULE.outside]);
  });

  it('should take what goes wrong for the same reason for one mistake', () => {
    const twice = (p: ManagerScript): void => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.release(0x1000, 'frame1');
      p.frame(8);
      p.mark(0x2000, 'frame2');
      p.cowFault(0x2000);
      p.release(0x2000, 'frame2');
    };

    expect(
      broken(twice, [frame(1), done, says(true), frame(2), done, frame(3), says(false)]),
    ).to.deep.equal([RULE.counting]);
  });

  it('should go on after a first fault that was refused', () => {
    const write = (p: ManagerScript): void => {
      p.register(0x1000, 0x2000, { flags });
      p.fault(0x1000);
      p.look(p.fault(0x2000));
    };

    expect(broken(write, [invalid(0x1000), gave(1), bytes([9, 4096])])).to.deep.equal([
      RULE.firstFault,
      RULE.zeros,
    ]);
  });

  it('should take a page for forgotten only if nothing has shown that it is known', () => {
    const unless = (asks: boolean) => (p: ManagerScript) => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      if (asks) p.isCow(0x1000);
      p.cowFault(0x1000);
    };
    const forgets = new Set([RULE.isCow]);
    const refused = invalid(0x1000);

    expect(broken(unless(false), [frame(1), done, refused], [], forgets)).to.deep.equal([]);
    expect(broken(unless(true), [frame(1), done, says(true), refused], [], forgets)).to.deep.equal([
      RULE.copy,
    ]);
  });

  it('should take a page that was copied at a fault for known', () => {
    const told = [frame(1), done, frame(2), says(false)];
    const write = (p: ManagerScript): void => {
      p.frame(9);
      p.mark(0x1000, 'frame1');
      p.cowFault(0x1000);
      p.release(0x1000, 'frame1');
    };

    expect(broken(write, told, [], new Set([RULE.isCow]))).to.deep.equal([RULE.sharers]);
  });

  it('should not look at what was skipped, nor past the end of a trace', () => {
    const skipped: Seen = { outcome: { kind: 'skipped' } };

    expect(
      broken(
        (p) => {
          p.fault(0x1000);
          p.look('page1');
        },
        [skipped, skipped],
      ),
    ).to.deep.equal([]);
    const program = managerProgram((p) => p.fault(0x1000));
    const nothing = { steps: [], log: [], teardown: null, walk: null, loadError: null };
    expect(rulesOf(judgeManagers(program, nothing))).to.deep.equal([]);
  });
});
