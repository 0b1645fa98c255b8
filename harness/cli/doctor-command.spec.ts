/** `grade.ts doctor` and `--require-layers`, as processes. */
import { join } from 'node:path';
import { expect } from 'chai';
import { unisolated } from '../sandbox/testing/unisolated.ts';
import { finish, grade, type Outcome, start } from './testing/command.ts';

const SOLUTION = join(__dirname, '../../reference/solution');

/** The command where no tool may make namespaces; `null` where there is no such place. */
async function gradeUnisolated(...args: readonly string[]): Promise<Outcome | null> {
  const wrapper = unisolated();
  return wrapper && (await finish(start(args, {}, wrapper)));
}

describe('grade.ts doctor', function () {
  this.timeout(60_000);

  it('should say what there is, and whether that will do', async () => {
    const { code, stdout } = await grade('doctor');

    expect(code).to.equal(0);
    expect(stdout)
      .to.include(process.version)
      .and.match(/^layers active: process, wall-clock, node-permission, .*ses$/mu)
      .and.include('Ready to grade');
  });

  it('should say what to do about what is missing', async function () {
    const seen = (await gradeUnisolated('doctor')) ?? this.skip();

    expect(seen.code).to.equal(0);
    expect(seen.stdout)
      .to.match(/! bwrap/u)
      .and.include('bwrap may not make namespaces here')
      .and.include('Ready to grade your own code.');
  });

  it('should give the same as JSON', async () => {
    const { code, stdout } = await grade('doctor', '--json');
    const { layers } = JSON.parse(stdout) as { layers: { layer: string; state: string }[] };

    expect(code).to.equal(0);
    expect(layers).to.deep.include.members([
      {
        layer: 'ses',
        state: 'active',
        purpose: 'the language it runs in is frozen, without clock, chance or event loop',
        advice: null,
      },
    ]);
  });

  it('should refuse a word', async () => {
    const { code, stderr } = await grade('doctor', 'me');

    expect(code).to.equal(2);
    expect(stderr).to.include('takes no "me"');
  });
});

describe('--require-layers', function () {
  this.timeout(60_000);

  it('should change nothing where the layers are up', async () => {
    const { code, stdout } = await grade(
      SOLUTION,
      ...['--assignment', 'page-table', '--only', 'pt-indices', '--require-layers', 'ses,process'],
    );

    expect(code).to.equal(0);
    expect(stdout).to.include('100 %');
  });

  it('should grade nothing where one is missing, and exit with 3', async function () {
    const seen = (await gradeUnisolated(SOLUTION, '--require-layers', 'ses,bwrap')) ?? this.skip();

    expect(seen.code).to.equal(3);
    expect(seen.stderr)
      .to.include('the layer bwrap is required and is not there')
      .and.include('Nothing was graded.')
      .and.not.include('ses is required');
  });

  it('should know which layers there are', async () => {
    const { code, stderr } = await grade(SOLUTION, '--require-layers', 'bwarp');

    expect(code).to.equal(2);
    expect(stderr).to.include('There is no layer "bwarp". Did you mean bwrap?');
  });
});
