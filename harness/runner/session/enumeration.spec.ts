import { expect } from 'chai';
import fc from 'fast-check';
import { processProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import { processPrograms } from '../../generators/process-programs.ts';
import type { Program } from '../../protocol/program.ts';
import type { CheckResult } from '../../scoring/grade.ts';
import { LEAKS, REFUSES_AFTERWARDS, UNMAPS_ANOTHER } from '../../testing/failing-badly.ts';
import { changedModule } from '../../testing/model-modules.ts';
import { type Changes, modelSubject, type ModelSubject } from '../../testing/model-subject.ts';
import { checkInfo, toldAssignment } from '../../testing/told-subjects.ts';
import { runAssignment } from '../run-assignment.ts';
import { scenario } from './checks.ts';
import { enumeration, type EnumerationOptions } from './enumeration.ts';
import { isInjected } from './injected.ts';
import { ModelRuns } from './model-runs.ts';
import { Session } from './session.ts';

/** Says that everything may be read and written. */
const ALLOWS_ALL: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    'return vma !== null && allows(vma.prot, isWrite);',
    'return vma !== null;',
  ),
};

/** Shows zeros where the file could not be read. */
const SWALLOWS: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    'return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));',
    'try { return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start))); } catch (error) { if (error === KernelError.NoMemory) throw error; return Page.new(); }',
  ),
};

/** Loses the tables that it has when there are no frames for all, but only at the first refusal. */
const LEAKS_ONCE: Changes = {
  'page-table': `let seen = false;\n${changedModule(
    'page-table',
    'for (const page of pages) page.drop();',
    'if (seen) for (const page of pages) page.drop();\n    seen = true;',
  )}`,
};

const OWN = 'LP-23';
const touching = (more: (p: ProcessScript) => void = () => undefined): Program =>
  processProgram((p) => {
    p.spawn();
    p.mmap(0xa000, 0x1000, 'ru');
    p.read(0xa000);
    more(p);
  });
const reading = processProgram((p) => {
  p.spawn();
  p.file(4096);
  p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
  p.read(0xa000);
});
const asking = touching((p) => p.accessOk(0xa000, true));
const asked = touching((p) => p.accessOk(0xa000, false));

interface Ran {
  readonly result: CheckResult;
  readonly subject: ModelSubject;
  readonly session: Session;
  readonly results: readonly CheckResult[];
}

interface Setting {
  readonly broken?: readonly string[];
  readonly runs?: number;
  readonly seed?: number;
  readonly programs?: fc.Arbitrary<Program>;
  readonly before?: () => void;
  /** Programs that kill the process. */
  readonly kills?: (program: Program) => boolean;
  readonly options?: EnumerationOptions;
}

async function run(changes: Changes, setting: Setting = {}): Promise<Ran> {
  const { broken = [], runs = 1, seed = 1, programs = fc.constant(touching()), before } = setting;
  const { kills = () => false } = setting;
  const subject = modelSubject(changes);
  const { sandbox } = subject;
  const { run: usual } = sandbox;
  sandbox.run = (program, options) =>
    kills(program)
      ? Promise.resolve({ kind: 'died', why: 'timeout', detail: '' })
      : usual.call(sandbox, program, options);
  const session = new Session(subject, new ModelRuns(() => Promise.resolve(modelSubject())), {
    seed,
    runs,
    only: null,
    replayCommand: (id) => `replay ${id}`,
  });
  const { options = {} } = setting;
  for (const rule of broken) session.rules.broken.add(rule);
  for (const rule of ['LP-8', 'LP-20', OWN]) session.rules.hints.set(rule, `hint of ${rule}`);
  const assignment = toldAssignment(() => {
    before?.();
    enumeration(checkInfo('all', OWN), programs, options);
  });
  const results = await runAssignment(assignment, session);
  return { result: results.at(-1)!, results, subject, session };
}

