import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { accepted, reasonOf } from './testing/outcome.ts';
import { readPath } from './testing/read-path.ts';
import { paxRecord, tarBytes, type TarBlock } from './testing/tar-bytes.ts';
import { Workspace } from './testing/workspace.ts';

const FORK: TarBlock = { name: 'fork.ts', data: '// fork' };

describe('TarRecords', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const read = (...blocks: TarBlock[]) =>
    readPath(workspace.file('alice.tar.gz', gzipSync(tarBytes(blocks))));
  const filesOf = async (...blocks: TarBlock[]) => accepted(await read(...blocks)).files;
  const pax = (data: string): TarBlock => ({ name: 'pax', type: 'x', data });

  it('should pass over what a global record says, as git archive writes one', async () => {
    const comment = paxRecord('comment', 'a'.repeat(40)) + paxRecord('mtime', '1');

    expect(
      await filesOf({ name: 'g', type: 'g', data: comment }, pax('9 a=123\n'), FORK),
    ).to.deep.equal({ 'fork.ts': '// fork' });
  });

  it('should read long names of GNU tar and of pax, wherever they are cut off', async () => {
    for (let length = 90; length <= 110; length++) {
      const path = `${'a'.repeat(length)}/${'b'.repeat(40)}.ts`;
      const cut = { name: path.slice(0, 100), data: '// long' };

      const gnu = await filesOf({ name: 'L', type: 'L', data: `${path}\0` }, cut, FORK);
      const posix = await filesOf(pax(paxRecord('path', path)), cut, FORK);

      for (const files of [gnu, posix])
        expect(files, String(length)).to.deep.equal({ [path]: '// long', 'fork.ts': '// fork' });
    }
  });

  for (const type of ['g', 'x', 'L', 'K']) {
    it(`should refuse a record ${type} of more than 64 KiB`, async () => {
      const large = { name: 'large', type, data: paxRecord('a', 'b'.repeat(64 * 1024)) };

      expect(reasonOf(await read(large, FORK))).to.include('more than 64 KiB of names');
    });

    it(`should count records ${type}, which are no entries`, async () => {
      const data = type === 'L' ? 'fork.ts' : '6 a=b\n';
      const many = Array.from({ length: 6001 }, () => ({ name: 'a', type, data }));

      expect(await filesOf(...many.slice(1), FORK)).to.have.property('fork.ts');
      expect(reasonOf(await read(...many, FORK))).to.include('more than 6,000 records');
    });
  }

  it('should refuse many records that are just small enough', async () => {
    const many = Array.from({ length: 40 }, () => pax(paxRecord('a', 'b'.repeat(60_000))));

    expect(reasonOf(await read(...many, FORK))).to.include('more than 2,000 KiB of names');
  });

  it('should pass over an empty record', async () => {
    expect(await filesOf(pax(''), FORK)).to.deep.equal({ 'fork.ts': '// fork' });
  });

  it('should read what declares its size twice, and refuse what declares two', async () => {
    expect(await filesOf(pax(paxRecord('size', '7')), FORK)).to.deep.equal({
      'fork.ts': '// fork',
    });
    expect(reasonOf(await read(pax(paxRecord('size', '512')), FORK))).to.include('Two sizes');
    expect(reasonOf(await read(pax(paxRecord('size', '-1')), FORK))).to.include('Two sizes');
  });

  for (const [what, entry] of [
    ['a folder', { name: 'src', type: '5', declaredSize: 512 }],
    ['a folder of an old program', { name: 'src/', declaredSize: 512 }],
  ] as const) {
    it(`should refuse ${what} that has a size, instead of waiting for its data`, async () => {
      expect(reasonOf(await read(entry, FORK))).to.include('A folder with a size');
    });
  }

  for (const key of ['path', 'linkpath', 'size']) {
    it(`should refuse a global ${key}, of which other programs make something else`, async () => {
      const global = { name: 'g', type: 'g', data: paxRecord(key, '7') };

      expect(reasonOf(await read(global, FORK))).to.include('gives all its entries one name');
    });
  }

  it('should refuse sparse files, which other programs unpack under another name', async () => {
    const sparse = pax(paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.name', 'a.ts'));

    expect(reasonOf(await read(sparse, FORK))).to.include('leaves holes');
  });

  it('should refuse entries behind the end of the archive, which other programs do not show', async () => {
    const archive = Buffer.concat([tarBytes([FORK]), tarBytes([{ name: 'x.ts', data: '//' }])]);

    expect(reasonOf(await readPath(workspace.file('alice.tar', archive)))).to.include(
      '"alice.tar" goes on behind its end',
    );
  });

  it('should pass over the label of an archive', async () => {
    expect(await filesOf({ name: 'homework', type: 'V' }, FORK)).to.deep.equal({
      'fork.ts': '// fork',
    });
  });

  it('should refuse one cut off in a record', async () => {
    const whole = tarBytes([{ name: 'g', type: 'g', data: '\0'.repeat(4000) }]);

    for (const length of [512, 512 + 1024, 512 + 3584])
      expect(
        reasonOf(await readPath(workspace.file('cut.tar', whole.subarray(0, length)))),
      ).to.include('damaged or incomplete');
  });
});
