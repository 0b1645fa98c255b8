import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { dropAhead, startAhead, startProcesses } from './processes.ts';

/** Processes that this one has started, where the system tells. */
function children(): readonly string[] {
  const path = `/proc/self/task/${String(process.pid)}/children`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
}

describe('processes', () => {
  it('should be taken over by the first who needs them for one submission', async () => {
    startAhead();
    const ahead = children();
    startAhead();
    const first = startProcesses(false);
    expect(children()).to.deep.equal(ahead);
    const several = startProcesses(true);
    const second = startProcesses(false);

    await dropAhead();
    const all = new Set([several, first, second].map(({ sandbox }) => sandbox));
    const loaded = await first.sandbox.load({});

    expect(all.size).to.equal(3);
    expect(loaded.kind).to.equal('ready');
    for (const { compiler, sandbox } of [several, first, second])
      await Promise.all([compiler.close(), sandbox.close()]);
  });

  it('should be ended where nobody takes them over', async () => {
    startAhead();
    await dropAhead();
    await dropAhead();

    const { compiler, sandbox } = startProcesses(false);
    expect((await sandbox.load({})).kind).to.equal('ready');
    await Promise.all([compiler.close(), sandbox.close()]);
  });
});
