import { expect } from 'chai';
import type { Outcome, Panic, Step, Trace } from '../protocol/trace.ts';
import { traceDifference } from './trace-difference.ts';

const OK: Outcome = { kind: 'ok' };

function step(outcome: Outcome, more: Partial<Step> = {}): Step {
  const effort = { frames: 0, fileReads: 0, invalidations: 0 };
  const calls = { frame: 0, read: 0, mmap: 0 };
  return { outcome, faults: [], spaces: {}, facts: [], effort, injected: false, calls, ...more };
}

function trace(steps: readonly Step[], more: Partial<Trace> = {}): Trace {
  const teardown = { outcome: OK, leaks: [] };
  return { steps, log: [], teardown, walk: null, loadError: null, ...more };
}

const panic = (message: string, kind: Panic['kind'] = 'exception', stack = ''): Outcome => ({
  kind: 'panic',
  panic: { kind, message, stack },
});

describe('traceDifference', () => {
  it('should find none between equals', () => {
    expect(traceDifference(trace([step(OK)]), trace([step(OK)]))).to.equal(null);
  });

  it('should find the first step with another outcome', () => {
    const first = trace([step(OK), step({ kind: 'error', error: 'KernelError.NoMemory' })]);
    const again = trace([step(OK), step({ kind: 'ok', bytes: [[7, 1]] })]);

    expect(traceDifference(first, again)).to.deep.equal({
      step: 1,
      first: 'threw KernelError.NoMemory',
      again: 'read 0x07',
    });
  });

  it('should name what differs beside the outcome', () => {
    const more = { effort: { frames: 3, fileReads: 0, invalidations: 0 } };
    const found = traceDifference(trace([step(OK)]), trace([step(OK, more)]));

    expect(found?.first).to.match(/^success; frames, reads and invalidations so far: .*"frames":0/);
    expect(found?.again).to.include('"frames":3');
  });

  it('should see another line in the same panic', () => {
    const at = (line: number): Trace =>
      trace([step(panic('no', 'exception', `at submission/a.ts:${String(line)}:1`))]);
    const found = traceDifference(at(3), at(4));

    expect(found?.first).to.include('a.ts:3:1');
    expect(found?.again).to.include('a.ts:4:1');
  });

  it('should compare what is left over, and what was printed', () => {
    const leaks = [{ kind: 'leak', frame: 9, op: 0, site: '' }] as const;
    const leaking = trace([step(OK)], { teardown: { outcome: OK, leaks } });

    expect(traceDifference(trace([step(OK)]), leaking)).to.include({
      step: 1,
      first: 'frames left over: none',
    });
    expect(
      traceDifference(trace([step(OK)], { log: ['a', 'b'] }), trace([step(OK)], { log: ['a'] })),
    ).to.deep.equal({ step: 0, first: 'printed "b" in line 2', again: 'printed 1 lines' });
  });

  it('should compare whether the modules load', () => {
    const loadError: Panic = { kind: 'exception', message: 'Error: no', stack: '' };

    expect(traceDifference(trace([]), trace([], { loadError }))).to.deep.equal({
      step: 0,
      first: 'the modules load',
      again: 'exception: Error: no',
    });
  });

  for (const [what, outcome] of [
    ['stack', panic('RangeError: Maximum call stack size exceeded')],
    ['stack, in the middle of a call of the machine,', panic('cut short', 'torn')],
    ['memory', panic('more than 64 MiB of memory are in use', 'limit')],
  ] as const) {
    it(`should not compare what comes after the engine has run out of ${what}`, () => {
      expect(traceDifference(trace([step(outcome)]), trace([step(OK)]))).to.equal(null);
      expect(traceDifference(trace([step(OK)]), trace([step(outcome)]))).to.equal(null);
    });
  }

  it('should compare where the budget of steps was used up: that is counted', () => {
    const limit = panic('more than 500,000 steps in one operation', 'limit');

    expect(traceDifference(trace([step(limit)]), trace([step(OK)]))).to.not.equal(null);
  });
});
