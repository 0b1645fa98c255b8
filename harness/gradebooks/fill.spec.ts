import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { submitter } from '../intake/submitter.ts';
import { itShouldWrite } from '../testing/golden.ts';
import type { ClassScores } from './class-scores.ts';
import { readCsv, writeCsv } from './csv-table.ts';
import { fill, type Filled } from './fill.ts';
import type { Scale } from './fill-report.ts';
import { fillText } from './fill-text.ts';
import { guardFormula } from './guard-formula.ts';
import { GradebookProblem } from './problem.ts';
import { readGradebook } from './read-gradebook.ts';
import { CANVAS, MOODLE, SCORES, SUBMITTERS } from './testing/exports.ts';

const PAGER = 'Pager (4711)';

interface Case {
  readonly scores?: ClassScores;
  readonly submitters?: typeof SUBMITTERS;
  readonly scale?: Scale;
  readonly column?: string | null;
}

const filling = (text: string, options: Case = {}): Filled => {
  const { scores = SCORES, submitters = SUBMITTERS, scale = 'points', column = PAGER } = options;
  const table = readCsv(new TextEncoder().encode(text));
  return fill(table, readGradebook(table, column), scores, submitters, scale);
};

const moodle = (options: Case = {}): Filled => filling(MOODLE, { column: null, ...options });

const textOf = ({ report }: Filled, isVerbose = false, colored = false): string =>
  fillText(report, { colors: createColors(colored), width: 90, isVerbose });

const one = (submission: string, points: number | null, outOf = 50): ClassScores => ({
  counted: [{ assignment: 'fork', maxScore: outOf }],
  scores: [{ submission, points, reason: null }],
});

/** The cells of the column that was filled, by the student's number. */
const cells = ({ table }: Filled, number = 1, column = table.rows[0]!.length - 1): object =>
  Object.fromEntries(
    table.rows.slice(1).map((row) => [row[number], row[column]] as const),
  ) as object;

