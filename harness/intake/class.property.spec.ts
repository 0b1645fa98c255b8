import { expect } from 'chai';
import fc from 'fast-check';
import { classAt } from './testing/class-at.ts';
import { tarOf, tgzOf, type Tree, zipOf } from './testing/pack.ts';
import { Workspace } from './testing/workspace.ts';
import { isRejection } from './submission.ts';

/** Odd, but possible everywhere: no step is litter, and no two differ only in how a disk may write them. */
const step = fc.constantFrom(
  'ada',
  'Ada B',
  "o'hara",
  'say "hi"',
  '-rf',
  '☃ 𝕏',
  'jose\u0301',
  'src',
  'x'.repeat(120),
  '%2e%2e',
  '=1+1',
  'Ada Lovelace_7_assignsubmission_file_',
  'Li_8_assignsubmission_onlinetext_',
  'submission_11',
  'turing_9_1_hw',
);
const leaf = fc.constantFrom(
  'fork.ts',
  'page-table.ts',
  'fork-1.ts',
  'turing_9_2_fork-1.ts',
  'LATE_anon_a1b_3_fork.ts',
  'Ada Lovelace_7_assignsubmission_file_fork.ts',
  'notes.txt',
  'submission_metadata.yml',
);
const content = fc.constantFrom('', '// one', '// two', 'submission_11:\n  :submitters: []\n');
const tree = fc
  .array(fc.tuple(fc.array(step, { maxLength: 3 }), leaf, content), { minLength: 1, maxLength: 8 })
  .map((files): Tree =>
    Object.fromEntries(files.map(([steps, name, text]) => [[...steps, name].join('/'), text])),
  )
  // A path that is a file here and a folder there is in no tree.
  .filter((files) =>
    Object.keys(files).every(
      (path) => !Object.keys(files).some((other) => other.startsWith(`${path}/`)),
    ),
  );

describe('any class', () => {
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.remove());

  /** What becomes of every submission, without the words that name the source. */
  const outcomes = async (path: string, isClass: boolean) =>
    [...(await classAt(path, isClass))].map(([id, one]) =>
      isRejection(one)
        ? [id, one.outcome]
        : [id, one.digest, one.notes, one.provenance, one.submitters],
    );

  it('should be the same as a folder, a zip, a tar and a tar.gz', async function () {
    this.timeout(60_000);
    let runs = 0;
    let several = 0;
    await fc.assert(
      fc.asyncProperty(tree, fc.boolean(), async (files, isClass) => {
        const name = (runs++).toString();
        const folder = await outcomes(workspace.write(`${name}/class`, files), isClass);
        if (folder.length > 1) several++;
        for (const [ending, pack] of [
          ['zip', zipOf],
          ['tar', tarOf],
          ['tgz', tgzOf],
        ] as const) {
          const path = workspace.file(`${name}/class.${ending}`, await pack(files));
          expect(await outcomes(path, isClass), ending).to.deep.equal(folder);
        }
      }),
      { numRuns: 150 },
    );
    expect(several, 'classes of several').to.be.greaterThan(20);
  });

  it('should have names that are safe and all different', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), {
          maxLength: 8,
        }),
        async (names) => {
          const files = Object.fromEntries(names.map((name) => [`${name}/fork.ts`, '']));
          const path = workspace.file('names.tar', await tarOf({ 'a/fork.ts': '', ...files }));

          const ids = [...(await classAt(path, true)).keys()];

          expect(new Set(ids.map((id) => id.toLowerCase())).size).to.equal(ids.length);
          for (const id of ids)
            expect(id).to.match(/^[^\p{C}\p{Z}/\\:*?"<>|.-][^\p{C}\p{Z}/\\:*?"<>|]*$/u);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('should survive any damage to a tar file', async () => {
    const whole = await tarOf({ 'hw/ada/fork.ts': '//', [`hw/bob/${'b'.repeat(200)}.ts`]: '//' });
    const damage = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.oneof(fc.constantFrom(0, 0x30, 0x35, 0x4c, 0x78, 0x80, 0xff), fc.nat({ max: 255 })),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const bytes = Buffer.from(whole);
        for (const { at, value } of damages) bytes[at] = value;

        for (const one of (await classAt(workspace.file('any.tar', bytes), true)).values()) {
          if (isRejection(one))
            expect(one.reason).to.match(/^[\p{Lu}"][^\p{Cc}\p{Cf}\p{Cs}]*[.]$/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});
