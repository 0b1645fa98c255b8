import { expect } from 'chai';
import { createColors } from 'picocolors';
import fc from 'fast-check';
import type { CheckResult, CheckStatus, SubmissionGrade } from '../scoring/grade.ts';
import { feedbackMarkdown } from './feedback-markdown.ts';
import { gradescopeJson } from './gradescope.ts';
import { junitXml } from './junit-xml.ts';
import { sampleAssignment, sampleCheck, sampleFailure, sampleSubmission } from './sample-grade.ts';
import { viewOf } from './student-view.ts';
import { terminalReport } from './terminal.ts';

/** Everything that only a hidden check knows carries this word. */
const SECRET = 'SECRET';
const RULES = ['A', `${SECRET}-B`].map((id) => ({ id, title: `title of ${id}` }));

function hiddenCheck(rule: string, more: Partial<CheckResult> = {}): CheckResult {
  return sampleCheck(`${rule}.${SECRET}`, {
    rule,
    title: `title ${SECRET}`,
    visibility: 'hidden',
    ...more,
  });
}

const graded = (checks: readonly CheckResult[], notes: readonly string[] = []) =>
  sampleSubmission([sampleAssignment('one', 'One', RULES, checks, { notes })]);

describe('viewOf', () => {
  it('should sum up hidden checks', () => {
    const grade = graded([
      sampleCheck('A.1'),
      hiddenCheck('A', { points: 3 }),
      hiddenCheck(`${SECRET}-B`, {
        points: 4.5,
        status: 'failed',
        failure: sampleFailure(`${SECRET}-B`),
      }),
      hiddenCheck(`${SECRET}-B`, { points: 50, status: 'error' }),
    ]);

    const [assignment] = viewOf(grade, 'student').assignments;

    expect(assignment?.hidden).to.deep.equal({ count: 2, points: 7.5, earned: 3 });
    expect(assignment?.checks.map((check) => check.id)).to.deep.equal(['A.1']);
    expect(assignment?.rules.map((rule) => rule.id)).to.deep.equal(['A']);
  });

  it('should keep back a rule that only a hidden check found broken', () => {
    const failure = sampleFailure('A');
    const grade = graded([sampleCheck('A.1'), hiddenCheck('A', { status: 'failed', failure })]);

    expect(viewOf(grade, 'student').assignments[0]?.rules).to.deep.equal([]);
    expect(viewOf(grade, 'staff').assignments[0]?.rules[0]).to.include({ status: 'broken' });
  });

  it('should keep back the program of a hidden check that came to something else', () => {
    const differs = (check: string): SubmissionGrade =>
      sampleSubmission([
        sampleAssignment('one', 'One', RULES, [sampleCheck('A.1'), hiddenCheck('A')], {
          difference: { check, steps: [SECRET], differingStep: 0, first: '1', again: '2' },
        }),
      ]);

    expect(viewOf(differs('A.1'), 'student').assignments[0]?.difference).to.not.equal(null);
    expect(viewOf(differs(`A.${SECRET}`), 'student').assignments[0]?.difference).to.equal(null);
    expect(viewOf(differs(`A.${SECRET}`), 'staff').assignments[0]?.difference).to.not.equal(null);
  });

  it('should reword reasons and drop notes that name something hidden', () => {
    const reason = `A.${SECRET} failed`;
    const grade = graded(
      [sampleCheck('A.1', { status: 'skipped', reason }), hiddenCheck('A')],
      [`A.${SECRET} took long`, 'A.1 took long'],
    );

    const [assignment] = viewOf(grade, 'student').assignments;

    expect(assignment?.checks[0]?.reason).to.equal('something it builds on does not work yet');
    expect(assignment?.notes).to.deep.equal(['A.1 took long']);
  });

  it('should show staff everything', () => {
    const grade = graded([sampleCheck('A.1'), hiddenCheck('A')]);

    expect(viewOf(grade, 'staff').assignments[0]?.checks).to.have.length(2);
  });

  it('should let no report for students leak a hidden name, whatever happened', () => {
    const status = fc.constantFrom<CheckStatus>('passed', 'failed', 'skipped', 'error');
    const anyCheck = fc
      .record({ status, hidden: fc.boolean(), secretRule: fc.boolean(), named: fc.boolean() })
      .map(({ status, hidden, secretRule, named }) => {
        const rule = hidden && secretRule ? `${SECRET}-B` : 'A';
        const reason = named ? `A.${SECRET} is broken` : 'A.1 is broken';
        const summary = hidden ? `summary ${SECRET}` : 'summary';
        const failure = status === 'failed' ? sampleFailure(rule, { summary }) : null;
        const more = { status, failure, reason: failure === null ? reason : null };
        return hidden ? hiddenCheck(rule, more) : sampleCheck('A.1', more);
      });

    fc.assert(
      fc.property(fc.array(anyCheck), (checks) => {
        const grade = graded([...checks, hiddenCheck('A')], [`about A.${SECRET}`]);
        const gradescope = JSON.parse(gradescopeJson(grade)) as {
          output: string;
          tests: { visibility: string }[];
        };
        const seen = [
          feedbackMarkdown(grade),
          junitXml(grade),
          ...(['quiet', 'normal', 'verbose'] as const).map((detail) =>
            terminalReport(grade, {
              colors: createColors(false),
              width: 100,
              audience: 'student',
              detail,
            }),
          ),
          gradescope.output,
          JSON.stringify(gradescope.tests.filter((test) => test.visibility === 'visible')),
        ];

        for (const text of seen) expect(text).not.to.include(SECRET);
      }),
    );
  });
});