describe('fill', () => {
  itShouldWrite(join(__dirname, 'golden'), {
    'canvas.csv': () => writeCsv(filling(CANVAS).table),
    'moodle.csv': () => writeCsv(moodle().table),
    'canvas.txt': () => textOf(filling(CANVAS)),
    'moodle-verbose.txt': () => textOf(moodle(), true),
    'percent.txt': () => textOf(filling(CANVAS, { scale: 'percent', column: '4710' })),
    'colours.txt': () => textOf(filling(CANVAS), false, true),
  });

  it('should give every member of a group the score', () => {
    expect(cells(filling(CANVAS))).to.include({ 101: '42.5', 102: '42.5' });
  });

  it('should leave what is excused, not assigned, without a score or without a submission', () => {
    expect(cells(filling(CANVAS))).to.include({ 103: 'EX', 109: 'N/A', 110: '33', 999: '' });
  });

  it('should leave a cell that says the same with other zeros', () => {
    const { table, report } = filling(CANVAS);

    expect(cells({ table, report })).to.include({ 108: '48.50' });
    expect(report.unchanged).to.equal(1);
  });

  it('should not choose among different scores of one student', () => {
    const { table, report } = filling(CANVAS);

    expect(cells({ table, report })).to.include({ 104: '-' });
    expect(report.unscored.map(({ submission, reason }) => [submission, reason])).to.deep.include([
      'zoe',
      'has several submissions with different scores: "zoe" and "zoe-2"',
    ]);
  });

  it('should fill the cell of somebody whose submissions all have the same score', () => {
    const scores = {
      counted: SCORES.counted,
      scores: ['zoe', 'zoe-2'].map((submission) => ({ submission, points: 9, reason: null })),
    };

    expect(cells(filling(CANVAS, { scores }))).to.include({ 104: '9' });
  });

  it('should write a decimal comma where the export has them, and only there', () => {
    const scores = one('201', 12.25);
    const submitters = new Map([['201', [submitter({ name: 'Ada Lovelace' })]]]);

    expect(cells(moodle({ scores, submitters }), 0, 4)).to.include({ 'Teilnehmer/in201': '12,25' });
    expect(cells(filling(CANVAS, { scores, submitters }))).to.include({ 101: '12.25' });
  });

  it('should know the decimal comma from the points possible', () => {
    const scores = one('204', 12.25);
    const submitters = new Map([['204', [submitter({ platformId: '204' })]]]);
    const ungraded = filling(MOODLE.replace('12,00', ''), { scores, submitters, column: null });

    expect(cells(ungraded, 0, 4)).to.include({ 'Teilnehmer/in204': '12,25' });
  });

  it('should write shares with two decimals', () => {
    const scores = one('101', 1, 3);
    const submitters = new Map([['101', [submitter({ platformId: '101' })]]]);
    const filled = filling(CANVAS, { scores, submitters, scale: 'percent' });

    expect(cells(filled)).to.include({ 101: '16.67' });
  });

  it('should refuse a score above the points possible, and name the way out', () => {
    expect(() => filling(CANVAS, { column: 'Homework 1' })).to.throw(
      GradebookProblem,
      /^5 scores are more than the 10 points possible in "Homework 1 \(4710\)"; the highest is 48\.5 \("finn"\)\. With --scale percent/u,
    );
  });

  it('should not mind a score above the points possible of somebody who is not in the export', () => {
    expect(() => filling(CANVAS, { scores: one('carl', 300, 300) })).not.to.throw();
  });

  it('should refuse shares of what is not known', () => {
    const unknown = CANVAS.replace('50.00', '');

    expect(() => filling(unknown, { scale: 'percent' })).to.throw(GradebookProblem, 'points');
  });

  it('should match by ids alone if no more is known', () => {
    const submitters: typeof SUBMITTERS = new Map();
    const scores = one('lovelaceada_101', 3);

    expect(cells(filling(CANVAS, { scores, submitters }))).to.include({ 101: '3' });
  });

  it('should keep every other cell, whatever the scores, and change nothing the second time', () => {
    const ids = ['101', '102', '103', '104', '107', '108', '109', '110', '999', '5'];
    const score = fc.option(fc.integer({ min: 0, max: 5000 }).map((n) => n / 100));
    fc.assert(
      fc.property(fc.array(score, { minLength: 10, maxLength: 10 }), (points) => {
        const scores: ClassScores = {
          counted: SCORES.counted,
          scores: ids.map((id, at) => ({ submission: id, points: points[at]!, reason: null })),
        };
        const submitters = new Map(ids.map((id) => [id, [submitter({ platformId: id })]]));
        const { table } = filling(CANVAS, { scores, submitters });
        const before = readCsv(new TextEncoder().encode(CANVAS)).rows;
        const text = writeCsv(table);

        expect(table.rows.map((row) => row.slice(0, 5))).to.deep.equal(
          before.map((row) => row.slice(0, 5)),
        );
        expect(table.rows.slice(0, 3).map((row) => row[5])).to.deep.equal(
          before.slice(0, 3).map((row) => row[7]),
        );
        const again = filling(text, { scores, submitters });
        expect(writeCsv(again.table)).to.equal(text);
        expect([again.report.filled, again.report.changed]).to.deep.equal([[], []]);
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });

  it('should come out the same from what it has written, for Moodle', () => {
    const first = writeCsv(moodle().table);

    expect(writeCsv(filling(first, { column: null }).table)).to.equal(first);
  });
});

describe('guardFormula', () => {
  for (const cell of ['=1+1', ' =1', '@SUM(A1)', '+cmd|x', '-2+A1', '\t=1', '="x"&A1&"y"']) {
    it(`should disarm ${JSON.stringify(cell)}`, () => {
      expect(guardFormula(cell)).to.equal(`'${cell}`);
    });
  }

  for (const cell of ['', '-', '-1.5', '+49 (30) 123-4', 'a=b', '="=x"', "'=1", 'Ada']) {
    it(`should leave ${JSON.stringify(cell)}`, () => {
      expect(guardFormula(cell)).to.equal(cell);
    });
  }
});
