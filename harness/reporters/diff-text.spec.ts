import { expect } from 'chai';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import type { ClassDiff } from '../scoring/class-diff.ts';
import { compareGrades } from '../scoring/compare-grades.ts';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import type { InputKey } from '../scoring/input-key.ts';
import { itShouldWrite } from '../testing/golden.ts';
import { diffJson } from './diff-json.ts';
import { diffText, type DiffTextOptions } from './diff-text.ts';
import {
  HOSTILE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';

const RULES = ['PT-1', 'PT-2', 'PT-3'].map((id) => ({ id, title: `rule ${id}` }));
const KEY: InputKey = { submission: 'a', notes: [], grader: 'g', options: {} };

const passing = (id: string, more: Partial<CheckResult> = {}): CheckResult => sampleCheck(id, more);
const failing = (id: string, more: Partial<CheckResult> = {}): CheckResult =>
  sampleCheck(id, { status: 'failed', failure: sampleFailure(id.split('.')[0]!), ...more });
const graded = (
  checks: readonly CheckResult[],
  more: Partial<SubmissionGrade> = {},
): SubmissionGrade =>
  sampleSubmission([sampleAssignment('page-table', 'Page table', RULES, checks)], more);

const secret = { visibility: 'hidden' } as const;
const OLD = graded([failing('PT-1.1'), passing('PT-2.1'), failing('PT-3.1', secret)]);
const BETTER = graded([passing('PT-1.1'), passing('PT-2.1'), passing('PT-3.1', secret)]);
const WORSE = graded([failing('PT-1.1'), failing('PT-2.1'), failing('PT-3.1', secret)]);
const LEVEL = graded([
  failing('PT-1.1'),
  passing('PT-2.1'),
  sampleCheck('PT-3.1', { ...secret, status: 'skipped', reason: 'x' }),
]);

const change = (
  submission: string,
  old: SubmissionGrade,
  now: SubmissionGrade,
  keys: readonly [InputKey | null, InputKey | null],
): ClassDiff['changes'][number] =>
  compareGrades(
    { grade: { ...old, submission }, key: keys[0] },
    { grade: { ...now, submission }, key: keys[1] },
  )!;

const DIFF: ClassDiff = {
  compared: 50,
  changes: [
    change('ada', OLD, BETTER, [KEY, { ...KEY, submission: 'b' }]),
    change('ben', OLD, { ...WORSE, version: '0.2.0', seed: 7 }, [null, KEY]),
    change(`eve ${HOSTILE}`, OLD, LEVEL, [KEY, KEY]),
    change('finn', OLD, sampleSubmission([], { outcome: 'error', reason: HOSTILE }), [KEY, KEY]),
    change(
      'gil',
      sampleSubmission([], { outcome: 'rejected', reason: 'no TypeScript file' }),
      OLD,
      [KEY, { ...KEY, submission: 'b' }],
    ),
    change('words', OLD, { ...OLD, problems: [{ kind: 'type', message: 'm', location: null }] }, [
      KEY,
      { ...KEY, grader: 'h' },
    ]),
  ],
  onlyOld: ['hal'],
  onlyNew: ['ida', HOSTILE],
  unreadable: [{ submission: 'jo', side: 'new', reason: 'not a results.json' }],
};

const text = (more: Partial<DiffTextOptions> = {}): string =>
  diffText(DIFF, {
    colors: createColors(false),
    width: 90,
    audience: 'staff',
    isQuiet: false,
    ...more,
  });

describe('diff', () => {
  itShouldWrite(join(__dirname, 'golden'), {
    'diff.txt': () => text(),
    'diff-student.txt': () => text({ audience: 'student' }),
    'diff-quiet.txt': () => text({ isQuiet: true }),
    'diff-colours.txt': () => text({ colors: createColors(true) }),
    'diff.json': () => diffJson(DIFF),
  });

  it('should keep hidden checks, and rules that only they have judged, from students', () => {
    expect(text()).to.include('PT-3');
    expect(text({ audience: 'student' })).not.to.include('PT-3');
  });

  it('should have nothing in it that a terminal or a CI service obeys', () => {
    const lines = text().split('\n');

    expect(lines.filter((line) => line.startsWith('::'))).to.deep.equal([]);
    expect(text()).not.to.include('\u001b').and.not.to.include('\u202e');
  });
});
