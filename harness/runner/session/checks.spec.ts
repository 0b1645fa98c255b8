import { expect } from 'chai';
import fc from 'fast-check';
import type { Injection } from '../../../reference/contract/injection.ts';
import { processProgram } from '../../generators/process-scenario.ts';
import { tableProgram, type TableScript } from '../../generators/table-scenario.ts';
import type { Op, Program } from '../../protocol/program.ts';
import type { Outcome } from '../../protocol/trace.ts';
import type { CheckResult } from '../../scoring/grade.ts';
import { REFUSES_AFTERWARDS } from '../../testing/failing-badly.ts';
import { changedModule } from '../../testing/model-modules.ts';
import { modelSubject } from '../../testing/model-subject.ts';
import {
  checkInfo,
  toldAssignment,
  toldSandbox,
  toldSubject,
  type Answer,
} from '../../testing/told-subjects.ts';
import type { Player } from '../../sandbox/twin-sandbox.ts';
import { runAssignment } from '../run-assignment.ts';
import { property, scenario } from './checks.ts';
import { session } from './current-session.ts';
import { ModelRuns } from './model-runs.ts';
import { Session, type SessionOptions } from './session.ts';
import type { Subject } from './subject.ts';
import { TimeLimit } from './time-limit.ts';

const UNALIGNED: Outcome = { kind: 'error', error: 'PageTableMappingError.Unaligned' };

// Ways to be wrong about a page table that maps nothing.
/** Noted: PT-10. */
const wrongWalk: Answer = (op) => (op.op === 'walk' ? UNALIGNED : undefined);
/** Ends the comparison: PT-10. */
const wrongUnmap: Answer = (op) => (op.op === 'unmap' ? { kind: 'ok', frame: 9 } : undefined);
/** Ends the comparison: PT-11. */
const wrongProbe: Answer = (op) =>
  op.op === 'probe' ? { kind: 'ok', bytes: [[0, 1]] } : undefined;
const hangs: Answer = (op) => (op.op === 'unmap' ? 'hang' : undefined);

const both =
  (...answers: readonly Answer[]): Answer =>
  (op) =>
    answers.map((answer) => answer(op)).find((outcome) => outcome !== undefined);

/** A program on an empty page table. */
const program = (write: (t: TableScript) => void): Program =>
  tableProgram((t) => {
    t.table();
    write(t);
  });
const walking = program((t) => t.walk(0x1000));
const unmapping = program((t) => t.unmap(0x1000));
const probing = program((t) => t.probe(0x1000, 'write'));
/** A walk, then a probe. */
const walkingAndProbing = program((t) => {
  t.walk(0x1000);
  t.probe(0x1000, 'write');
});
/** In which nothing can be wrong. */
const anyProgram = program(() => undefined);
const anyOf = (...programs: readonly Program[]): fc.Arbitrary<Program> =>
  fc.constantFrom(...programs);

interface Ran {
  readonly results: readonly CheckResult[];
  readonly session: Session;
  readonly byId: (id: string) => CheckResult | undefined;
}

interface Setting extends Partial<SessionOptions> {
  readonly model?: () => Promise<Subject>;
  readonly broken?: readonly string[];
  readonly fundamental?: readonly string[];
  /** The rule about answers to failures. */
  readonly failures?: string | null;
  /** Rules of the assignment. */
  readonly rules?: readonly string[];
}

async function run(
  subject: Answer | Subject,
  declare: () => void,
  setting: Setting = {},
): Promise<Ran> {
  const {
    model,
    broken = [],
    fundamental = [],
    failures = null,
    rules = ['LP-20', 'LP-23'],
    ...options
  } = setting;
  const right = toldSubject(toldSandbox());
  const sut = new Session(
    typeof subject === 'function' ? toldSubject(toldSandbox(subject)) : subject,
    new ModelRuns(model ?? (() => Promise.resolve(right))),
    { seed: 1, runs: 20, only: null, replayCommand: (id) => `replay ${id}`, ...options },
  );
  if (failures !== null) sut.rules.ofFailures = { frame: failures, read: failures, mmap: failures };
  for (const rule of rules) sut.rules.hints.set(rule, '');
  for (const rule of broken) sut.rules.broken.add(rule);
  for (const rule of fundamental) sut.rules.fundamental.add(rule);
  const results = await runAssignment(toldAssignment(declare), sut);
  return { results, session: sut, byId: (id) => results.find((result) => result.id === id) };
}

