import { expect } from 'chai';
import { processProgram } from '../generators/process-scenario.ts';
import { divergence as toldDivergence } from '../testing/told-divergence.ts';
import { describeOp } from './describe.ts';
import type { Fact } from '../../reference/contract/machine-facts.ts';
import type { Trace } from '../protocol/trace.ts';
import type { Divergence, Verdict } from './verdict.ts';
import { brokenAlike, withoutForks } from './without-forks.ts';

describe('withoutForks', () => {
  it('should let each child do by itself what its parent had done, also a grandchild', () => {
    const program = processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.fork('bob');
      p.write(0xa000, 2, 'bob');
      p.fork('carol', 'bob');
      p.read(0xa000, 'carol');
      p.exit();
    });

    const steps = withoutForks(program)?.program.ops.map((op, at) => describeOp(op, at));

    expect(steps).to.deep.equal([
      'alice starts with a new PageTable and pager',
      'alice: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'bob starts with a new PageTable and pager',
      'bob: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'bob writes a byte of 0x02 at 0xa000',
      'carol starts with a new PageTable and pager',
      'carol: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'carol writes a byte of 0x02 at 0xa000',
      'carol reads a byte at 0xa000',
      'alice exits',
    ]);
  });

  it('should have nothing to say of a program without a fork', () => {
    expect(withoutForks(processProgram((p) => p.spawn()))).to.equal(null);
  });
});

describe('brokenAlike', () => {
  // 0 spawn, 1 mmap, 2 fork, 3 write, 4 read
  const program = processProgram((p) => {
    p.spawn();
    p.mmap(0xa000, 0x1000, 'rwu');
    p.fork('bob');
    p.write(0xa000, 2, 'bob');
    p.read(0xa000);
  });
  const divergence = (step: number, more: Partial<Divergence> = {}): Divergence => ({
    ...toldDivergence('LP-10', step),
    ...more,
  });
  const at = (va: `0x${string}`, space = 'alice'): Pick<Divergence, 'focus'> => ({
    focus: { space, va },
  });
  const rule = ({ broken, noted = [] }: Partial<Verdict>): string | undefined =>
    (broken ?? noted[0])?.rule;
  const leaks = (...all: readonly { readonly op: number; readonly lost?: number }[]): Trace =>
    ({
      steps: [],
      teardown: {
        leaks: all.map((each): Fact => ({ kind: 'leak', frame: 1, site: '', ...each })),
      },
    }) as unknown as Trace;
  const alike = (
    found: Divergence,
    verdict: Partial<Verdict>,
    trace = leaks(),
    isStrict = true,
  ): boolean =>
    brokenAlike(
      withoutForks(program)!,
      { verdict: { broken: null, noted: [], ...verdict }, trace },
      ['LP-6', 'LP-10'],
      found,
      isStrict,
    ) === rule(verdict);

  // Without the fork: 0 spawn, 1 mmap, 2 spawn, 3 mmap, 4 write, 5 read
  it('should be what breaks such a rule in the same operation', () => {
    expect(alike(divergence(4), { noted: [divergence(5)] })).to.equal(true);
    expect(alike(divergence(4), { noted: [divergence(4)] })).to.equal(false);
    expect(alike(divergence(4), { noted: [divergence(5, { rule: 'LP-7' })] })).to.equal(false);
    expect(alike(divergence(5), { noted: [divergence(6)] })).to.equal(true);
  });

  it('should be what disturbs nothing at the same page', () => {
    const found = divergence(4, at('0xa008'));

    expect(alike(found, { noted: [divergence(1, at('0xa000'))] })).to.equal(true);
    expect(alike(found, { noted: [divergence(1, at('0xb000'))] })).to.equal(false);
    expect(alike(found, { noted: [divergence(1, at('0xa000', 'bob'))] })).to.equal(false);
  });

  it('should be what ends the program before', () => {
    expect(alike(divergence(4), { broken: divergence(3) })).to.equal(true);
    expect(alike(divergence(3), { broken: divergence(5) })).to.equal(false);
  });

  it('should be, if another mistake of the kind will do, anything but rights of another page', () => {
    const found = divergence(4, at('0xa000'));
    const anywhere = (rule: string): boolean =>
      alike(found, { noted: [divergence(1, { rule, ...at('0xb000') })] }, leaks(), false);

    expect(anywhere('LP-6')).to.equal(true);
    expect(anywhere('LP-10')).to.equal(false);
    expect(alike(divergence(3), { broken: divergence(5) }, leaks(), false)).to.equal(true);
  });

  it('should be, of lost frames, that all are lost there, too', () => {
    const noted = [divergence(6)];
    const lost = [{ op: 3, lost: 4 }, { op: 2 }];
    const found = divergence(5, { lost });

    expect(alike(found, { noted }, leaks({ op: 4 }, { op: 3 }))).to.equal(true);
    expect(alike(found, { noted }, leaks({ op: 1, lost: 5 }, { op: 2 }))).to.equal(true);
    expect(alike(found, { noted }, leaks({ op: 4 }))).to.equal(false);
    expect(alike(found, { noted }, leaks({ op: 1, lost: 1 }, { op: 3 }))).to.equal(false);
  });
});
