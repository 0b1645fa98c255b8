import { expect } from 'chai';
import { accepted, reasonOf } from './testing/outcome.ts';
import { Workspace } from './testing/workspace.ts';
import { readPath as readSubmission } from './testing/read-path.ts';

const CODE = 'export const answer = 42;\n';

describe('readSubmission', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const readTree = (files: Record<string, string | Buffer>) =>
    readSubmission(workspace.write('alice', files));

  describe('a folder', () => {
    it('should give its files, its name and its path', async () => {
      const path = workspace.write('alice', { 'page-table.ts': CODE, 'lib/bits.ts': '// ü\r\n' });

      const sut = accepted(await readSubmission(path));

      expect(sut.id).to.equal('alice');
      expect(sut.source).to.equal(path);
      expect(sut.files).to.deep.equal({ 'page-table.ts': CODE, 'lib/bits.ts': '// ü\r\n' });
      expect(sut.digest).to.match(/^[0-9a-f]{64}$/);
      expect(sut.notes).to.deep.equal([]);
    });

    it('should take the name it is told', async () => {
      const path = workspace.write('alice', { 'fork.ts': CODE });

      expect(accepted(await readSubmission(path, 'alice-2')).id).to.equal('alice-2');
    });

    it('should find the code in src', async () => {
      const sut = accepted(await readTree({ 'README.md': '#', 'src/fork.ts': CODE }));

      expect(Object.keys(sut.files)).to.deep.equal(['fork.ts']);
    });

    it('should find the code in folders in folders, whatever their names', async () => {
      const sut = accepted(await readTree({ 'a/tests/src/fork.ts': CODE, '.DS_Store': 'x' }));

      expect(Object.keys(sut.files)).to.deep.equal(['fork.ts']);
    });

    it('should keep declarations of its own', async () => {
      const sut = accepted(await readTree({ 'fork.ts': CODE, 'lib/shapes.d.ts': CODE }));

      expect(Object.keys(sut.files)).to.have.members(['fork.ts', 'lib/shapes.d.ts']);
    });

    it('should leave out litter, the declarations of the template, and tests', async () => {
      const sut = accepted(
        await readTree({
          'fork.ts': CODE,
          'keos.d.ts': CODE,
          'types/veridian.d.ts': CODE,
          'globals.d.ts': CODE,
          'fork.spec.ts': CODE,
          'fork.test.ts': CODE,
          'test/helper.ts': CODE,
          'node_modules/x/index.ts': CODE,
          '.git/hooks/x.ts': CODE,
          '__MACOSX/fork.ts': CODE,
          '._fork.ts': CODE,
          'Thumbs.db': CODE,
        }),
      );

      expect(Object.keys(sut.files)).to.deep.equal(['fork.ts']);
    });

    it('should have a digest that depends on paths and bytes alone', async () => {
      const digest = async (folder: string, files: Record<string, string>) =>
        accepted(await readSubmission(workspace.write(folder, files))).digest;

      const one = await digest('one', { 'fork.ts': 'a', 'x.ts': 'b', 'notes.txt': '1' });
      const same = await digest('two', { 'src/x.ts': 'b', 'src/fork.ts': 'a' });
      const moved = await digest('three', { 'fork.ts': 'b', 'x.ts': 'a' });
      const shifted = await digest('four', { 'fork.ts': 'a4:x.ts1:b' });
      const marked = await digest('five', { 'fork.ts': '\ufeffa', 'x.ts': 'b' });

      expect(same).to.equal(one);
      expect(new Set([one, moved, shifted, marked]).size).to.equal(4);
    });
  });

  describe('names', () => {
    it('should tell what was found and what is expected', async () => {
      const reason = reasonOf(await readTree({ 'pager.ts': CODE, 'README.md': '#' }));

      expect(reason).to.include('"README.md", "pager.ts"').and.to.include('page-table.ts');
    });

    for (const name of [
      'PageTable.ts',
      'page_table.ts',
      'Page-Table.ts',
      'pagetable.ts',
      'page-table (1).ts',
      'page-table-1.ts',
      'page-table copy.ts',
      'page-table.js',
    ]) {
      it(`should tell the expected name for ${name}`, async () => {
        const reason = reasonOf(await readTree({ [name]: CODE }));

        expect(reason).to.include(`"${name}" looks like "page-table.ts"`);
      });
    }

    it('should accept a submission with one good name and note the bad ones', async () => {
      const sut = accepted(await readTree({ 'src/fork.ts': CODE, 'src/Lazy_Pager.ts': CODE }));

      expect(sut.notes).to.deep.equal(['"src/Lazy_Pager.ts" is not read as "src/lazy-pager.ts".']);
      expect(sut.files).to.have.property('Lazy_Pager.ts');
    });

    it('should prefer the outer of nested folders', async () => {
      const sut = accepted(await readTree({ 'fork.ts': CODE, 'old/fork.ts': '// old' }));

      expect(sut.files['fork.ts']).to.equal(CODE);
    });

    it('should refuse two folders side by side', async () => {
      const reason = reasonOf(await readTree({ 'alice/fork.ts': CODE, 'bob/fork.ts': CODE }));

      expect(reason).to.include('Several folders').and.to.include('"alice/", "bob/"');
    });

    it('should say that tests are not read', async () => {
      const reason = reasonOf(await readTree({ 'README.md': '#', 'test/fork.ts': CODE }));

      expect(reason).to.include('"test/fork.ts", lies in a folder of tests');
    });
  });

  describe('text', () => {
    it('should strip a byte order mark', async () => {
      const sut = accepted(await readTree({ 'fork.ts': `\ufeff${CODE}` }));

      expect(sut.files['fork.ts']).to.equal(CODE);
    });

    it('should name the file and line of invalid UTF-8', async () => {
      const latin1 = Buffer.from('// ok\n// \xe9\n', 'latin1');

      const reason = reasonOf(await readTree({ 'src/fork.ts': latin1 }));

      expect(reason).to.equal('"src/fork.ts" is not valid UTF-8 in line 2; save it as UTF-8.');
    });

    it('should recognise UTF-16', async () => {
      const reason = reasonOf(
        await readTree({ 'fork.ts': Buffer.from(`\ufeff${CODE}`, 'utf16le') }),
      );

      expect(reason).to.include('"fork.ts" is saved as UTF-16');
    });
  });

  describe('limits', () => {
    it('should accept a file of 256 KiB and refuse one byte more', async () => {
      const full = Buffer.alloc(256 * 1024, ' ');
      expect(accepted(await readTree({ 'fork.ts': full })).files['fork.ts']).to.have.length(262144);

      const reason = reasonOf(await readTree({ 'fork.ts': Buffer.concat([full, full]) }));

      expect(reason).to.include('"fork.ts" is larger than 256 KiB');
    });

    it('should not mind large files that are not code', async () => {
      accepted(await readTree({ 'fork.ts': CODE, 'report.pdf': Buffer.alloc(5 << 20) }));
    });

    it('should refuse more than 200 files', async () => {
      const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}.ts`, '']));

      const reason = reasonOf(await readTree({ ...files, 'fork.ts': CODE }));

      expect(reason).to.include('201 TypeScript files, at most 200');
    });

    it('should refuse more than 1 MiB together', async () => {
      const chunk = Buffer.alloc(256 * 1024, ' ');
      const files = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`x${i}.ts`, chunk]));

      const reason = reasonOf(await readTree({ ...files, 'fork.ts': CODE }));

      expect(reason).to.include('larger than 1 MiB together');
    });

    it('should refuse more than 2,000 entries', async () => {
      const files = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`d/${i}`, '']));

      const reason = reasonOf(await readTree({ ...files, 'fork.ts': CODE }));

      expect(reason).to.include('More than 2,000 files and folders').and.to.include('"d"');
    });
  });
});
