/** Grading with real processes: what stops it early, and what does not. */
import { expect } from 'chai';
import { asSubmission } from '../quality/planted.ts';
import { variantsOf } from '../quality/variant-files.ts';
import type { AssignmentGrade, SubmissionGrade } from '../scoring/grade.ts';
import { SLOW } from '../testing/slow-code.ts';
import { Grader } from './grade-submission.ts';
import type { GradeOptions } from './grading.ts';
import { modelFiles } from './model.ts';

const TIME_UP =
  'Time was up: code that takes 20 times as long as the model pager has 1 seconds for a submission. What was left was not judged.';

describe('Grader', function () {
  this.timeout(120_000);
  const model = modelFiles();
  let grader: Grader;
  before(() => {
    grader = new Grader();
  });
  after(() => grader.close());

  const grade = (
    files: Readonly<Record<string, string>>,
    options: Partial<GradeOptions> = {},
  ): Promise<SubmissionGrade> =>
    grader.grade(asSubmission('told', { ...model, ...files }), {
      assignments: ['page-table'],
      seed: 1,
      runs: 1,
      only: null,
      replayCommand: () => '',
      ...options,
    });
  const graded = ({ assignments }: SubmissionGrade, id: string): AssignmentGrade =>
    assignments.find(({ assignment }) => assignment === id)!;
  const slowed = (name: string): Record<string, string> => ({ [name]: `${model[name]!}${SLOW}` });

  it('should take no point from code that a spy before the pager is in the way of', async () => {
    const { files } = variantsOf('address-space', model).find(
      ({ name }) => name === 'knows-its-pager',
    )!;
    const fair = await grade(files, { assignments: ['address-space'] });

    expect(graded(fair, 'address-space')).to.deep.include({ score: 70, notes: [] });
  });

  it('should say why a file that compiles cannot be loaded', async () => {
    const twice = `${model['page-table.ts']!}\nlet once = 1;\nlet once = 2;\n`;
    const broken = await grade({ 'page-table.ts': twice });

    expect(graded(broken, 'page-table')).to.deep.include({ outcome: 'broken', score: 0 });
    expect(graded(broken, 'page-table').notes.at(-1)).to.equal(
      `page-table.ts cannot be loaded: SyntaxError: Identifier 'once' has already been declared.`,
    );
  });

  it('should not judge slow code to its end, and say so', async () => {
    const slow = await grade(slowed('page-table.ts'), { allowance: { limitMs: 1_000 } });

    const { notes, checks } = graded(slow, 'page-table');
    expect(slow.diagnostics.timeWasUp).to.equal(true);
    expect(notes).to.deep.equal([TIME_UP]);
    expect(checks.at(-1)).to.include({ status: 'skipped', failure: null });
    expect(checks.at(-1)?.reason).to.match(/^the time of the submission was up/);
    expect(slow.diagnostics.notes.join()).to.not.match(/played again/);
  });

  it('should judge the rest on the model’s page table where only the submission’s own is slow', async () => {
    const slow = await grade(slowed('page-table.ts'), {
      assignments: ['page-table', 'fork'],
      allowance: { limitMs: 1_000 },
    });

    expect(graded(slow, 'page-table').notes).to.deep.equal([TIME_UP]);
    expect(graded(slow, 'fork')).to.include({ pageTable: 'model', score: 50 });
  });

  it('should judge code to its end that is not slow, however little time it has', async () => {
    const quick = await grade({}, { allowance: { limitMs: 1 } });

    expect(graded(quick, 'page-table')).to.include({ score: 30 });
    expect(quick.diagnostics.timeWasUp).to.equal(undefined);
  });

  it('should play only what has failed on the model’s page table, if the submission’s own is sound and that changes nothing', async () => {
    const programs = ({ diagnostics }: SubmissionGrade, where: string): number =>
      Number(
        /: (\d+) programs$/.exec(diagnostics.notes.find((note) => note.startsWith(where))!)![1],
      );
    const wrong = model['fork.ts']!.replace('| PteFlags.RW)', ')');
    expect(wrong).to.not.equal(model['fork.ts']);
    const both = await grade({ 'fork.ts': wrong }, { assignments: ['page-table', 'fork'] });
    const unsure = await grade({ 'fork.ts': wrong }, { assignments: ['fork'] });

    expect(graded(both, 'fork')).to.deep.include({ pageTable: 'own', notes: [] });
    expect(graded(both, 'fork').rules).to.deep.equal(graded(unsure, 'fork').rules);
    expect(programs(unsure, 'fork on the model page table')).to.be.greaterThan(
      programs(both, 'fork on the model page table'),
    );
  });
});
