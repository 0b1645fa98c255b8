import { expect } from 'chai';
import fc from 'fast-check';
import { classAt, rowsAt } from './testing/class-at.ts';
import { accepted } from './testing/outcome.ts';
import { tarOf, type Tree, zipOf } from './testing/pack.ts';
import { Workspace } from './testing/workspace.ts';

/** What may make a name look as if another platform had written it, or somebody else’s. */
const piece = fc.oneof(
  fc.constantFrom(
    '_',
    '_1',
    '_2',
    '_14_505',
    'ada',
    'Ada Lovelace',
    'LATE',
    'anon',
    '-2',
    ' ',
    '.',
  ),
  fc.constantFrom('_assignsubmission', '_file', '_onlinetext', '_assignsubmission_file_'),
  fc.constantFrom('submission_1', 'submission_metadata.yml', 'page-table', '_text.html', '.zip'),
  fc.string({ maxLength: 4 }).map((text) => text.replace(/[\\/\p{C}]/gu, '')),
);
const chosen = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''))
  .filter((name) => !/^\.*$/u.test(name));
/** Names of files that somebody hands in. */
const files = fc.uniqueArray(
  fc.tuple(chosen, fc.constantFrom('', '.ts', '.zip', '.tar.gz')).map((parts) => parts.join('')),
  { minLength: 1, maxLength: 6, selector: (name) => name.toLowerCase() },
);
const honest = fc.integer({ min: 2, max: 4 });

describe('a class in which one chooses the names of their files', () => {
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.remove());

  const code = (n: number): string => `// of ${String(n)}`;
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

  /** Everybody honest has a row with their own file and nothing else. */
  const expectHonest = async (tree: Tree, ids: readonly string[]): Promise<void> => {
    const found = await classAt(workspace.file('class.tar', await tarOf(tree)));
    for (const [index, id] of ids.entries()) {
      const one = found.get(id);
      expect(one, `${id} in ${[...found.keys()].join(', ')}`).to.not.equal(undefined);
      expect(accepted(one!).files, id).to.deep.equal({ 'fork.ts': code(index + 1) });
    }
  };

  it('should keep everybody’s row in a download from Canvas', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(honest, files, async (count, names) => {
        const eve = names.map((name, n) => [`eve_99_${String(900 + n)}_${name}`, '// eve']);
        const others = numbers(count).map((n) => [
          `s_${String(n)}_50${String(n)}_fork.ts`,
          code(n),
        ]);

        await expectHonest(
          Object.fromEntries([...eve, ...others]) as Tree,
          numbers(count).map((n) => `s_${String(n)}`),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('should keep everybody’s row in a download from Moodle without folders', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(honest, files, async (count, names) => {
        const prefix = (who: string, n: number) => `${who}_${String(n)}_assignsubmission_file_`;
        const eve = names.map((name) => [prefix('Eve E', 99) + name, '// eve']);
        const others = numbers(count).map((n) => [`${prefix('S', n)}fork.ts`, code(n)]);

        await expectHonest(
          Object.fromEntries([...eve, ...others]) as Tree,
          numbers(count).map((n) => `S_${String(n)}`),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('should keep everybody’s row among archives', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(honest, chosen, async (count, name) => {
        const packed = await Promise.all(
          numbers(count).map(async (n) => [
            `s${String(n)}.zip`,
            await zipOf({ 'fork.ts': code(n) }),
          ]),
        );
        const eve = [`${name}.zip`, await zipOf({ 'fork.ts': '// eve' })];

        await expectHonest(
          Object.fromEntries([eve, ...packed]) as Tree,
          numbers(count).map((n) => `s${String(n)}`),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('should not take a file of Canvas’s for a text of Moodle’s', async () => {
    const tree = {
      'alice_11_501_fork.ts': '',
      'bob_12_502_fork.ts': '',
      'eve_14_504_fork.ts': '',
      'eve_14_505_onlinetext_notes.ts': '',
    };

    expect(await rowsAt(workspace.write('canvas', tree))).to.deep.equal([
      'alice_11: fork.ts',
      'bob_12: fork.ts',
      'eve_14: fork.ts onlinetext_notes.ts',
    ]);
  });

  for (const name of ['eve_1_onlinetext_x', 'eve_1_2_x', 'eve_1_assignsubmission_file_x']) {
    it(`should not take archives for a download of a platform because one is called ${name}`, async () => {
      const packed = await zipOf({ 'fork.ts': '' });
      const tree = { 'alice.zip': packed, 'bob.zip': packed, [`${name}.zip`]: packed };

      expect(await rowsAt(workspace.write(name, tree))).to.deep.equal([
        'alice: fork.ts',
        'bob: fork.ts',
        `${name}: fork.ts`,
      ]);
    });
  }
});
