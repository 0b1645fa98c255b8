import { expect } from 'chai';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { DEFAULT_RUNS } from '../runner/worker-job.ts';
import type { Variant } from './variant-files.ts';
import { isClean, type VariantJob, variantJobs, variantRun } from './variant-run.ts';

const VARIANT: Variant = {
  assignment: 'told',
  name: 'other',
  description: 'Another one.',
  freedoms: [],
  files: { 'a.ts': '' },
};

function result(
  id: string,
  kind: CheckResult['kind'],
  more: Partial<CheckResult> = {},
): CheckResult {
  return {
    id,
    title: id,
    rule: 'R-1',
    kind,
    points: 1,
    visibility: 'visible',
    status: 'passed',
    failure: null,
    reason: null,
    injections: null,
    ...more,
  };
}

function graded(
  checks: readonly CheckResult[],
  more: Partial<SubmissionGrade> = {},
): SubmissionGrade {
  const assignments = [{ assignment: 'told', outcome: 'graded', notes: [], checks }];
  return { outcome: 'graded', reason: null, problems: [], assignments, ...more } as never;
}

describe('variantJobs', () => {
  it('should play the default run, and every seed once', () => {
    const jobs = variantJobs(VARIANT, ['p', 'q'], 7, 600);
    const [first, ...rest] = jobs;

    expect(first).to.include({ seeds: 0 });
    expect(first?.job.options).to.include({ only: null, runs: DEFAULT_RUNS, seed: 1 });
    const seeds = rest.flatMap(({ job }) =>
      Array.from({ length: job.options.seeds ?? 1 }, (_, nth) => job.options.seed + nth),
    );
    expect(seeds).to.deep.equal(Array.from({ length: 600 }, (_, nth) => 7 + nth));
    for (const { job } of rest) expect(job.options).to.deep.include({ only: ['p', 'q'], runs: 1 });
  });
});

describe('variantRun', () => {
  const [defaultRun, ...more] = variantJobs(VARIANT, ['p'], 1, 300) as [
    VariantJob,
    ...VariantJob[],
  ];
  const clean = [result('s', 'scenario'), result('p', 'property')];

  it('should count seeds and programs where nothing is wrong', () => {
    const run = variantRun(VARIANT, [
      { job: defaultRun, grade: graded(clean) },
      ...more.map((job) => ({ job, grade: graded([result('p', 'property')]) })),
    ]);

    expect(run).to.include({ seeds: 300, programs: 1 + DEFAULT_RUNS + 300 });
    expect(isClean(run)).to.equal(true);
  });

  it('should tell each check that is not passed once, and those that saw something else', () => {
    const failure = { rule: 'R-2', summary: 'wrong' } as never;
    const run = variantRun(VARIANT, [
      {
        job: defaultRun,
        grade: graded([result('s', 'scenario', { failure }), result('p', 'property')]),
      },
      ...more.map((job) => ({
        job,
        grade: graded([result('p', 'property', { status: 'skipped', reason: 'cut short' })]),
      })),
    ]);

    expect(run.alarms.map(({ check, reason }) => [check, reason])).to.deep.equal([
      ['s', 'wrong'],
      ['p', 'cut short'],
    ]);
    expect(isClean(run)).to.equal(false);
  });

  it('should call trouble by its name', () => {
    const problem = { kind: 'type', message: 'no', location: { file: 'a.ts', line: 2, column: 1 } };
    const run = variantRun(VARIANT, [
      { job: defaultRun, grade: graded(clean, { problems: [problem] as never }) },
      { job: more[0]!, grade: graded([], { outcome: 'error', reason: 'it died' }) },
    ]);

    expect(run.trouble).to.deep.equal(['a.ts:2: no', 'it died']);
    expect(isClean(run)).to.equal(false);
  });
});
