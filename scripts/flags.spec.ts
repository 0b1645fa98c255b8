import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect } from 'chai';

const ROOT = resolve(__dirname, '..');

function run(script: string, ...args: readonly string[]) {
  const command = ['-r', 'ts-node/register', `scripts/${script}.ts`, ...args];
  return spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
}

describe('the flags of a script', () => {
  it('should be explained by what the script begins with', () => {
    const { status, stdout } = run('attacks', '--help');

    expect(status).to.equal(0);
    expect(stdout).to.match(/^Plays the project's attacks .*\n[^]*\n`--table`: [^*]*$/);
  });

  for (const [what, script, args, told] of [
    ['an option that there is not', 'attacks', ['--nodes', 'x'], "Unknown option '--nodes'"],
    ['an option without its value', 'fairness', ['--jobs'], "'--jobs <value>' argument missing"],
    [
      'no number',
      'fairness',
      ['--moved', 'all'],
      '--moved is a whole number from 1 on, not "all".',
    ],
    [
      'an assignment that there is not',
      'fairness',
      ['--assignment', 'x'],
      'There is no assignment "x".',
    ],
    ['a mutant that there is not', 'fairness', ['--only', 'x'], 'No planted bug is called so.'],
    [
      'an assignment of automatic mutants that there is not',
      'automatic-mutants',
      ['--assignment', 'forks'],
      'There is no assignment "forks".',
    ],
    ['a part that there is not', 'measure', ['--only', 'time'], 'There is no part "time".'],
  ] as const) {
    it(`should be refused in one sentence: ${what}`, () => {
      const { status, stdout, stderr } = run(script, ...args);

      expect(status).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.include(told);
      expect(stderr.trim().split('\n')).to.have.lengthOf(2);
    });
  }
});
