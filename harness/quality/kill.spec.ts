import { expect } from 'chai';
import type { CheckInfo } from '../runner/session/check-info.ts';
import type { CheckResult, Failure, SubmissionGrade } from '../scoring/grade.ts';
import { checkInfo } from '../testing/told-subjects.ts';
import { isKilled, type Kill, killOf, isKeosOpen, keosChecks, withKeos } from './kill.ts';
import { killComplaints, killSummary, killTable } from './kill-table.ts';
import type { Mutant } from './mutant.ts';
import type { Planted } from './planted.ts';

const MUTANT: Mutant = { id: 'slip', mistake: 'a slip', rule: 'R-1', check: 'c', edits: [] };
const PLANTED: Planted = { assignment: 'told', id: 'slip', mutants: [MUTANT], files: {} };
const CHECKS: readonly CheckInfo[] = [
  checkInfo('c', 'R-1'),
  checkInfo('k', 'R-2', { recreates: ['keos::test'] }),
];

function failure(rule: string): Failure {
  return {
    rule,
    summary: 'wrong',
    steps: [],
    failingStep: 0,
    expected: '',
    observed: '',
    walk: null,
    hint: '',
    stack: [],
    log: [],
    replay: '',
  };
}

interface Told {
  readonly status?: CheckResult['status'];
  readonly seen?: string | null;
}

function result(id: string, rule: string, { status = 'passed', seen = null }: Told): CheckResult {
  const found = seen === null ? null : failure(seen);
  const reason = status === 'skipped' || status === 'error' ? 'a reason' : null;
  return {
    id,
    title: id,
    rule,
    kind: 'scenario',
    points: 2,
    injections: null,
    visibility: 'visible',
    status,
    failure: found,
    reason,
  };
}

/** A grade of the assignment `told` with two checks, and the rules `broken`. */
function graded(c: Told, k: Told, broken: readonly string[], more: Partial<SubmissionGrade> = {}) {
  const rules = ['R-1', 'R-2'].map((id) => {
    const status = broken.includes(id) ? ('broken' as const) : ('held' as const);
    return { id, title: id, status, points: 2, earned: status === 'held' ? 2 : 0 };
  });
  const score = 4 - 2 * broken.length;
  const firstFailures =
    c.status === 'failed'
      ? [
          {
            assignment: 'told',
            pageTable: null,
            check: 'c',
            programs: 3,
            noticedMs: 40,
            reportedMs: 90,
          },
        ]
      : [];
  return {
    outcome: 'graded',
    reason: null,
    problems: [],
    assignments: [
      {
        assignment: 'told',
        outcome: 'graded',
        score,
        maxScore: 4,
        notes: [],
        rules,
        checks: [result('c', 'R-1', c), result('k', 'R-2', k)],
      },
    ],
    diagnostics: { durationMs: 1, node: '', layers: [], notes: [], firstFailures },
    ...more,
  } as unknown as SubmissionGrade;
}

const killed = (): Kill =>
  killOf(PLANTED, graded({ status: 'failed', seen: 'R-1' }, {}, ['R-1']), CHECKS);
const named = (): string => 'R-1 (c)';

