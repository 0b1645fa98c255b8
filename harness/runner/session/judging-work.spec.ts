import { expect } from 'chai';
import type { Leaf } from '../../../reference/contract/machine-facts.ts';
import type { Step, Trace } from '../../protocol/trace.ts';
import { judgingWork } from './judging-work.ts';

const step = (more: Partial<Step>): Step => ({
  outcome: { kind: 'ok' },
  faults: [],
  spaces: {},
  facts: [],
  effort: { frames: 0, fileReads: 0, invalidations: 0 },
  injected: false,
  calls: { frame: 0, read: 0, mmap: 0 },
  ...more,
});
const leaves = (count: number): Leaf[] =>
  Array.from({ length: count }, (_, i) => ({ va: i * 4096, frame: 5, rights: 9 }));
const trace = (steps: readonly Step[], leaks = 0): Trace => ({
  steps,
  log: [],
  teardown: {
    outcome: { kind: 'ok' },
    leaks: Array.from({ length: leaks }, (_, frame) => ({ kind: 'leak', frame, op: 0, site: '' })),
  },
  walk: null,
  loadError: null,
});

describe('judgingWork', () => {
  it('should grow with what is present and with the operations after which all of it is looked at', () => {
    const few = step({ spaces: { a: leaves(3) } });
    const more = step({ spaces: { a: { gone: [1], leaves: leaves(2) }, b: null } });

    expect(judgingWork(trace([few]))).to.equal(3);
    expect(judgingWork(trace([few, more]))).to.equal(10);
    expect(judgingWork(trace([few, more, step({})]))).to.equal(15);
  });

  it('should count facts and leaks', () => {
    const wrong = step({ facts: [{ kind: 'kernel-half', slot: 510 }] });

    expect(judgingWork(trace([wrong, wrong], 4))).to.equal(12);
  });
});
