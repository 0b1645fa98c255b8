import { expect } from 'chai';
import { dropAhead, startAhead, startProcesses } from './processes.ts';

describe('processes', () => {
  it('should be taken over by the first who needs them for one submission', async () => {
    startAhead();
    startAhead();
    const several = startProcesses(true);
    const first = startProcesses(false);
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
