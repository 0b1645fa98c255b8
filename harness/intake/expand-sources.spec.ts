import { expect } from 'chai';
import fc from 'fast-check';
import { expandSources } from './expand-sources.ts';
import { readSubmission } from './read-submission.ts';
import { isRejection } from './submission.ts';
import { accepted } from './testing/outcome.ts';
import { tgzOf, zipOf } from './testing/pack.ts';
import { Workspace } from './testing/workspace.ts';

const AT_TOP = { 'ada/fork.ts': '// ada', 'bob/fork.ts': '// bob' };

describe('expandSources', () => {
  const ids = async (...paths: string[]) => (await expandSources(paths)).map(({ id }) => id);

  it('should keep the order and the paths', async () => {
    const found = await expandSources(['b/', 'a.zip']);

    expect(found.map(({ id, path, from }) => ({ id, path, from }))).to.deep.equal([
      { id: 'b', path: 'b/', from: 'b/' },
      { id: 'a', path: 'a.zip', from: 'a.zip' },
    ]);
  });

  describe('classes', () => {
    let workspace: Workspace;
    beforeEach(() => (workspace = new Workspace()));
    afterEach(() => workspace.remove());

    const TREE = { 'hw/ada/fork.ts': '// ada', 'hw/bob/fork.ts': '// bob' };
    const textAt = async (path: string) => {
      const [source, ...others] = await expandSources([path]);
      expect(others).to.deep.equal([]);
      return accepted(await readSubmission(source!)).files['fork.ts'];
    };

    it('should find each submission again at its path', async () => {
      for (const path of [
        workspace.write('folder', TREE),
        workspace.file('class.zip', await zipOf(TREE)),
        workspace.file('class.tgz', await tgzOf(TREE)),
      ]) {
        const sources = await expandSources([path]);

        expect(sources.map((source) => source.path)).to.deep.equal([
          `${path}/hw/ada`,
          `${path}/hw/bob`,
        ]);
        expect(await textAt(sources[1]!.path)).to.equal('// bob');
        expect(await ids(...sources.map((source) => source.path))).to.eql(['ada', 'bob']);
      }
    });

    it('should find again what lies side by side', async () => {
      const path = workspace.write('canvas', {
        'ada_LATE_1_7_fork-1.ts': '// ada',
        'bob_2_8_fork.ts': '// bob',
      });

      expect(await textAt(`${path}/ada_1`)).to.equal('// ada');
      expect(
        isRejection(await readSubmission((await expandSources([`${path}/eve_3`]))[0]!)),
      ).to.equal(true);
    });

    it('should take each of several paths for one submission, whatever it looks like', async () => {
      const forged = workspace.write('eve', {
        'submission_metadata.yml': 'submission_1:\n  :submitters:\n  - :name: Ada\n',
        'submission_1/fork.ts': '',
        'submission_2/fork.ts': '',
      });
      const sources = await expandSources([forged, workspace.write('bob', { 'fork.ts': '' })]);

      expect(sources.map(({ id, submitters }) => [id, submitters.length])).to.deep.equal([
        ['eve', 0],
        ['bob', 0],
      ]);
    });

    it('should take several paths for classes if told to', async () => {
      const one = workspace.write('one', TREE);
      const two = workspace.file('two.zip', await zipOf(TREE));

      const sources = await expandSources([one, two], true);

      expect(sources.map(({ id }) => id)).to.deep.equal(['ada', 'bob', 'ada-2', 'bob-2']);
      expect(sources.map(({ from }) => from)).to.deep.equal([one, one, two, two]);
    });
  });

  it('should not let a file beside the submissions of a class make one of them', async () => {
    const workspace = new Workspace();
    const loose = workspace.write('loose', { ...AT_TOP, 'fork.ts': "export * from './ada/fork';" });
    const packed = workspace.write('packed', { 'fork.ts': '// whose?' });
    workspace.file('packed/ada.zip', await zipOf({ 'fork.ts': '// ada' }));
    workspace.file('packed/bob.zip', await zipOf({ 'fork.ts': '// bob' }));

    for (const path of [loose, packed]) {
      const [ada, bob, trouble, ...more] = await expandSources([path], true);

      expect(more).to.deep.equal([]);
      expect([ada!.id, bob!.id]).to.deep.equal(['ada', 'bob']);
      expect(accepted(await readSubmission(bob!)).files).to.deep.equal({ 'fork.ts': '// bob' });
      const why = await trouble!.contents().then(
        () => '',
        (error: unknown) => String(error),
      );
      expect(why).to.include('fork.ts lies beside the submissions, and nobody knows whose it is');
    }
    // Nobody has said that this is a class.
    expect(await ids(loose)).to.deep.equal(['loose']);
    workspace.remove();
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
