import { expect } from 'chai';
import { eagerProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import { divergences } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { Panic, Trace } from '../../protocol/trace.ts';
import type { Player } from '../../sandbox/twin-sandbox.ts';
import { type Changes, modelSubject, traceOf } from '../../testing/model-subject.ts';
import { checkInfo } from '../../testing/told-subjects.ts';
import { explainDivergence } from './failing-program.ts';
import { ModelRuns } from './model-runs.ts';
import type { Played } from './played.ts';
import { Session } from './session.ts';
import { isWatchedBefore, withNotes } from './unwatched.ts';

/** A pager in which nothing may be accessed, which has `members` and comes after `top`; an `MmStruct` whose `accessOk` is `body`. */
function code(top: string, members: string, body: string): Changes {
  return {
    'eager-pager': `${top} export class EagerPager { ${members} accessOk() { return false; } mmap() { return 0n; } }`,
    'mm-struct': `
      import { EagerPager } from './eager-pager';
      import * as eager from './eager-pager';
      export class MmStruct {
        constructor(pageTable, pager) { this.pageTable = pageTable; this.pager = pager; }
        accessOk(start, end, isWrite) { const { pager } = this; ${body} }
      }`,
  };
}

const program = (write: (p: ProcessScript) => void): Program =>
  eagerProgram((p) => {
    p.spawn();
    write(p);
  });
/** Nothing is mapped, so the answer is no. */
const asking = program((p) => {
  p.accessRange(0x1000, 0x2000, false);
});

function sessionOn(changes: Changes): { session: Session; played: readonly Program[] } {
  const subject = modelSubject(changes);
  const session = new Session(subject, new ModelRuns(() => Promise.resolve(modelSubject())), {
    seed: 1,
    runs: 1,
    only: null,
    replayCommand: () => '',
  });
  return { session, played: subject.played };
}

const rulesOf = (played: Played): readonly string[] | null =>
  played.kind === 'judged' ? divergences(played.verdict).map(({ rule }) => rule) : null;

/** Ways in which right code tells its pager from any other object. */
const KNOWING = {
  'a private name, read by a static method': code(
    '',
    '#answer = false; static answer(pager) { return pager.#answer; }',
    'return EagerPager.answer(pager);',
  ),
  'a private name, looked for': code(
    '',
    '#mine; static isOne(pager) { return #mine in pager; }',
    'return !EagerPager.isOne(pager);',
  ),
  'what a WeakMap has for it': code(
    'export const answers = new WeakMap();',
    'constructor() { answers.set(this, false); }',
    'return eager.answers.get(pager) ?? true;',
  ),
  'a WeakSet that it is in': code(
    'export const all = new WeakSet();',
    'constructor() { all.add(this); }',
    'return !eager.all.has(pager);',
  ),
  'its identity': code(
    'export let last;',
    'constructor() { last = this; }',
    'return pager !== eager.last;',
  ),
  'its identity, in a search without end': code(
    'export let last;',
    'constructor() { last = this; }',
    'const find = (one) => one === eager.last ? false : find(one); return find(pager);',
  ),
  'being frozen': code('', 'field = 1;', 'Object.freeze(pager); return !Object.isFrozen(pager);'),
} as const;

describe('a session whose code is watched', () => {
  for (const [what, changes] of Object.entries(KNOWING)) {
    it(`should charge nothing to code that knows its pager by ${what}`, async () => {
      const { session } = sessionOn(changes);

      expect(rulesOf(await session.player.play(asking))).to.deep.equal([]);
      expect(rulesOf(await session.player.playOnce(asking))).to.deep.equal([]);
    });

    it(`should be needed: the spy is told from a pager by ${what}`, () => {
      const watched = traceOf(asking, changes);
      const unwatched = traceOf(asking, changes, { recordSites: false, unwatched: true });

      expect(watched.steps.at(-1)?.outcome).to.not.deep.equal(unwatched.steps.at(-1)?.outcome);
    });
  }

  it('should charge code that knows its pager and is wrong', async () => {
    const wrong = code(
      '',
      '#answer = true; static answer(pager) { return pager.#answer; }',
      'return EagerPager.answer(pager);',
    );
    const { session } = sessionOn(wrong);
    const played = await session.player.play(asking);

    expect(rulesOf(played)).to.deep.equal(['AS-22']);
    expect(played).to.have.property('unwatched', true);
  });

  it('should explain such code by what it does when nobody watches', async () => {
    const wrong = code(
      '',
      '#answer; static answer(pager) { pager.#answer; throw new RangeError("own"); }',
      'return EagerPager.answer(pager);',
    );
    const { session } = sessionOn(wrong);
    const played = await session.player.play(asking);
    const [found] = played.kind === 'judged' ? divergences(played.verdict) : [];
    const failure = await explainDivergence(session, checkInfo('a', 'AS-22'), asking, found!);

    expect(failure).to.include({ rule: 'AS-22', observed: 'exception: RangeError: own' });
  });

  it('should still tell by its notes whose mistake it is', async () => {
    const liar = code('', '', 'return pager.accessOk(start, isWrite);');
    const { session } = sessionOn({
      ...liar,
      'eager-pager': 'export class EagerPager { accessOk() { return true; } }',
    });
    const played = await session.player.play(asking);

    expect(rulesOf(played)).to.deep.equal(['AS-16']);
    expect(played).to.not.have.property('unwatched');
  });

  it('should play nothing a second time that is right, or goes wrong without a spy', async () => {
    const right = sessionOn({});
    const early = sessionOn({ 'eager-pager': 'export class EagerPager { mmap() { return 7n; } }' });
    await right.session.player.play(asking);
    await early.session.player.play(
      program((p) => {
        p.mmap(0x1000, 0x1000, 'r');
        p.accessRange(0x1000, 0x2000, false);
      }),
    );

    expect(right.played).to.have.lengthOf(1);
    expect(early.played).to.have.lengthOf(1);
  });

  for (const [what, hangs, kind] of [
    ['not believe a death that only a watched program dies', () => false, 'judged'],
    ['believe a death that a program dies watched or not', () => true, 'died'],
  ] as const) {
    it(`should ${what}`, async () => {
      const { session } = sessionOn({});
      const model = session.subject.sandbox;
      const run: Player['run'] = (each, options) =>
        options.unwatched === true && !hangs()
          ? model.run(each, options)
          : Promise.resolve({ kind: 'died', why: 'timeout', detail: 'no answer', lastOp: 1 });
      const lost = new Session(
        { ...session.subject, sandbox: { width: 1, run } as unknown as Player },
        session.model,
        session.options,
      );

      expect(await lost.player.play(asking)).to.have.property('kind', kind);
    });
  }
});

describe('withNotes', () => {
  const ENDLESS: Panic = {
    kind: 'exception',
    message: 'Maximum call stack size exceeded',
    stack: '',
  };
  const ended = (trace: Trace, frames: number): Trace => ({
    ...trace,
    steps: trace.steps.map((step) => ({
      ...step,
      outcome: { kind: 'panic', panic: ENDLESS },
      effort: { ...step.effort, frames },
    })),
  });

  it('should keep the notes of the steps before the runs part', () => {
    const changes = code(
      '',
      '#n; static look(pager) { pager.#n; return false; }',
      'return isWrite ? EagerPager.look(pager) : pager.accessOk(start, isWrite);',
    );
    const both = program((p) => {
      p.accessRange(0x1000, 0x2000, false);
      p.accessRange(0x1000, 0x2000, true);
    });
    const unwatched = traceOf(both, changes, { recordSites: false, unwatched: true });
    const trace = withNotes(unwatched, traceOf(both, changes));

    expect(trace?.steps.map(({ asked }) => asked?.length)).to.deep.equal([undefined, 1, undefined]);
    expect(trace?.steps.map(({ outcome }) => outcome)).to.deep.equal(
      unwatched.steps.map(({ outcome }) => outcome),
    );
  });

  it('should take two runs for the same that have no end, however far they came', () => {
    const trace = traceOf(asking);

    expect(withNotes(ended(trace, 1), ended(trace, 2))).to.equal(null);
    expect(withNotes(trace, ended(trace, 2))).to.not.equal(null);
  });
});

describe('isWatchedBefore', () => {
  it('should be told of the first system call, and of everything after it', () => {
    const steps = program((p) => {
      p.accessOk(0x1000, false);
      p.accessRange(0x1000, 0x2000, false);
      p.accessOk(0x1000, false);
    });

    expect([0, 1, 2, 3, 4].map((step) => isWatchedBefore(steps, step))).to.deep.equal([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});
