/** `diff`, as a process. */
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grade, type Outcome } from './testing/command.ts';
import { sampleResult, writeResult } from './testing/results.ts';

const KEY = { submission: 'a', grader: 'g', options: { seed: 1 } };

describe('grade.ts diff', function () {
  this.timeout(60_000);
  let folder = '';
  const at = (...names: readonly string[]): string => join(folder, ...names);
  const diff = (...args: readonly string[]): Promise<Outcome> =>
    grade('diff', at('old'), at('new'), ...args);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-diff-'));
    await writeResult(at('old'), sampleResult('ada', 10), { 'key.json': KEY });
    await writeResult(at('new'), sampleResult('ada', 20), {
      'key.json': { ...KEY, submission: 'b' },
    });
    await writeResult(at('old'), sampleResult('ben', 20), { 'key.json': KEY });
    await writeResult(at('new'), sampleResult('ben', 10), { 'key.json': KEY });
    for (const side of ['old', 'new']) await writeResult(at(side), sampleResult('carl', 20));
    await writeResult(at('old'), sampleResult('dana', 20));
    await writeResult(at('new'), sampleResult('eve', 20));
    for (const side of ['old', 'new']) await writeResult(at(side), sampleResult('finn', 20));
    await writeFile(at('new', 'finn', 'results.json'), '{}');
  });
  after(() => rm(folder, { recursive: true }));

  it('should say who has changed, in which checks, and why', async () => {
    const { code, stdout, stderr } = await diff();

    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.equal(`\
changed                          2
  score up                       1
  score down                     1
  same score, other checks       0
same                             1
only in the old results          1
only in the new results          1
cannot be read                   1

1 × SAME INPUTS, ANOTHER RESULT. Submission, grader, suites and options are the same, so the result
had to be: this is a mistake of Faultline. Please report it with both folders.

ada  10/20 → 20/20 (+10)
  the submission has changed
  page-table  10/20 → 20/20
  PT-2.1      failed → passed  PT-2
  rule PT-2   broken → held

ben  20/20 → 10/20 (-10)
  SAME INPUTS, ANOTHER RESULT: a mistake of Faultline
  page-table  20/20 → 10/20
  PT-2.1      passed → failed  PT-2
  rule PT-2   held → broken

Only in the old results
  dana

Only in the new results
  eve

Cannot be read
  finn (new): not a results.json: it has no "schema"
`);
  });

  it('should give the numbers only, and an exit code, if asked', async () => {
    const { code, stdout } = await diff('--quiet', '--exit-code');

    expect(code).to.equal(1);
    expect(stdout).to.include('changed                          2\n');
    expect(stdout).not.to.include('ada');
  });

  it('should exit with 0 if nothing has changed', async () => {
    const { code, stdout } = await grade('diff', at('old'), at('old'), '--exit-code');

    expect(code).to.equal(0);
    expect(stdout).to.match(/^changed +0\n/u);
  });

  it('should give JSON and nothing else', async () => {
    const { stdout } = await diff('--json');

    const found = JSON.parse(stdout) as { changes: { submission: string; causes: unknown[] }[] };
    expect(found.changes.map(({ submission }) => submission)).to.deep.equal(['ada', 'ben']);
    expect(found.changes[0]!.causes).to.deep.equal([
      { kind: 'submission', before: 'a', after: 'b', names: [] },
    ]);
  });

  it('should compare two files', async () => {
    const { code, stdout } = await grade(
      'diff',
      at('old', 'ada', 'results.json'),
      at('new', 'ada', 'results.json'),
    );

    expect(code).to.equal(0);
    expect(stdout).to.include('ada  10/20 → 20/20 (+10)\n  the submission has changed\n');
  });

  it('should get on with a class of which one result is odd', async () => {
    const odd = (side: string): string => at('odd', side);
    for (const side of ['old', 'new']) {
      const score = side === 'old' ? 10 : 20;
      for (const name of ['ada', 'ben', 'carl']) {
        await writeResult(odd(side), sampleResult(name, score), { 'key.json': KEY });
      }
      const nested = `{"options":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
      await writeFile(join(odd(side), 'ada', 'key.json'), nested);
      await rm(join(odd(side), 'ben', 'key.json'));
      execFileSync('mkfifo', [join(odd(side), 'ben', 'key.json')]);
    }
    const { submission: _, ...rest } = sampleResult('carl', 20);
    const text = JSON.stringify({ submission: 'b\u001b[31mob', ...rest });
    await writeFile(join(odd('new'), 'carl', 'results.json'), text);

    const { code, stdout, stderr } = await grade('diff', odd('old'), odd('new'));

    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.include('ada  10/20 → 20/20 (+10)').and.include('ben  10/20 → 20/20 (+10)');
    expect(stdout).to.include('it is the result of "bob"');
  });

  it('should not say what a file says to the terminal', async () => {
    const path = at('forged.json');
    await writeFile(path, JSON.stringify({ schema: '\u001b]0;x\u0007\u009bm\nv9' }));

    const { code, stderr } = await grade('diff', path, at('new', 'carl', 'results.json'));

    expect(stderr)
      .to.include('v9')
      .and.not.match(/(?!\n)\p{Cc}/u);
    expect(code).to.equal(2);
  });

  for (const [what, args, message] of [
    ['one side', ['old'], 'Which two?'],
    ['a side that is not there', ['old', 'none'], 'it is not there'],
    ['a folder and a file', ['old', 'new/ada/results.json'], 'not one of each'],
    ['a folder without results', ['old', '.'], 'holds no results'],
    ['a file that is none', ['new/ada/results.json', 'new/finn/results.json'], 'no "schema"'],
  ] as const) {
    it(`should refuse ${what}`, async () => {
      const { code, stdout, stderr } = await grade('diff', ...args.map((name) => at(name)));

      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
    });
  }
});
