import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { expandSources } from './expand-sources.ts';
import { classAt, rowsAt } from './testing/class-at.ts';
import { accepted, reasonOf } from './testing/outcome.ts';
import { tarOf, tarOfEntries, type TarEntry, tgzOf, zipOf } from './testing/pack.ts';
import { tarBytes } from './testing/tar-bytes.ts';
import { Workspace } from './testing/workspace.ts';
import { type ForgedEntry, zipBytes } from './testing/zip-bytes.ts';

const CODE = 'export const answer = 42;\n';
const GOOD: ForgedEntry[] = [
  { name: 'hw/ada/fork.ts', text: CODE },
  { name: 'hw/bob/fork.ts', text: CODE },
];

describe('a class with something wrong in it', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const zip = (...entries: ForgedEntry[]) =>
    workspace.file('class.zip', zipBytes([...GOOD, ...entries]));
  const tar = async (...entries: TarEntry[]) =>
    workspace.file('class.tar', await tarOfEntries([...(GOOD as TarEntry[]), ...entries]));
  const eve = { name: 'hw/eve/fork.ts', text: CODE };

  const expectOnlyEveRefused = async (path: string, ...words: string[]): Promise<void> => {
    const found = await classAt(path);
    expect([...found.keys()]).to.deep.equal(['ada', 'bob', 'eve']);
    accepted(found.get('ada')!);
    accepted(found.get('bob')!);
    const refused = found.get('eve')!;
    for (const word of words) expect(reasonOf(refused)).to.include(word);
    expect(refused).to.include({ outcome: 'rejected' });
  };

  for (const [what, entry, ...words] of [
    ['a path that leads out', { name: 'hw/eve/../../x.ts' }, '"hw/eve/../../x.ts" leads out'],
    ['a path too deep', { name: `hw/eve/${'a/'.repeat(31)}x.ts` }, 'more than 32 folders deep'],
    ['a backslash', { name: 'hw/eve\\..\\x.ts' }, 'has a backslash'],
    ['a line feed', { name: 'hw/eve/a\nb.ts' }, 'has a control or invalid character'],
    ['a link', { name: 'hw/eve/x', mode: 0o120777 }, '"hw/eve/x" is a symbolic link'],
    ['a device', { name: 'hw/eve/x', mode: 0o020666 }, '"hw/eve/x" is a special file'],
    ['a duplicate', { name: 'hw/eve/./fork.ts' }, '"hw/eve/fork.ts" occurs twice'],
    ['an encrypted file', { name: 'hw/eve/x.ts', flags: 1 }, '"hw/eve/x.ts" is encrypted'],
    ['an unknown compression', { name: 'hw/eve/x.ts', method: 99 }, '"hw/eve/x.ts"', 'method 99'],
    ['a file too large', { name: 'hw/eve/x.ts', text: ' '.repeat(300_000) }, '256 KiB'],
  ] as const) {
    it(`should refuse only whose submission in a zip file has ${what}`, async () => {
      await expectOnlyEveRefused(zip(eve, entry), ...words);
    });
  }

  for (const [what, entry, ...words] of [
    ['a path that leads out', { name: 'hw/eve/../../x.ts', text: '' }, 'leads out'],
    ['a link', { name: 'hw/eve/x', type: 'symlink', linkname: '/' }, 'is a symbolic link'],
    ['a hard link', { name: 'hw/eve/x.ts', type: 'link', linkname: 'hw/ada/fork.ts' }, 'hard link'],
    ['a device', { name: 'hw/eve/x', type: 'block-device' }, 'is a special file'],
    ['a duplicate', { name: 'hw/eve/fork.ts', text: '' }, '"hw/eve/fork.ts" occurs twice'],
    ['a file too large', { name: 'hw/eve/x.ts', text: ' '.repeat(300_000) }, '256 KiB'],
  ] as const) {
    it(`should refuse only whose submission in a tar file has ${what}`, async () => {
      await expectOnlyEveRefused(await tar(eve, entry), ...words);
    });
  }

  it('should refuse only whose submission has entries that share bytes', async () => {
    // Two names for the same data: the second entry of the table points at the first one's.
    const bytes = zipBytes([...GOOD, eve, { ...eve, name: 'hw/eve/frog.ts' }]);
    const table = bytes.readUInt32LE(bytes.length - 6);
    const at = (n: number): number => {
      let offset = table;
      for (; n > 0; n--) offset = bytes.indexOf('PK\u0001\u0002', offset + 4, 'latin1');
      return offset;
    };
    bytes.writeUInt32LE(bytes.readUInt32LE(at(2) + 42), at(3) + 42);

    await expectOnlyEveRefused(workspace.file('class.zip', bytes), 'shares its bytes');
  });

  it('should refuse only who has thousands of files', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ name: `hw/eve/${i}.txt` }));

    await expectOnlyEveRefused(zip(eve, ...many), 'More than 2,000 files');
  });

  for (const [what, make, ...words] of [
    ['is cut off', async () => (await zipOf({ 'fork.ts': CODE })).subarray(0, -30), 'incomplete'],
    ['is noise', () => Buffer.from('noise'), 'is not a zip file'],
    ['leads out', () => zipBytes([{ name: '../fork.ts' }]), '"../fork.ts" leads out'],
    ['has a wrong checksum', () => zipBytes([{ name: 'fork.ts', checksum: 1 }]), 'checksum'],
    ['is empty', () => zipBytes([]), 'is empty'],
    ['is a bomb', () => gzipSync(Buffer.alloc(300 << 20)), '200 times its size'],
    [
      'has a bomb',
      () =>
        zipBytes([{ name: 'fork.ts', data: deflateRawSync(Buffer.alloc(1e8)), declaredSize: 9 }]),
      'unpacks to more than it says',
    ],
    [
      'is a bomb in a tar file',
      () => tgzOf({ 'fork.ts': CODE, zeros: Buffer.alloc(100 << 20) }),
      '200 times its size',
    ],
    [
      'holds an archive',
      async () => zipOf({ 'a.zip': await zipOf({ 'fork.ts': CODE }) }),
      '"a.zip"',
      'within an archive',
    ],
  ] as const) {
    it(`should refuse only whose archive ${what}`, async function () {
      this.timeout(60_000);
      const packed = Buffer.from(await make());
      const tree = { 'hw/ada/fork.ts': CODE, 'hw/bob/fork.ts': CODE, 'hw/eve.zip': packed };

      await expectOnlyEveRefused(workspace.file('class.zip', await zipOf(tree)), ...words);
      await expectOnlyEveRefused(workspace.file('class.tgz', await tgzOf(tree)), ...words);
      await expectOnlyEveRefused(workspace.write('class', tree), ...words);
    });
  }

  it('should give numbers to thousands that have the same name', async () => {
    const name = (i: number): string => `hw/${'x'.repeat(60)}${i}/fork.ts`;
    const many = Array.from({ length: 20_000 }, (_, i) => ({ name: name(i), text: '' }));

    const sources = await expandSources([workspace.file('many.tar', tarBytes(many))]);

    expect(new Set(sources.map(({ id }) => id)).size).to.equal(20_000);
    expect(sources.at(-1)!.id).to.equal(`${'x'.repeat(60)}-20000`);
  });

  it('should refuse only who has several archives', async () => {
    const packed = await zipOf({ 'fork.ts': CODE });
    const tree = {
      'hw/ada/fork.ts': '',
      'hw/bob/fork.ts': '',
      'hw/eve/a.zip': packed,
      'hw/eve/b.zip': packed,
    };

    await expectOnlyEveRefused(workspace.write('class', tree), '2 archives', '"a.zip", "b.zip"');
  });

  it('should not hold against a student that the class’s archive is damaged', async () => {
    const found = await classAt(zip({ ...eve, checksum: 1 }));

    accepted(found.get('ada')!);
    expect(reasonOf(found.get('eve')!)).to.include('"hw/eve/fork.ts" is damaged');
    expect(found.get('eve')).to.include({ outcome: 'error' });
  });

  it('should have a row for entries that belong to nobody', async () => {
    const found = await classAt(zip({ name: '../../etc/fork.ts' }, { name: '/etc/fork.ts' }));

    expect([...found.keys()]).to.deep.equal(['ada', 'bob', 'class']);
    expect(reasonOf(found.get('class')!))
      .to.include('"../../etc/fork.ts" leads out')
      .and.include('"/etc/fork.ts" is an absolute path');
    expect(found.get('class')).to.include({ outcome: 'error' });
  });

  describe('and its end missing', () => {
    const TREE = { 'hw/ada/fork.ts': CODE, 'hw/bob/fork.ts': CODE, 'hw/eve/fork.ts': CODE };

    it('should say so, grade what is whole, and not hold it against anybody', async () => {
      const whole = await tarOf(TREE);
      // In the middle of the data of the third file.
      const path = workspace.file('class.tar', whole.subarray(0, 5 * 512 + 10));

      const found = await classAt(path);

      expect(await rowsAt(path)).to.deep.equal([
        'ada: fork.ts',
        'bob: fork.ts',
        'eve: error',
        'class: error',
      ]);
      expect(accepted(found.get('ada')!).provenance).to.deep.equal([
        'The archive it comes from is incomplete: files of it may be missing.',
      ]);
      expect(reasonOf(found.get('eve')!)).to.include('Its files are cut off');
      expect(reasonOf(found.get('class')!)).to.include('submissions and files may be missing');
    });

    it('should never take a part for all', async () => {
      for (const whole of [await tarOf(TREE), await tgzOf(TREE), await zipOf(TREE)]) {
        for (let length = 0; length < whole.length; length += 97) {
          // The zeros at the end of a tar file say no more than the first of them.
          if (length >= 7 * 512 && whole.readUInt16BE(0) === 0x6877) break;
          const rows = await rowsAt(workspace.file('class.bin', whole.subarray(0, length)));

          expect(rows.at(-1), String(length)).to.match(/^class(\.bin)?: (rejected|error)$/);
        }
      }
    });
  });
});
