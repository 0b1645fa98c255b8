import { expect } from 'chai';
import { classAt, rowsAt } from './testing/class-at.ts';
import { accepted, reasonOf } from './testing/outcome.ts';
import { tgzOf, type Tree, zipOf } from './testing/pack.ts';
import { Workspace } from './testing/workspace.ts';

const METADATA = `---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '007'
    :email: ada@example.org
  - :name: Grace Hopper
    :sid: 8
    :email: grace@example.org
  :created_at: 2026-03-01 17:00:00.123456789 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    output: "as it \\u001b[31mwas"
submission_12:
  :submitters:
  - :name: Alan Turing
    :sid:
    :email: alan@example.org
  :created_at: 2026-03-01 18:00:00.000000000 Z
`;
const GRADESCOPE: Tree = {
  'assignment_1_export/submission_metadata.yml': METADATA,
  'assignment_1_export/submission_11/hw/fork.ts': '//',
  'assignment_1_export/submission_12/page-table.ts': '//',
};

describe('the layouts of a class', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const folder = (tree: Tree) => workspace.write('class', tree);
  const zip = async (tree: Tree) => workspace.file('class.zip', await zipOf(tree));

  describe('Gradescope', () => {
    for (const [kind, make] of [
      ['folder', (tree: Tree) => Promise.resolve(folder(tree))],
      ['zip', zip],
      ['tar.gz', async (tree: Tree) => workspace.file('class.tgz', await tgzOf(tree))],
    ] as const) {
      it(`should read a ${kind}, with all members of a group`, async () => {
        const found = await classAt(await make(GRADESCOPE));

        expect([...found.keys()]).to.deep.equal(['submission_11', 'submission_12']);
        const group = accepted(found.get('submission_11')!);
        expect(Object.keys(group.files)).to.deep.equal(['fork.ts']);
        expect(group.submitters).to.deep.equal([
          { name: 'Ada Lovelace', email: 'ada@example.org', sid: '007', platformId: null },
          { name: 'Grace Hopper', email: 'grace@example.org', sid: '8', platformId: null },
        ]);
        expect(found.get('submission_12')!.submitters[0]).to.include({ sid: null });
      });
    }

    it('should count the newest attempt, by time and not by number, and name the others', async () => {
      const again = (key: string, time: string) =>
        `${key}:\n  :submitters:\n  - :name: A\n    :sid: '007'\n  :created_at: ${time}\n`;
      const path = folder({
        'submission_metadata.yml':
          again('submission_3', '2026-03-01 09:00:00 -08:00') +
          again('submission_4', '2026-03-01 16:59:59.9 Z') +
          again('submission_5', '2026-02-01 10:00:00 Z'),
        'submission_3/fork.ts': '// newest',
        'submission_4/fork.ts': '//',
        'submission_5/fork.ts': '//',
      });

      const found = await classAt(path);

      expect([...found.keys()]).to.deep.equal(['submission_3']);
      expect(accepted(found.get('submission_3')!).provenance).to.deep.equal([
        '"submission_3" counts, not the older "submission_4", "submission_5".',
      ]);
    });

    it('should keep an older attempt that counts for somebody else, too', async () => {
      const alone = METADATA.replace('alan@example.org', 'ada@example.org').replace(
        ':sid:\n    :email: ada',
        ":sid: '007'\n    :email: ada",
      );

      expect(
        await rowsAt(
          folder({ ...GRADESCOPE, 'assignment_1_export/submission_metadata.yml': alone }),
        ),
      ).to.deep.equal(['submission_11: fork.ts', 'submission_12: page-table.ts']);
    });

    it('should have a row without a score for a submission that is listed and not there', async () => {
      const { 'assignment_1_export/submission_12/page-table.ts': _, ...rest } = GRADESCOPE;

      const found = await classAt(await zip(rest));

      expect(found.get('submission_12')).to.include({
        outcome: 'error',
        reason: 'There is no file of "submission_12"; export it again.',
      });
    });

    it('should note a folder that is not listed', async () => {
      const found = await classAt(
        folder({ ...GRADESCOPE, 'assignment_1_export/submission_9/fork.ts': '' }),
      );

      expect(accepted(found.get('submission_9')!).provenance[0]).to.include(
        'is not in "submission_metadata.yml"',
      );
    });

    for (const [what, text] of [
      ['no YAML', 'a: [b'],
      ['no map', '- 1'],
      [
        'a bomb of aliases',
        `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefghij'
          .split('')
          .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`).join()}]`)
          .join('\n')}`,
      ],
    ] as const) {
      it(`should grade nameless submissions and say so where the list is ${what}`, async () => {
        const rows = await rowsAt(
          folder({ 'submission_metadata.yml': text, 'submission_1/fork.ts': '' }),
        );

        expect(rows).to.deep.equal(['submission_1: fork.ts', 'class: error']);
      });
    }

    it('should take the list for a file like any other where there are no folders of it', async () => {
      const path = folder({ 'submission_metadata.yml': METADATA, 'fork.ts': '', 'src/x.ts': '' });

      expect(await rowsAt(path)).to.deep.equal(['class: fork.ts src/x.ts']);
    });
  });

  describe('Canvas', () => {
    it('should gather the files of each student, and their numbers', async () => {
      const found = await classAt(
        await zip({
          'lovelaceada_123_1_page-table.ts': '// 1',
          'lovelaceada_123_2_bits.ts': '//',
          'turing_alan_LATE_124_3_fork-2.ts': '//',
          'hopper_125_4_hw-1.zip': await zipOf({ 'hw/fork.ts': '//' }),
          'gauss_126_text.html': '<p>',
        }),
      );

      expect([...found.keys()]).to.deep.equal([
        'gauss_126',
        'hopper_125',
        'lovelaceada_123',
        'turing_alan_124',
      ]);
      const ada = accepted(found.get('lovelaceada_123')!);
      expect(Object.keys(ada.files)).to.deep.equal(['bits.ts', 'page-table.ts']);
      expect(ada.submitters[0]).to.include({ name: 'lovelaceada', platformId: '123' });
      expect(Object.keys(accepted(found.get('turing_alan_124')!).files)).to.deep.equal(['fork.ts']);
      expect(Object.keys(accepted(found.get('hopper_125')!).files)).to.deep.equal(['fork.ts']);
      expect(reasonOf(found.get('gauss_126')!)).to.include('only "text.html"');
    });

    it('should count the newest attempt at a file and name the others', async () => {
      const found = await classAt(
        folder({
          'a_1_7_fork.ts': '// 0',
          'a_1_8_fork-10.ts': '// 10',
          'a_1_9_fork-9.ts': '// 9',
        }),
      );

      const sut = accepted(found.get('a_1')!);
      expect(sut.files).to.deep.equal({ 'fork.ts': '// 10' });
      expect(sut.provenance).to.deep.equal([
        '"fork-10.ts" counts, not the older "fork-9.ts".',
        '"fork-10.ts" counts, not the older "fork.ts".',
      ]);
    });

    it('should give a helper file the name that the code asks for', async () => {
      const found = await classAt(
        folder({
          'a_1_7_fork.ts': `import './bits';import "./level-1.ts"`,
          'a_1_8_bits-3.ts': '',
          'a_1_9_level-1.ts': '',
        }),
      );

      expect(Object.keys(accepted(found.get('a_1')!).files)).to.deep.equal([
        'bits.ts',
        'fork.ts',
        'level-1.ts',
      ]);
    });

    it('should let nobody speak for others by the name of a file', async () => {
      const found = await classAt(
        folder({ 'eve_1_2_bob_3_4_fork.ts': '', 'bob_3_9_fork.ts': '// bob' }),
      );

      expect(accepted(found.get('bob_3')!).files).to.deep.equal({ 'fork.ts': '// bob' });
      expect(reasonOf(found.get('eve_1')!)).to.include('No expected file');
    });

    it('should read an assignment without names', async () => {
      const rows = await rowsAt(
        folder({ 'LATE_anon_x7Fq2_1_fork.ts': '', 'anon_1aB_2_fork.ts': '' }),
      );

      expect(rows).to.deep.equal(['anon_1aB: fork.ts', 'anon_x7Fq2: fork.ts']);
    });

    it('should say what belongs to nobody', async () => {
      const found = await classAt(
        folder({ 'a_1_7_fork.ts': '', 'b_2_8_fork.ts': '', 'x.zip': '' }),
      );

      expect(reasonOf(found.get('class')!)).to.include('nobody’s submission holds "x.zip"');
    });
  });

  describe('Moodle', () => {
    it('should read folders, of files and of texts, with and without the last underscore', async () => {
      const found = await classAt(
        await zip({
          'Ada Lovelace_123456_assignsubmission_file_/src/fork.ts': '//',
          'Ada Lovelace_123456_assignsubmission_onlinetext_/onlinetext.html': '<p>',
          'José_124_assignsubmission_file/hw.zip': await zipOf({ 'fork.ts': '//' }),
          'Li_125_onlinetext_/onlinetext.html': '<p>',
        }),
      );

      expect([...found.keys()]).to.deep.equal(['Ada_Lovelace_123456', 'José_124', 'Li_125']);
      const ada = accepted(found.get('Ada_Lovelace_123456')!);
      expect(ada.files).to.deep.equal({ 'fork.ts': '//' });
      expect(ada.submitters).to.deep.equal([
        { name: 'Ada Lovelace', email: null, sid: null, platformId: '123456' },
      ]);
      expect(accepted(found.get('José_124')!).files).to.deep.equal({ 'fork.ts': '//' });
      expect(reasonOf(found.get('Li_125')!)).to.include('No expected file');
    });

    it('should read files side by side', async () => {
      const rows = await rowsAt(
        folder({
          'Ada_1_assignsubmission_file_fork.ts': '',
          'Ada_1_assignsubmission_file_page-table.ts': '',
          'Bob_2_assignsubmission_file_Ada_1_assignsubmission_file_fork.ts': '',
        }),
      );

      expect(rows).to.deep.equal(['Ada_1: fork.ts page-table.ts', 'Bob_2: rejected']);
    });

    it('should read a class of one', async () => {
      expect(await rowsAt(folder({ 'Ada_1_assignsubmission_file_/fork.ts': '' }))).to.deep.equal([
        'Ada_1: fork.ts',
      ]);
    });
  });

  describe('folders and archives side by side', () => {
    it('should read them, in folders that hold nothing else', async () => {
      const rows = await rowsAt(
        folder({
          'hw3/hw3/alice/src/fork.ts': '',
          'hw3/hw3/bob.zip': await zipOf({ 'bob/fork.ts': '' }),
          'hw3/hw3/carol.tar.gz': await tgzOf({ 'fork.ts': '' }),
          'hw3/hw3/dave/dave.zip': await zipOf({ 'fork.ts': '' }),
          'hw3/hw3/eve/notes.txt': '',
          'hw3/hw3/roster.csv': '',
          '__MACOSX/x': '',
        }),
      );

      expect(rows).to.deep.equal([
        'alice: fork.ts',
        'bob: fork.ts',
        'carol: fork.ts',
        'dave: fork.ts',
        'eve: rejected',
      ]);
    });

    it('should take for one submission what may be one', async () => {
      const trees: Tree[] = [
        { 'fork.ts': '', 'old/fork.ts': '' },
        { 'src/fork.ts': '', 'test/fork.ts': '', 'backup/old.zip': '' },
        { 'src/fork.ts': '', 'submitted.zip': '' },
        { 'hw/hw/src/fork.ts': '', 'hw/hw/README.md': '' },
      ];
      for (const [i, tree] of trees.entries()) {
        expect(await rowsAt(workspace.write(`one${i}`, tree))).to.have.length(1);
        expect((await rowsAt(workspace.path(`one${i}`)))[0]).to.match(/^one\d: .*fork\.ts/);
      }
    });

    it('should take one folder for a class if it is known to be one', async () => {
      const path = folder({ 'alice/fork.ts': '' });

      expect(await rowsAt(path)).to.deep.equal(['class: fork.ts']);
      expect(await rowsAt(path, true)).to.deep.equal(['alice: fork.ts']);
    });

    it('should tell apart names that differ in case or in how they are composed', async () => {
      const rows = await rowsAt(
        await zip({
          'Bob/fork.ts': '',
          'bob/fork.ts': '',
          'jos\u00e9/fork.ts': '',
          'jose\u0301/fork.ts': '',
        }),
      );

      expect(rows).to.deep.equal([
        'Bob: fork.ts',
        'bob-2: fork.ts',
        'jos\u00e9: fork.ts',
        'jos\u00e9-2: fork.ts',
      ]);
    });
  });
});