const statuses = ({ results }: Ran): readonly string[] =>
  results.map(({ id, status }) => `${id} ${status}`);

describe('checks', () => {
  describe('scenario', () => {
    it('should pass when nothing is wrong', async () => {
      const { results, session: ran } = await run(
        () => undefined,
        () => scenario(checkInfo('a', 'PT-10', { points: 2, visibility: 'hidden' }), walking),
      );

      expect(results).to.deep.equal([
        {
          id: 'a',
          title: 'holds a',
          rule: 'PT-10',
          kind: 'scenario',
          points: 2,
          visibility: 'hidden',
          status: 'passed',
          failure: null,
          reason: null,
          injections: null,
        },
      ]);
      expect(ran.player.programs).to.equal(1);
    });

    it('should fail with the shortest program that breaks its rule', async () => {
      const { byId, session: ran } = await run(wrongUnmap, () =>
        scenario(
          checkInfo('a', 'PT-10'),
          program((t) => {
            t.walk(0x4747_0000);
            t.table('other');
            t.load();
            t.unmap(0x4747_1000);
            t.walk(0x4747_1000);
          }),
        ),
      );

      expect(byId('a')).to.deep.include({ status: 'failed', reason: null });
      expect(byId('a')?.failure).to.deep.equal({
        rule: 'PT-10',
        summary: 'it should have been refused: nothing is mapped at 0x1000',
        steps: ['table = new PageTable()', 'back = table.unmap(0x1000)'],
        failingStep: 1,
        expected: 'throws PageTableMappingError.NotExist: nothing is mapped at 0x1000',
        observed: 'success',
        walk: null,
        hint: 'look at it',
        stack: [],
        log: [],
        replay: 'replay a',
      });
      expect([...ran.rules.broken]).to.deep.equal(['PT-10']);
    });

    it('should be skipped, and show what it saw, when another rule ends the comparison', async () => {
      const { byId, session: ran } = await run(wrongProbe, () =>
        scenario(checkInfo('a', 'PT-12'), walkingAndProbing),
      );

      expect(byId('a')?.status).to.equal('skipped');
      expect(byId('a')?.failure?.rule).to.equal('PT-11');
      expect(byId('a')?.reason).to.equal('it could not be judged: PT-11 is broken first');
      expect([...ran.rules.broken]).to.deep.equal(['PT-11']);
    });

    it('should be judged all the same when only releasing everything fails', async () => {
      const right = toldSandbox();
      const dies = {
        ...right,
        run: async (played: Program, options: never) => {
          const result = await right.run(played, options);
          if (result.kind !== 'trace') return result;
          const panic = { kind: 'panic', about: 'frames', message: 'twice', stack: '' } as const;
          const teardown = { outcome: { kind: 'panic', panic } as const, leaks: [] };
          return { ...result, trace: { ...result.trace, teardown } };
        },
      } as unknown as Subject['sandbox'];
      const ran = await run(toldSubject(dies), () => {
        scenario(checkInfo('a', 'PT-10'), walking);
        scenario(checkInfo('b', 'PT-14'), walking);
        scenario(checkInfo('c', 'PT-15'), walking);
      });

      expect(statuses(ran)).to.deep.equal(['a passed', 'b skipped', 'c failed']);
      expect(ran.byId('a')?.failure?.rule).to.equal('PT-15');
    });

    it('should pass, and show what it saw, when another rule is broken that disturbs nothing', async () => {
      const { byId, session: ran } = await run(wrongWalk, () =>
        scenario(checkInfo('a', 'PT-11'), walkingAndProbing),
      );

      expect(byId('a')?.status).to.equal('passed');
      expect(byId('a')?.failure?.rule).to.equal('PT-10');
      expect([...ran.rules.broken]).to.deep.equal(['PT-10']);
    });

    it('should fail for its own rule also when another was broken before', async () => {
      const { byId } = await run(both(wrongWalk, wrongProbe), () =>
        scenario(checkInfo('a', 'PT-11'), walkingAndProbing),
      );

      expect(byId('a')?.status).to.equal('failed');
      expect(byId('a')?.failure?.rule).to.equal('PT-11');
    });

    it('should not show a rule again that is known to be broken', async () => {
      const ran = await run(both(wrongWalk, wrongProbe), () => {
        scenario(checkInfo('a', 'PT-11'), probing);
        scenario(checkInfo('b', 'PT-10'), walking);
        scenario(checkInfo('c', 'PT-12'), walkingAndProbing);
      });

      expect(statuses(ran)).to.deep.equal(['a failed', 'b failed', 'c skipped']);
      expect(ran.byId('c')?.failure).to.equal(null);
    });

    it('should pass when only known rules are broken that disturb nothing', async () => {
      const ran = await run(wrongWalk, () => scenario(checkInfo('a', 'PT-12'), walking), {
        broken: ['PT-10'],
      });

      expect(ran.byId('a')).to.deep.include({ status: 'passed', failure: null });
    });

    it('should fail when the modules cannot be loaded', async () => {
      const panic = { kind: 'exception', message: 'no export', stack: '' } as const;
      const { byId } = await run(toldSubject(toldSandbox(undefined, panic)), () =>
        scenario(checkInfo('a', 'PT-3'), walking),
      );

      expect(byId('a')?.failure).to.include({ rule: 'PT-3', summary: 'exception: no export' });
    });
  });

  describe('what is broken only after an injected failure', () => {
    const FAILURES = 'LP-23';
    const asking = (fault?: Injection): Program =>
      processProgram((p) => {
        p.spawn();
        p.mmap(0xa000, 0x1000, 'ru');
        p.read(0xa000, 'alice', fault === undefined ? {} : { fault });
        p.accessOk(0xa000, false);
      });
    const failing = asking({ point: 'frame', nth: 1, mode: 'once' });
    const ask = (declare: () => void, setting: Setting = {}): Promise<Ran> =>
      run(modelSubject(REFUSES_AFTERWARDS), declare, {
        model: () => Promise.resolve(modelSubject()),
        failures: FAILURES,
        ...setting,
      });

    it('should break the rule about failures', async () => {
      const ran = await ask(() => {
        scenario(checkInfo('a', 'LP-20'), failing);
        scenario(checkInfo('b', FAILURES), failing);
      });

      expect(ran.byId('a')).to.include({ status: 'passed' });
      expect(ran.byId('a')?.failure?.rule).to.equal(FAILURES);
      expect(ran.byId('b')).to.include({ status: 'failed' });
      expect([...ran.session.rules.broken]).to.deep.equal([FAILURES]);
    });

    it('should be told of a property, and passed over by the next', async () => {
      const ran = await ask(() => {
        property(checkInfo('a', 'LP-26'), anyOf(asking(), failing));
        property(checkInfo('b', 'LP-26'), anyOf(asking(), failing));
      });

      expect(statuses(ran)).to.deep.equal(['a failed', 'b passed']);
      expect(ran.byId('a')?.failure?.rule).to.equal(FAILURES);
      expect([...ran.session.rules.broken]).to.deep.equal([FAILURES]);
    });

    it('should not hide what is broken without a failure, too', async () => {
      const wrong = changedModule(
        'lazy-pager',
        'return vma !== null && allows(vma.prot, isWrite);',
        'return false;',
      );
      const ran = await run(
        modelSubject({ 'lazy-pager': wrong }),
        () => property(checkInfo('a', 'LP-26'), anyOf(failing)),
        {
          model: () => Promise.resolve(modelSubject()),
          failures: FAILURES,
          broken: [FAILURES],
        },
      );

      expect(ran.byId('a')?.failure?.rule).to.equal('LP-20');
    });

    it('should break its own rule where there is none about failures, or it belongs to another assignment', async () => {
      for (const setting of [{ failures: null }, { rules: ['LP-1'] }]) {
        const ran = await ask(() => scenario(checkInfo('a', 'LP-20'), failing), setting);

        expect(ran.byId('a')?.failure?.rule).to.equal('LP-20');
      }
    });
  });

  describe('prerequisites', () => {
    const declare = (): void => {
      scenario(checkInfo('a', 'PT-10'), unmapping);
      scenario(checkInfo('b', 'PT-11', { requires: ['a'] }), probing);
      scenario(checkInfo('c', 'PT-11', { requires: ['b'] }), probing);
    };

    it('should not play a check that builds on one that did not pass', async () => {
      const sandbox = toldSandbox(wrongUnmap);
      const ran = await run(toldSubject(sandbox), declare);

      expect(statuses(ran)).to.deep.equal(['a failed', 'b skipped', 'c skipped']);
      expect(ran.byId('b')).to.deep.include({
        failure: null,
        reason: 'it builds on the check "holds a", which did not pass',
      });
      expect(sandbox.played.some(({ ops }) => ops.some(({ op }) => op === 'probe'))).to.equal(
        false,
      );
    });

    it('should leave out what builds on an error of the grader', async () => {
      const ran = await run(wrongUnmap, declare, {
        model: () => Promise.reject(new Error('no model')),
      });

      expect(statuses(ran)).to.deep.equal(['a error', 'b error', 'c error']);
    });

    it('should not ask for them when checks were chosen by name', async () => {
      const ran = await run(wrongUnmap, declare, { only: ({ id }) => id === 'b' });

      expect(statuses(ran)).to.deep.equal(['b passed']);
    });
  });

  describe('property', () => {
    it('should pass when nothing is wrong, after as many programs as were asked for', async () => {
      const { byId, session: ran } = await run(
        () => undefined,
        () => property(checkInfo('a', 'PT-18'), anyOf(walking, probing)),
      );

      expect(byId('a')).to.deep.include({ status: 'passed', kind: 'property', failure: null });
      expect(ran.player.programs).to.equal(20);
    });

    it('should fail and name the rule that its shortest program breaks', async () => {
      const { byId, session: ran } = await run(wrongUnmap, () =>
        property(checkInfo('a', 'PT-18'), anyOf(walking, probing, unmapping)),
      );

      expect(byId('a')?.status).to.equal('failed');
      expect(byId('a')?.failure).to.deep.include({ rule: 'PT-10', failingStep: 1 });
      expect([...ran.rules.broken]).to.deep.equal(['PT-10']);
    });

    it('should name the rule with the most points, whichever program breaks it', async () => {
      const ran = await run(both(wrongWalk, wrongProbe), () => {
        scenario(checkInfo('a', 'PT-11', { points: 3 }), anyProgram);
        scenario(checkInfo('b', 'PT-10', { points: 1 }), anyProgram);
        property(checkInfo('c', 'PT-18'), anyOf(walking, walking, walkingAndProbing));
      });

      expect(ran.byId('c')?.failure?.rule).to.equal('PT-11');
    });

    it('should pass over rules that were charged before', async () => {
      const ran = await run(wrongWalk, () => {
        scenario(checkInfo('a', 'PT-10'), walking);
        property(checkInfo('b', 'PT-18'), anyOf(walking, probing, walkingAndProbing));
      });

      expect(statuses(ran)).to.deep.equal(['a failed', 'b passed']);
      expect(ran.byId('b')?.failure).to.equal(null);
    });

    it('should find what else is wrong beside a rule that was charged before', async () => {
      const ran = await run(
        both(wrongWalk, wrongProbe),
        () => property(checkInfo('b', 'PT-18'), anyOf(walking, walkingAndProbing)),
        { broken: ['PT-10'] },
      );

      expect(ran.byId('b')?.failure?.rule).to.equal('PT-11');
      expect(ran.byId('b')?.failure?.steps).to.deep.equal(['CPU 0: user read at 0x1000']);
    });

    it('should be skipped when rules that were charged before cut its programs short', async () => {
      const long = program((t) => {
        t.unmap(0x1000);
        for (let i = 0; i < 20; i++) t.walk(0x1000);
      });
      const ran = await run(wrongUnmap, () => property(checkInfo('b', 'PT-18'), anyOf(long)), {
        broken: ['PT-10'],
      });

      expect(ran.byId('b')).to.deep.include({ status: 'skipped', failure: null });
    });

    it('should count what was judged for all properties of a rule together, and say so at the last', async () => {
      const withWalks = (walks: number, write: (t: TableScript) => void): Program =>
        program((t) => {
          write(t);
          for (let i = 0; i < walks; i++) t.walk(0x1000);
        });
      const cut = withWalks(40, (t) => t.unmap(0x1000));
      const whole = (walks: number): Program => withWalks(walks, (t) => t.probe(0x1000, 'write'));
      const cutAnd = (walks: number): Promise<Ran> =>
        run(
          wrongUnmap,
          () => {
            property(checkInfo('a', 'PT-18'), anyOf(cut));
            property(checkInfo('b', 'PT-18'), anyOf(whole(walks)));
            property(checkInfo('worthless', 'PT-18', { points: 0 }), anyOf(cut));
            property(checkInfo('other', 'PT-17'), anyOf(cut));
          },
          { broken: ['PT-10'] },
        );

      expect(statuses(await cutAnd(40))).to.deep.equal([
        'a passed',
        'b passed',
        'worthless passed',
        'other skipped',
      ]);
      expect(statuses(await cutAnd(2))).to.deep.equal([
        'a passed',
        'b skipped',
        'worthless passed',
        'other skipped',
      ]);
    });

    it('should be skipped when nothing works anyway', async () => {
      const ran = await run(wrongUnmap, () => property(checkInfo('b', 'PT-18'), anyOf(unmapping)), {
        broken: ['PT-3'],
        fundamental: ['PT-3'],
      });

      expect(ran.byId('b')?.status).to.equal('skipped');
      expect(ran.session.player.programs).to.equal(0);
    });

    it('should play the same programs for the same seed, others for another, and others in another check', async () => {
      const addresses = fc.nat(0xffff).map((page) => program((t) => t.walk(page * 0x1000)));
      const played = async (
        seed: number,
        ...ids: readonly string[]
      ): Promise<readonly Program[]> => {
        const sandbox = toldSandbox();
        await run(
          toldSubject(sandbox),
          () =>
            ids.forEach((id) => {
              property(checkInfo(id, 'PT-18'), addresses);
            }),
          { seed },
        );
        return sandbox.played;
      };
      const [first, ...others] = await Promise.all([
        played(1, 'a'),
        played(1, 'a'),
        played(2, 'a'),
        played(1, 'b'),
      ]);

      expect(others[0]).to.deep.equal(first);
      expect(others[1]).to.not.deep.equal(first);
      expect(others[2]).to.not.deep.equal(first);
      expect((await played(1, 'b', 'a')).slice(20)).to.deep.equal(first);
    });

    it('should play the programs of consecutive seeds, and show a failure by its own', async () => {
      const drawn = fc
        .integer({ min: 1, max: 1_000_000 })
        .map((page) => program((t) => t.unmap(page * 0x1000)));
      const oneByOne: string[] = [];
      for (const seed of [5, 6, 7]) {
        const sandbox = toldSandbox();
        await run(toldSubject(sandbox), () => property(checkInfo('a', 'PT-18'), drawn), {
          seed,
          runs: 2,
        });
        oneByOne.push(...sandbox.played.map((played) => JSON.stringify(played)));
      }
      const sandbox = toldSandbox();
      const declare = (): void => property(checkInfo('a', 'PT-18'), drawn);
      await run(toldSubject(sandbox), declare, { seed: 5, seeds: 3, runs: 2 });

      expect(sandbox.played.map((played) => JSON.stringify(played))).to.deep.equal(oneByOne);

      const last = JSON.parse(oneByOne[5]!) as Program;
      const wrongOnLast: Answer = (op) =>
        JSON.stringify(op) === JSON.stringify(last.ops[1]) ? { kind: 'ok', frame: 9 } : undefined;
      const { byId } = await run(wrongOnLast, declare, {
        seed: 5,
        seeds: 3,
        runs: 2,
        replayCommand: (id, seed = 5) => `replay ${id} with ${seed}`,
      });
      expect(byId('a')?.failure?.replay).to.equal('replay a with 7');
    });

    it('should not count a program that was begun for nothing', async () => {
      const wrong = toldSandbox(wrongUnmap);

      const ran = await run(toldSubject(wrong), () => {
        property(checkInfo('a', 'PT-18'), anyOf(unmapping));
      });

      const begunForNothing = 1;
      // The model plays in a sandbox of its own; the last look at the failure is not a program played.
      expect(wrong.played.length).to.be.at.least(ran.session.player.programs + begunForNothing);
    });
  });

  describe('code that kills its process', () => {
    const deadly = program((t) => {
      t.walk(0x1000);
      t.unmap(0x1000);
      t.walk(0x2000);
    });

    it('should fail the rule of the check and show the step that does not end', async () => {
      const { byId } = await run(hangs, () => scenario(checkInfo('a', 'PT-9'), deadly));

      expect(byId('a')).to.deep.include({ status: 'failed', rule: 'PT-9' });
      expect(byId('a')?.failure).to.deep.include({
        rule: 'PT-9',
        summary: 'the code did not come to an end',
        steps: ['table = new PageTable()', 'table.walk(0x1000)', 'back = table.unmap(0x1000)'],
        failingStep: 2,
      });
    });

    it('should believe the first timeout only when it happens again', async () => {
      let slow = true;
      const once: Answer = (op) => {
        const answer = slow && op.op === 'unmap' ? 'hang' : undefined;
        if (op.op === 'unmap') slow = false;
        return answer;
      };
      const { byId } = await run(once, () => scenario(checkInfo('a', 'PT-10'), unmapping));

      expect(byId('a')?.status).to.equal('passed');
    });

    it('should judge the rest, however many checks ended so', async () => {
      const ran = await run(hangs, () => {
        for (let nth = 0; nth < 5; nth++)
          scenario(checkInfo(`a${String(nth)}`, 'PT-9'), { ...deadly });
        scenario(checkInfo('b', 'PT-9'), walking);
        property(checkInfo('c', 'PT-18'), anyOf(walking));
      });

      expect(statuses(ran)).to.deep.equal([
        'a0 failed',
        'a1 failed',
        'a2 failed',
        'a3 failed',
        'a4 failed',
        'b passed',
        'c passed',
      ]);
    });

    it('should not look into the twenty-first, and judge the rest all the same', async () => {
      const sandbox = toldSandbox(hangs);
      const last = { ...deadly };
      const ran = await run(toldSubject(sandbox), () => {
        for (let nth = 0; nth < 20; nth++)
          scenario(checkInfo(`a${String(nth)}`, 'PT-9'), { ...deadly });
        scenario(checkInfo('b', 'PT-9'), last);
        scenario(checkInfo('c', 'PT-9'), walking);
      });

      expect(ran.byId('a19')?.status).to.equal('failed');
      expect(ran.byId('b')).to.include({ status: 'skipped' });
      expect(ran.byId('c')).to.include({ status: 'passed' });
      expect(sandbox.played.filter((played) => played === last)).to.have.length(1);
    });

    it('should give it twenty times what the model takes, on the same machine', async () => {
      const walls: number[] = [];
      const sandbox = toldSandbox(hangs);
      const noting: Player = {
        ...sandbox,
        run: (played, options) => {
          if (options.progress === true) walls.push(options.wallMs);
          return sandbox.run(played, options);
        },
      };
      const right = toldSandbox();
      const slow: Player = {
        ...right,
        run: async (played, options) => {
          await new Promise((resolve) => setTimeout(resolve, 150));
          return right.run(played, options);
        },
      };

      for (const model of [right, slow])
        await run(toldSubject(noting), () => scenario(checkInfo('a', 'PT-9'), deadly), {
          model: () => Promise.resolve(toldSubject(model)),
        });

      expect(walls[0]).to.equal(2_000);
      expect(walls[1]).to.be.at.least(20 * 149);
    });

    it('should say what was used in the notes, which may differ between two runs', async () => {
      const ran = await run(hangs, () => scenario(checkInfo('a', 'PT-9'), deadly));

      expect(ran.session.player.notes.join()).to.match(
        /^a: timeout, .*; again, alone, with 2000 ms \(the model takes .*\): timeout, /,
      );
      expect(ran.byId('a')?.failure?.observed).to.match(
        /^stopped: the code did not come to an end: .* more than 20 times as long as the model/,
      );
    });

    it('should not fail a property for a death that another check reports', async () => {
      const ran = await run(hangs, () => {
        scenario(checkInfo('a', 'PT-9'), deadly);
        property(checkInfo('b', 'PT-18'), anyOf(deadly));
      });

      expect(statuses(ran)).to.deep.equal(['a failed', 'b skipped']);
    });

    it('should fail a property that nobody has reported it before', async () => {
      const ran = await run(hangs, () => property(checkInfo('b', 'PT-18'), anyOf(deadly)));

      expect(ran.byId('b')).to.deep.include({ status: 'failed' });
    });
  });

  describe('errors of the grader', () => {
    it('should leave a check out when the model breaks a rule on its program, too', async () => {
      for (const [model, rule] of [
        [wrongUnmap, 'PT-10'],
        [wrongProbe, null],
      ] as const) {
        const ran = await run(wrongUnmap, () => scenario(checkInfo('a', 'PT-10'), unmapping), {
          model: () => Promise.resolve(toldSubject(toldSandbox(model))),
        });

        expect(ran.byId('a')?.status).to.equal(rule === null ? 'failed' : 'error');
        if (rule === null) continue;
        expect(ran.byId('a')?.failure).to.equal(null);
        expect(ran.byId('a')?.reason).to.match(/the model pager breaks PT-10 on the same program/);
        expect([...ran.session.rules.broken]).to.deep.equal([]);
      }
    });

    it('should leave a property out when the model disagrees', async () => {
      const ran = await run(wrongUnmap, () => property(checkInfo('a', 'PT-18'), anyOf(unmapping)), {
        model: () => Promise.resolve(toldSubject(toldSandbox(wrongUnmap))),
      });

      expect(statuses(ran)).to.deep.equal(['a error']);
    });

    it('should leave a check out when the model dies or cannot be loaded', async () => {
      const panic = { kind: 'todo', message: 'not written', stack: '' } as const;
      for (const model of [toldSandbox(hangs), toldSandbox(undefined, panic)]) {
        const ran = await run(wrongUnmap, () => scenario(checkInfo('a', 'PT-10'), unmapping), {
          model: () => Promise.resolve(toldSubject(model)),
        });

        expect(ran.byId('a')).to.deep.include({ status: 'error', failure: null });
      }
    });

    it('should not ask the model while nothing is wrong', async () => {
      const ran = await run(
        () => undefined,
        () => scenario(checkInfo('a', 'PT-10'), unmapping),
        { model: () => Promise.reject(new Error('no model')) },
      );

      expect(statuses(ran)).to.deep.equal(['a passed']);
    });

    it('should leave a check out when its sandbox breaks', async () => {
      const broken: Answer = () => {
        throw new Error('out of order');
      };

      const ran = await run(toldSubject(toldSandbox(broken)), () => {
        scenario(checkInfo('a', 'PT-10'), walking);
        property(checkInfo('b', 'PT-18'), anyOf(walking));
      });

      expect(statuses(ran)).to.deep.equal(['a error', 'b error']);
      expect(ran.byId('b')?.reason).to.match(/out of order/);
    });
  });

  describe('declaring', () => {
    it('should refuse two checks of one name', () => {
      const twice = (): void => {
        scenario(checkInfo('a', 'PT-1'), walking);
        property(checkInfo('a', 'PT-2'), anyOf(walking));
      };

      expect(() => toldAssignment(twice)).to.throw('two checks are called a');
    });

    it('should refuse a check that builds on a later one', () => {
      const reversed = (): void => {
        scenario({ ...checkInfo('a', 'PT-1'), requires: ['b'] }, walking);
        scenario(checkInfo('b', 'PT-2'), walking);
      };

      expect(() => toldAssignment(reversed)).to.throw(
        'a builds on b, which does not come before it',
      );
    });

    it('should list the checks with their kinds', () => {
      const { checks } = toldAssignment(() => {
        scenario(checkInfo('a', 'PT-1'), walking);
        property(checkInfo('b', 'PT-2'), anyOf(walking));
      });

      expect(checks.map(({ id, kind }) => `${id}: ${kind}`)).to.deep.equal([
        'a: scenario',
        'b: property',
      ]);
    });

    it('should have no session while nothing is graded', () => {
      expect(() => session()).to.throw('checks run only while a submission is being graded');
    });
  });

  describe('running', () => {
    it('should remember which check failed first, and after how many programs', async () => {
      const { session: ran } = await run(wrongUnmap, () => {
        scenario(checkInfo('a', 'PT-12'), walking);
        scenario(checkInfo('b', 'PT-10'), unmapping);
        scenario(checkInfo('c', 'PT-10'), unmapping);
      });
      const { session: clean } = await run(
        () => undefined,
        () => scenario(checkInfo('a', 'PT-12'), walking),
      );

      expect(ran.firstFailure).to.include({ check: 'b', programs: 2 });
      expect(ran.firstFailure?.reportedMs).to.be.at.least(ran.firstFailure?.noticedMs ?? Infinity);
      expect(clean.firstFailure).to.equal(null);
    });

    it('should report each result as soon as it is known', async () => {
      const told: string[] = [];
      await run(
        wrongUnmap,
        () => {
          scenario(checkInfo('a', 'PT-10'), unmapping);
          scenario(checkInfo('b', 'PT-11'), probing);
        },
        { onResult: ({ id, status }) => told.push(`${id} ${status}`) },
      );

      expect(told).to.deep.equal(['a failed', 'b passed']);
    });

    it('should run the same checks for one submission after another', async () => {
      const assignment = toldAssignment(() => scenario(checkInfo('a', 'PT-10'), unmapping));
      const grade = async (answer: Answer): Promise<readonly string[]> => {
        const right = toldSubject(toldSandbox());
        const sut = new Session(
          toldSubject(toldSandbox(answer)),
          new ModelRuns(() => Promise.resolve(right)),
          {
            seed: 1,
            runs: 5,
            only: null,
            replayCommand: () => '',
          },
        );
        return (await runAssignment(assignment, sut)).map(({ status }) => status);
      };

      const seen = await Promise.all([
        grade(wrongUnmap),
        grade(() => undefined),
        grade(wrongUnmap),
      ]);
      expect(seen).to.deep.equal([['failed'], ['passed'], ['failed']]);
    });

    describe('time that is up', () => {
      const delay = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
      /** A subject that takes so long for every program, unless it is stopped before. */
      const taking = (ms: number, answer?: Answer): Subject => {
        const sandbox = toldSandbox(answer);
        const play: Subject['sandbox']['run'] = async (program, options) => {
          await delay(Math.min(ms, options.wallMs));
          if (options.wallMs < ms) return { kind: 'died', why: 'timeout', detail: '' };
          return sandbox.run(program, options);
        };
        return toldSubject({ ...sandbox, run: play });
      };
      const declare = (): void => {
        scenario(checkInfo('a', 'PT-10'), unmapping);
        scenario(checkInfo('b', 'PT-11'), probing);
        property(checkInfo('c', 'PT-18'), fc.constant(unmapping));
      };
      /** A limit of a clock that shows so many milliseconds more each time. */
      const limit = (limitMs: number, tick: number): TimeLimit => {
        let at = 0;
        return new TimeLimit({ limitMs, now: () => (at += tick) });
      };

      it('should leave the rest unjudged where the code is slow', async () => {
        const ran = await run(taking(100, wrongUnmap), declare, { timeLimit: limit(2, 1) });

        expect(statuses(ran)).to.deep.equal(['a failed', 'b skipped', 'c skipped']);
        expect(ran.byId('c')?.reason).to.equal(
          'the time of the submission was up: its code takes 20 times as long as the model pager, or longer',
        );
      });

      it('should end a check in the middle of its programs', async () => {
        const ran = await run(
          taking(100),
          () => property(checkInfo('c', 'PT-18'), fc.constant(unmapping)),
          { timeLimit: limit(4, 1) },
        );

        expect(statuses(ran)).to.deep.equal(['c skipped']);
        expect(ran.session.player.programs).to.be.within(1, 5);
      });

      it('should judge everything where the model is as slow', async () => {
        const model = taking(100);
        const ran = await run(taking(100), declare, {
          timeLimit: limit(2, 1),
          runs: 2,
          model: () => Promise.resolve(model),
        });

        expect(statuses(ran)).to.deep.equal(['a passed', 'b passed', 'c passed']);
      });
    });

    it('should cut a program at the step that shows it', async () => {
      const seen: Op[][] = [];
      const sandbox = toldSandbox(wrongProbe);
      await run(toldSubject(sandbox), () =>
        scenario(
          checkInfo('a', 'PT-11'),
          program((t) => {
            t.probe(0x1000, 'write');
            for (let i = 0; i < 30; i++) t.walk(0x1000);
          }),
        ),
      );
      for (const { ops } of sandbox.played.slice(1)) seen.push([...ops]);

      expect(Math.max(...seen.map(({ length }) => length))).to.equal(2);
    });
  });
});