describe('killOf', () => {
  it('should tell who killed the mutant, when, and what it cost', () => {
    const kill = killed();

    expect(kill).to.deep.include({
      killedBy: 'c',
      programs: 3,
      noticedMs: 40,
      reportedMs: 90,
      broken: ['R-1'],
      rightRule: true,
      rightCheck: true,
      lost: 2,
      maxScore: 4,
      keosNotices: false,
      trouble: null,
    });
    expect(isKilled(kill)).to.equal(true);
  });

  it('should not take a rule that was only seen broken on the way for a kill', () => {
    const kill = killOf(PLANTED, graded({}, { seen: 'R-1' }, ['R-1']), CHECKS);

    expect([kill.killedBy, isKilled(kill)]).to.deep.equal([null, false]);
    expect(killComplaints([kill], named)).to.deep.equal([
      'told/slip: survives; R-1 (c) should notice',
    ]);
  });

  it('should ask for the named rule and the named check', () => {
    const other = killOf(PLANTED, graded({}, { status: 'failed', seen: 'R-2' }, ['R-2']), CHECKS);
    const elsewhere = killOf(
      PLANTED,
      graded({}, { status: 'failed', seen: 'R-1' }, ['R-1']),
      CHECKS,
    );

    expect([other.rightRule, elsewhere.rightRule, elsewhere.rightCheck]).to.deep.equal([
      false,
      true,
      false,
    ]);
    expect(killComplaints([other, elsewhere], named)).to.deep.equal([
      'told/slip: charged to R-2; R-1 (c) should be reported',
      'told/slip: k notices first, but R-1 (c) does not fail',
    ]);
  });

  it('should be content with either rule of two mutants', () => {
    const mutants = [MUTANT, { ...MUTANT, id: 'other', rule: 'R-2', check: 'x' }];
    const kill = killOf(
      { ...PLANTED, id: 'slip + other', mutants },
      graded({}, { status: 'failed', seen: 'R-2' }, ['R-2']),
      CHECKS,
    );

    expect(isKilled(kill)).to.equal(true);
  });

  it('should be content with any rule of a mutant that a tool made, and with wrong types', () => {
    const planted = { ...PLANTED, mutants: [] };
    const location = { file: 'a.ts', line: 1, column: 1 };
    const problems = [{ kind: 'type', message: 'no number', location }] as const;
    const grade = graded({}, { status: 'skipped', seen: 'R-1' }, ['R-1'], { problems });

    const kill = killOf(planted, grade, CHECKS);

    expect(kill).to.include({ killedBy: 'k', trouble: null });
    expect(isKilled(kill)).to.equal(true);
    expect(killOf(PLANTED, grade, CHECKS).trouble).to.contain('no number');
  });

  it('should count for KeOS what its tests would stumble over, too', () => {
    const grades = [
      graded({}, { status: 'failed', seen: 'R-2' }, ['R-2']),
      graded({}, { status: 'skipped', seen: 'R-1' }, ['R-1']),
      graded({}, { status: 'skipped' }, []),
      graded({}, { status: 'passed', seen: 'R-1' }, ['R-1']),
    ];

    expect(grades.map((grade) => killOf(PLANTED, grade, CHECKS).keosNotices)).to.deep.equal([
      true,
      true,
      false,
      true,
    ]);
  });

  it('should leave open what KeOS would notice where its tests were passed over', () => {
    const keos = keosChecks(CHECKS);
    const passedOver = killOf(
      PLANTED,
      graded({ status: 'failed', seen: 'R-1' }, { status: 'skipped' }, ['R-1']),
      CHECKS,
    );
    const alone = graded({}, { status: 'failed', seen: 'R-2' }, ['R-2']);

    expect(keos).to.deep.equal(['k']);
    expect([isKeosOpen(passedOver, keos), isKeosOpen(killed(), keos)]).to.deep.equal([true, false]);
    expect(withKeos(passedOver, alone, keos).keosNotices).to.equal(true);
    expect(withKeos(passedOver, graded({}, {}, []), keos).keosNotices).to.equal(false);
  });

  it('should call trouble by its name', () => {
    const problem = {
      kind: 'type',
      message: 'no such thing',
      location: { file: 'a.ts', line: 3, column: 1 },
    };
    const troubles = [
      graded({ status: 'failed', seen: 'R-1' }, {}, ['R-1'], { problems: [problem] as never }),
      graded({}, {}, [], { outcome: 'error', reason: 'it died' }),
      graded({ status: 'failed', seen: 'R-1' }, { status: 'error' }, ['R-1']),
    ].map((grade) => killOf(PLANTED, grade, CHECKS));

    expect(troubles.map(({ trouble }) => trouble)).to.deep.equal([
      'it does not compile: a.ts:3: no such thing',
      'it died',
      'the grader failed on k: a reason',
    ]);
    expect(troubles.some(isKilled)).to.equal(false);
  });
});

describe('killTable', () => {
  it('should have a line for each mutant, and one that sums up', () => {
    const survivor = { ...killOf(PLANTED, graded({}, {}, []), CHECKS), mutant: 'survivor' };

    expect(killTable([killed(), survivor])).to.deep.equal([
      'mutant    killed by  programs  noticed  reported  rules           lost  share  KeOS alone',
      'slip      c                 3    40 ms     90 ms  R-1                2   50 %  no',
      'survivor  SURVIVES                   -         -  - (WRONG RULE)     0    0 %  no',
    ]);
    expect(killSummary([killed(), survivor])).to.equal(
      'killed 1 of 2; right rule 1 of 2; charged under one rule 1 of 2; ' +
        "time to kill, median / 95 %: noticed 40 ms / 40 ms, reported 90 ms / 90 ms; KeOS's tests alone would notice 0",
    );
  });
});