describe('enumeration', () => {
  it('should pass when every failure is answered well, and say how many there were', async () => {
    const { result, subject } = await run({});

    expect(result).to.deep.equal({
      id: 'all',
      title: 'holds all',
      rule: OWN,
      kind: 'property',
      points: 1,
      visibility: 'visible',
      status: 'passed',
      failure: null,
      reason: null,
      injections: { failed: 4, calls: 4 },
    });
    expect(subject.played.map(({ ops }) => ops.filter(isInjected).length)).to.deep.equal([0, 4, 1]);
  });

  it('should fail with the shortest program in which a failure is answered badly', async () => {
    const { result } = await run(LEAKS, {
      programs: fc.constant(
        touching((p) => {
          p.mmap(0x40_0000, 0x1000, 'ru');
          p.read(0x40_0000);
        }),
      ),
    });

    expect(result).to.include({ status: 'failed', reason: null });
    expect(result.failure).to.include({
      rule: OWN,
      summary: 'one page frame is never released',
      hint: 'look at it',
      replay: 'replay all',
    });
    expect(result.failure?.steps.slice(0, 3)).to.deep.equal([
      'alice starts with a new PageTable and pager',
      'alice: mmap(0x1000, size 0x1000, READ | USER, anonymous)',
      'alice reads a byte at 0x1000, while frame allocation 2 of operation 3 fails (without the failure, allocation 2 is the PT for 0x1000 in alice)',
    ]);
    expect(result.injections?.failed).to.be.below(result.injections?.calls ?? 0);
  });

  it('should find what a failure does in code that is prepared for every one but the first', async () => {
    const programs = Array.from({ length: 12 }, (_, i) =>
      touching((p) => {
        p.mmap(0x40_0000 * (1 + i), 0x1000, 'ru');
        p.read(0x40_0000 * (1 + i));
      }),
    );
    const { result } = await run(LEAKS_ONCE, {
      programs: fc.constantFrom(...programs),
      runs: 12,
    });

    expect(result).to.include({ status: 'failed' });
    expect(result.failure).to.include({ rule: OWN, summary: 'one page frame is never released' });
  });

  it('should find what a failure does to other pages', async () => {
    const { result } = await run(UNMAPS_ANOTHER, {
      programs: fc.constant(
        touching((p) => {
          p.mmap(0x40_0000, 0x1000, 'ru');
          p.read(0x40_0000);
        }),
      ),
    });

    expect(result.failure).to.include({ rule: OWN, summary: 'the page at 0x1000 disappeared' });
  });

  it('should blame the answer to the failure when it takes one to break another rule', async () => {
    const { result, session } = await run(REFUSES_AFTERWARDS, { programs: fc.constant(asked) });

    expect(result.status).to.equal('failed');
    expect(result.failure).to.include({ rule: OWN, hint: 'look at it' });
    expect(result.failure?.summary).to.include('accessOk gives the wrong answer');
    expect([...session.rules.broken]).to.deep.equal([OWN]);
  });

  it('should pass, and show what it saw, when another rule is broken without any failure', async () => {
    const { result, session } = await run(ALLOWS_ALL, { programs: fc.constant(asking) });

    expect(result).to.deep.include({ status: 'passed', injections: { failed: 4, calls: 4 } });
    expect(result.failure).to.include({ rule: 'LP-20', hint: 'hint of LP-20' });
    expect([...session.rules.broken]).to.deep.equal(['LP-20']);
  });

  it('should leave out programs in which something is wrong without any failure, if it is told to', async () => {
    const { result } = await run(ALLOWS_ALL, {
      programs: fc.constant(asking),
      options: { soundOnly: true },
    });

    expect(result).to.deep.include({
      status: 'passed',
      failure: null,
      injections: null,
    });
  });

  it('should name the rule about the failure that it takes, where there are several', async () => {
    const { result } = await run(SWALLOWS, {
      programs: fc.constant(reading),
      options: { readRule: 'LP-8' },
    });

    expect(result.status).to.equal('passed');
    expect(result.failure?.rule).to.equal('LP-8');
  });

  it('should not show rules again that are known to be broken, nor those of other assignments', async () => {
    const known = await run(ALLOWS_ALL, { programs: fc.constant(asking), broken: ['LP-20'] });
    const foreign = await run(ALLOWS_ALL, {
      programs: fc.constant(processProgram((p) => p.munmap(0x1000))),
    });

    expect(known.result).to.deep.include({ status: 'passed', failure: null });
    expect(foreign.result).to.deep.include({ status: 'passed', failure: null });
  });

  it('should use the programs of the scenarios, and play them without failures only once', async () => {
    const faulty = touching((p) =>
      p.read(0xa000, 'alice', { fault: { point: 'frame', nth: 1, mode: 'once' } }),
    );
    const { subject, results } = await run(
      {},
      {
        programs: fc.constant(processProgram((p) => p.spawn('bob'))),
        before: () => {
          scenario(checkInfo('a', 'LP-6'), asked);
          scenario(checkInfo('b', 'LP-6'), faulty);
        },
      },
    );

    expect(results.map(({ status }) => status)).to.deep.equal(['passed', 'passed', 'passed']);
    expect(results.at(-1)?.injections).to.deep.equal({ failed: 4, calls: 4 });
    expect(subject.played.map(({ ops }) => ops.length)).to.deep.equal([4, 4, 1, 8, 5]);
  });

  it('should be skipped when rules that were charged before cut its programs short', async () => {
    const broken = changedModule(
      'lazy-pager',
      '    return addr;\n  }\n\n  munmap',
      "    throw new Error('no');\n  }\n\n  munmap",
    );
    const program = touching((p) => {
      for (let i = 0; i < 20; i++) p.read(0xa000);
    });
    const { result } = await run(
      { 'lazy-pager': broken },
      { broken: ['LP-1'], programs: fc.constant(program) },
    );

    expect(result).to.deep.include({ status: 'skipped', failure: null, injections: null });
  });

  it('should not take a program that kills the process as it is for a wrong answer to a failure', async () => {
    const deadly = touching((p) => p.munmap(0xa000));
    const isDeadly = ({ ops }: Program): boolean => ops.some(({ op }) => op === 'munmap');

    const as = await run({}, { programs: fc.constant(deadly), kills: isDeadly });
    const after = await run(
      {},
      {
        programs: fc.constant(deadly),
        before: () => scenario(checkInfo('a', 'LP-6'), touching()),
        kills: isDeadly,
      },
    );

    expect(as.result).to.deep.include({ status: 'skipped', failure: null });
    expect(after.result).to.deep.include({
      status: 'passed',
      injections: { failed: 4, calls: 4 },
    });
  });

  it('should fail when a failure is answered by killing the process', async () => {
    const { result } = await run({}, { kills: ({ ops }) => ops.some(isInjected) });

    expect(result).to.include({ status: 'failed' });
    expect(result.failure).to.include({ rule: OWN, summary: 'the code did not come to an end' });
  });

  it('should play the same programs for the same seed', async () => {
    const programs = processPrograms({ length: 10 });
    const [first, second, other] = await Promise.all(
      [1, 1, 2].map((seed) => run({}, { programs, runs: 5, seed })),
    );

    expect(second!.subject.played).to.deep.equal(first!.subject.played);
    expect(other!.subject.played[0]).to.not.deep.equal(first!.subject.played[0]);
    expect(first!.result.injections?.calls).to.be.at.least(20);
    expect(first!.result.injections?.failed).to.equal(first!.result.injections?.calls);
  });
});
