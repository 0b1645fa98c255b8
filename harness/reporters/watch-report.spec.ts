import { expect } from 'chai';
import { createColors } from 'picocolors';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import {
  SAMPLE_GRADE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';
import { checkNews, watchReport, type WatchReportOptions } from './watch-report.ts';

const PLAIN = { colors: createColors(false), width: 100, height: null };
const SECRETS = /secret|PT-5|LP-3\.2/u;

function render(
  grade: SubmissionGrade,
  before: SubmissionGrade | null = null,
  more: Partial<WatchReportOptions> = {},
): string {
  return watchReport('14:03:22 a.ts saved', grade, before, { ...PLAIN, ...more });
}

/** A grade with rules A, B, … of which those named are broken, each shown by a check of its own. */
function gradeOf(count: number, broken: readonly number[]): SubmissionGrade {
  const rules = Array.from({ length: count }, (_, n) => ({ id: `R-${n}`, title: `rule ${n}` }));
  const checks = rules.map(({ id }, n) =>
    sampleCheck(
      `${id}.1`,
      broken.includes(n)
        ? { rule: id, status: 'failed', failure: sampleFailure(id) }
        : { rule: id },
    ),
  );
  return sampleSubmission([sampleAssignment('page-table', 'Page table', rules, checks)]);
}

describe('watchReport', () => {
  it('should show the first broken rule in full and the others in a line each', () => {
    const lines = render(gradeOf(4, [1, 2, 3])).split('\n');

    expect(lines.filter((line) => line.includes('expected'))).to.have.length(1);
    expect(lines.filter((line) => /^✗ R-[23]: .* does not hold$/u.test(line))).to.have.length(2);
    expect(lines.find((line) => line.startsWith('✗ '))).to.match(/^✗ R-1: rule 1/u);
  });

  it('should say what has changed, and the score before and after', () => {
    const text = render(gradeOf(3, [2]), gradeOf(3, [0]));

    expect(text)
      .to.match(/passes now: {1,2}R-0\.1/u)
      .and.to.match(/fails now: {1,2}R-2\.1/u);
    expect(text).to.include('score 4 of 6');
    expect(render(gradeOf(3, []), gradeOf(3, [0]))).to.include('score 4 → 6 of 6');
    expect(render(gradeOf(3, [0]), gradeOf(3, [0]))).to.include('no check has changed');
  });

  it('should fit into the terminal as long as that is possible, and keep the headline', () => {
    const many = gradeOf(
      40,
      Array.from({ length: 40 }, (_, n) => n),
    );

    const lines = render(many, null, { height: 30 }).trimEnd().split('\n');

    expect(lines).to.have.length.within(20, 30);
    expect(lines[0]).to.equal('14:03:22 a.ts saved');
    expect(lines.join('\n')).to.match(/… and \d+ more/u);
  });

  it('should put what does not compile before what is wrong with the rest', () => {
    const grade: SubmissionGrade = {
      ...gradeOf(2, [0]),
      problems: [
        {
          kind: 'syntax',
          message: 'expression expected',
          location: { file: 'fork.ts', line: 3, column: 7 },
        },
      ],
    };

    const text = render(grade);

    expect(text).to.include('  fork.ts:3:7: syntax error: expression expected');
    expect(text).to.include('✗ R-0').and.not.include('expected   ');
  });

  it('should keep hidden checks back, and obey nothing that a student wrote', () => {
    const text = render(SAMPLE_GRADE, gradeOf(2, []));

    expect(text).to.not.match(SECRETS);
    expect(text).to.include('2 hidden checks');
    // eslint-disable-next-line no-control-regex
    expect(text).to.not.match(/^::error|\u001b\[31m|\u202e/mu);
  });

  it('should say why there is no grade', () => {
    const rejected = sampleSubmission([], { outcome: 'error', reason: 'no process got ready' });

    expect(render(rejected, gradeOf(1, []))).to.include('no process got ready');
  });
});

describe('checkNews', () => {
  const news = (more: Partial<CheckResult>, wasFailing = true): string =>
    checkNews(sampleCheck('A.1', more), wasFailing, PLAIN);

  it('should tell mended from still failing', () => {
    const failed = { status: 'failed', failure: sampleFailure('A') } as const;

    expect(news({})).to.equal('  ✓ passes now: A.1 keeps rule A.1');
    expect(news(failed)).to.equal('  ✗ still fails: A.1  A: rule A does not hold');
    expect(news(failed, false)).to.equal('  ✗ fails: A.1  A: rule A does not hold');
  });

  it('should say nothing of a hidden check', () => {
    expect(news({ visibility: 'hidden' })).to.equal('');
  });

  it('should stay on one line, whatever a student throws', () => {
    const failure = sampleFailure('A', { summary: `${'x'.repeat(500)}\n::error::\u001b[2J` });

    const line = news({ status: 'failed', failure });

    expect(line).to.have.length.at.most(100);
    expect(line).to.not.include('\n');
  });
});
