import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTool } from './find-tool.ts';
import { unisolated } from './testing/unisolated.ts';

const SANDBOX = join(__dirname, 'child-process.ts');

/** What a program on a sandbox comes to, and the walls around it, in a process that is started by `wrapper`. */
function playedUnder(wrapper: readonly string[]): { kind: string; layers: string[] } {
  const script = `
    const { Sandbox } = require(${JSON.stringify(SANDBOX)});
    void (async () => {
      const sandbox = new Sandbox();
      await sandbox.load({ 'page-table.ts': { js: 'exports.PageTable = class {};', freeNames: [] } });
      const program = { pager: 'lazy', world: { cpus: 1 }, ops: [] };
      const { kind } = await sandbox.run(program, { recordSites: false, wallMs: 20_000 });
      console.log(JSON.stringify({ kind, layers: sandbox.layers }));
      await sandbox.close();
    })();`;
  const [command = '', ...args] = [
    ...wrapper,
    ...[process.execPath, '-r', 'ts-node/register', '-e', script],
  ];
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect(stdout, stderr).not.to.equal('');
  return JSON.parse(stdout) as { kind: string; layers: string[] };
}

describe('the walls of the system', () => {
  it('should be up where they can be', function () {
    if (process.platform !== 'linux') this.skip();
    const { kind, layers } = playedUnder([]);

    expect(kind).to.equal('trace');
    if (findTool('prlimit') !== null) expect(layers).to.include('rlimits');
  });

  it('should be left out where they cannot, and not be named', function () {
    const { kind, layers } = playedUnder(unisolated() ?? this.skip());

    expect(kind).to.equal('trace');
    expect(layers).to.include.members(['process', 'wall-clock', 'node-permission', 'ses']);
    expect(layers).not.to.include.oneOf(['bwrap', 'unshare']);
  });
});
