import { expect } from 'chai';
import { createColors } from 'picocolors';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { SAMPLE_GRADE, sampleAssignment, sampleCheck, sampleSubmission } from './sample-grade.ts';
import { terminalReport, type TerminalOptions } from './terminal.ts';

const RULES = [{ id: 'A', title: 'rule A' }];

const render = (grade: SubmissionGrade, more: Partial<TerminalOptions> = {}): string =>
  terminalReport(grade, {
    colors: createColors(false),
    width: 100,
    audience: 'student',
    detail: 'normal',
    ...more,
  });

describe('terminalReport', () => {
  it('should keep to the width, between 80 and 120', () => {
    for (const [asked, used] of [
      [40, 80],
      [100, 100],
      [NaN, 80],
      [500, 120],
    ] as const) {
      const longest = Math.max(
        ...render(SAMPLE_GRADE, { width: asked })
          .split('\n')
          // A command that is broken over lines cannot be copied.
          .filter((line) => !line.includes('npx ts-node'))
          .map((line) => line.length),
      );

      expect(longest).to.be.within(used - 10, used);
    }
  });

  it('should say the same with colours', () => {
    const coloured = render(SAMPLE_GRADE, { colors: createColors(true) });

    expect(coloured).to.include('\u001b[31m');
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/gu, '')).to.equal(render(SAMPLE_GRADE));
  });

  it('should write one line when quiet', () => {
    const quiet = (more: Partial<SubmissionGrade>): string =>
      render(sampleSubmission([], more), { detail: 'quiet' });

    expect(render(SAMPLE_GRADE, { detail: 'quiet' })).to.match(
      /12\.5\/33\.5 \(37\.31 %\) {2}lazy-pager: not deterministic {2}broken: PT-2 LP-1 LP-2\n$/u,
    );
    expect(quiet({ outcome: 'rejected', reason: 'no TypeScript file' })).to.equal(
      'alice  rejected: no TypeScript file\n',
    );
    expect(quiet({ outcome: 'error' })).to.equal('alice  grader error\n');
  });

  it('should list passed checks when verbose', () => {
    expect(render(SAMPLE_GRADE)).not.to.include('PT-1.1');
    expect(render(SAMPLE_GRADE, { detail: 'verbose' })).to.include('PT-1.1 splits an address');
  });

  it('should show hidden checks to staff, and mark them', () => {
    const text = render(SAMPLE_GRADE, { audience: 'staff', detail: 'verbose' });

    expect(text).to.include('PT-5: secret rule of secret checks (5 points, hidden check)');
    expect(text).to.include('LP-3.2 secret title two (hidden)');
  });

  it('should say that nothing was graded, and what was not selected', () => {
    const absent = { outcome: 'not submitted' } as const;
    const grade = sampleSubmission([
      sampleAssignment('one', 'One', RULES, [], { ...absent, selected: false }),
      sampleAssignment('two', 'Two', RULES, [], absent),
    ]);

    expect(render(grade)).to.match(/One +- \/ - +not selected\n +Two +- \/ - +not submitted\n/u);
    expect(render(grade)).to.include('Nothing was graded: no file for two in the submission');
    expect(render(grade, { detail: 'quiet' })).to.match(/^alice {2}Nothing was graded: /u);
  });

  it('should say so when every rule holds', () => {
    const grade = sampleSubmission([sampleAssignment('one', 'One', RULES, [sampleCheck('A.1')])]);

    expect(render(grade)).to.include('2 / 2  100 %').and.to.include('Every rule holds.');
    expect(render(SAMPLE_GRADE)).not.to.include('Every rule holds.');
  });
});
