import { expect } from 'chai';
import { ModelRuns } from './model-runs.ts';

describe('ModelRuns', () => {
  it('should not keep that the model could not be loaded', async () => {
    let asked = 0;
    const sut = new ModelRuns(() => Promise.reject(new Error(`failure ${String(++asked)}`)));
    const program = { ops: [] } as unknown as Parameters<ModelRuns['of']>[0];

    const first = await sut.of(program).catch(String);
    const second = await sut.of(program).catch(String);

    expect([first, second]).to.deep.equal(['Error: failure 1', 'Error: failure 2']);
  });
});
