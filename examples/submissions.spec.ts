/** Every sample submission is graded by the real command, and must come out as its `expected.yml` says. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { SubmissionGrade } from '../harness/scoring/grade.ts';

const ROOT = resolve(__dirname, '..');
const SAMPLES = join(ROOT, 'examples/submissions');

interface ExpectedAssignment {
  readonly outcome: string;
  readonly score: number;
  readonly broken: readonly string[];
}

interface Expected {
  readonly description: string;
  readonly assignments: Readonly<Record<string, ExpectedAssignment>>;
  readonly mistake: { readonly file: string; readonly line: number } | null;
}

const names = readdirSync(SAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

function expectationOf(name: string): Expected {
  return parse(readFileSync(join(SAMPLES, name, 'expected.yml'), 'utf8')) as Expected;
}

describe('sample submissions', () => {
  const grades = new Map<string, SubmissionGrade>();

  before(async function () {
    this.timeout(600_000);
    const paths = names.map((name) => join(SAMPLES, name));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-r', 'ts-node/register', 'grade.ts', '--json', '--quiet', ...paths],
      { cwd: ROOT, maxBuffer: 256 * 2 ** 20 },
    );
    for (const grade of JSON.parse(stdout) as SubmissionGrade[])
      grades.set(grade.submission, grade);
  });

  for (const name of names) {
    it(`should grade ${name} as expected`, () => {
      const expected = expectationOf(name);

      const grade = grades.get(name);

      // What was not handed in needs no mention.
      const graded = (grade?.assignments ?? []).filter(
        ({ assignment, outcome }) =>
          outcome !== 'not submitted' || assignment in expected.assignments,
      );
      const seen = Object.fromEntries(
        graded.map((assignment): [string, ExpectedAssignment] => [
          assignment.assignment,
          {
            outcome: assignment.outcome,
            score: assignment.score,
            broken: assignment.rules.filter((rule) => rule.status === 'broken').map(({ id }) => id),
          },
        ]),
      );
      expect(seen).to.deep.equal(expected.assignments);
    });

    it(`should name a line of ${name} that exists as its mistake`, () => {
      const { mistake } = expectationOf(name);
      if (mistake === null) return;

      const lines = readFileSync(join(SAMPLES, name, mistake.file), 'utf8').split('\n');

      expect(lines[mistake.line - 1]?.trim()).to.not.equal('');
    });
  }
});
