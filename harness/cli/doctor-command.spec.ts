/** `grade.ts doctor` and `--require-layers`, as processes. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTool } from '../sandbox/find-tool.ts';
import { grade } from './testing/command.ts';

const REPOSITORY = join(__dirname, '../..');
const SOLUTION = join(REPOSITORY, 'reference/solution');

/** A command in a place where no tool may make namespaces; `null` where such a place cannot be made. */
function unisolated(...args: readonly string[]): { status: number | null; output: string } | null {
  const wrapper = ['--dev-bind', '/', '/', '--unshare-user', '--disable-userns'];
  const bwrap = findTool('bwrap');
  if (bwrap === null || spawnSync(bwrap, [...wrapper, 'true']).status !== 0) return null;
  const command = [process.execPath, '-r', 'ts-node/register', 'grade.ts', ...args];
  const run = spawnSync(bwrap, [...wrapper, ...command], { cwd: REPOSITORY, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
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

  it('should say what to do about what is missing', function () {
    const seen = unisolated('doctor') ?? this.skip();

    expect(seen.status).to.equal(0);
    expect(seen.output)
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

  it('should grade nothing where one is missing, and exit with 3', function () {
    const seen = unisolated(SOLUTION, '--require-layers', 'ses,bwrap') ?? this.skip();

    expect(seen.status).to.equal(3);
    expect(seen.output)
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
