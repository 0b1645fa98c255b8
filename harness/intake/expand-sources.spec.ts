import { expect } from 'chai';
import fc from 'fast-check';
import { expandSources } from './expand-sources.ts';

describe('expandSources', () => {
  const ids = async (...paths: string[]) => (await expandSources(paths)).map(({ id }) => id);

  it('should keep the order and the paths', async () => {
    const found = await expandSources(['b/', 'a.zip']);

    expect(found.map(({ id, path, from }) => ({ id, path, from }))).to.deep.equal([
      { id: 'b', path: 'b/', from: 'b/' },
      { id: 'a', path: 'a.zip', from: 'a.zip' },
    ]);
  });

  it('should number equal names', async () => {
    expect(await ids('x/alice', 'y/alice', 'alice.zip')).to.eql(['alice', 'alice-2', 'alice-3']);
  });

  it('should not give a numbered name twice', async () => {
    expect(await ids('alice', 'x/alice', 'alice-2')).to.eql(['alice', 'alice-2', 'alice-2-2']);
    expect(await ids('alice-2', 'alice', 'x/alice')).to.eql(['alice-2', 'alice', 'alice-3']);
  });

  it('should tell names apart on disks that ignore case', async () => {
    expect(await ids('Alice', 'alice')).to.eql(['Alice', 'alice-2']);
  });

  it('should always give as many different names as paths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'A', 'a-2', 'a.zip', '.', '-a'), { minLength: 2 }),
        async (paths) => {
          const found = await ids(...paths);

          expect(new Set(found.map((id) => id.toLowerCase())).size).to.equal(paths.length);
        },
      ),
    );
  });
});
