import { expect } from 'chai';
import { alice, spawned } from '../testing/told-alice.ts';
import {
  type Also,
  fault,
  leaf,
  process,
  returned,
  rulesOf,
  story,
} from '../testing/told-traces.ts';
import { judge } from './judge.ts';
import type { Verdict } from './verdict.ts';

describe('one copy', () => {
  it('should not move another page that is shared', () => {
    const both = (second: number, perm = 'ru'): Also => ({
      spaces: {
        alice: [leaf(0xa000, 5, 'ru'), leaf(0xb000, 6, 'ru')],
        bob: [leaf(0xa000, 7, 'rwu'), leaf(0xb000, second, perm)],
      },
      faults: [fault(0xa000, 7)],
      frames: 2,
    });
    const told = (also: Also): Verdict => {
      const { program, trace } = story([
        spawned(),
        process((p) => p.mmap(0xa000, 0x2000, 'rwu'), returned(0xa000n)),
        process((p) => p.write(0xa000, 0, 'alice', { length: 0x2000 }), undefined, {
          ...alice(leaf(0xa000, 5, 'rwu'), leaf(0xb000, 6, 'rwu')),
          faults: [fault(0xa000, 6), fault(0xb000, 6)],
        }),
        process((p) => p.fork('bob'), undefined, {
          spaces: {
            alice: [leaf(0xa000, 5, 'ru'), leaf(0xb000, 6, 'ru')],
            bob: [leaf(0xa000, 5, 'ru'), leaf(0xb000, 6, 'ru')],
          },
        }),
        process((p) => p.write(0xa000, 1, 'bob'), undefined, also),
      ]);
      return judge(program, trace);
    };

    expect(rulesOf(told(both(6)))).to.deep.equal([]);
    expect(rulesOf(told(both(8, 'rwu')))).to.deep.equal(['CW-16']);
  });
});
