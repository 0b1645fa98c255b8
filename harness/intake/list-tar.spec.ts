import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { accepted, reasonOf } from './testing/outcome.ts';
import { tarOf, tarOfEntries, type TarEntry, tgzOf } from './testing/pack.ts';
import { readPath } from './testing/read-path.ts';
import { tarBytes } from './testing/tar-bytes.ts';
import { Workspace } from './testing/workspace.ts';

const CODE = 'export const answer = 42;\n';
const GOOD: TarEntry = { name: 'fork.ts', text: CODE };

describe('listTar', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const readBytes = (bytes: Buffer) => readPath(workspace.file('alice.tar.gz', bytes));
  const reasonFor = async (...entries: TarEntry[]) =>
    reasonOf(await readBytes(await tarOfEntries([GOOD, ...entries])));

  describe('archives of an ordinary program', () => {
    const tree = { 'hw/src/fork.ts': CODE, 'hw/src/lib/empty.ts': '', 'hw/._fork.ts': 'x' };

    for (const [kind, make] of [
      ['plain', tarOf],
      ['compressed', tgzOf],
    ] as const) {
      it(`should read one that is ${kind}, as if it were a folder`, async () => {
        const sut = accepted(await readBytes(await make(tree)));

        expect(sut.id).to.equal('alice');
        expect(sut.files).to.deep.equal({ 'fork.ts': CODE, 'lib/empty.ts': '' });
        const folder = accepted(await readPath(workspace.write('alice', tree)));
        expect(sut.digest).to.equal(folder.digest);
      });
    }

    it('should read names in UTF-8 and names of 300 characters', async () => {
      const long = `${'a'.repeat(99)}/${'b'.repeat(99)}/${'c'.repeat(99)}.ts`;

      const sut = accepted(
        await readBytes(await tgzOf({ 'fork.ts': '', 'größe.ts': '', [long]: '' })),
      );

      expect(Object.keys(sut.files)).to.have.members(['fork.ts', 'größe.ts', long]);
    });

    it('should read what programs write that are older than the format', async () => {
      const old = tarBytes([{ name: 'fork.ts', type: '\0', data: CODE, magic: '' }]);

      for (const bytes of [old, gzipSync(old)])
        expect(accepted(await readBytes(bytes)).files).to.deep.equal({ 'fork.ts': CODE });
    });

    it('should not keep what is not code', async () => {
      accepted(await readBytes(await tgzOf({ 'fork.ts': CODE, 'report.pdf': Buffer.alloc(5e6) })));
    });

    it('should refuse a file of code that is too large', async () => {
      const large = Buffer.alloc(256 * 1024 + 1, ' ');

      expect(await reasonFor({ name: 'x.ts', text: large })).to.include('larger than 256 KiB');
    });
  });

  for (const [what, entry, trouble] of [
    ['a path that leads out', { name: '../x.ts', text: '' }, '"../x.ts" leads out of its folder'],
    ['an absolute path', { name: '/etc/x.ts', text: '' }, '"/etc/x.ts" is an absolute path'],
    ['a backslash', { name: '..\\x.ts', text: '' }, 'has a backslash'],
    ['a line feed', { name: 'a\nb.ts', text: '' }, 'has a control or invalid character'],
    ['a path through 33 folders', { name: `${'a/'.repeat(33)}x.ts` }, 'more than 32 folders deep'],
    ['a symbolic link', { name: 'x', type: 'symlink', linkname: '/etc' }, '"x" is a symbolic link'],
    ['a hard link', { name: 'x.ts', type: 'link', linkname: 'fork.ts' }, '"x.ts" is a hard link'],
    ['a device', { name: 'x', type: 'character-device' }, '"x" is a special file'],
    ['a pipe', { name: 'x', type: 'fifo' }, '"x" is a special file'],
    ['a duplicate', { name: './fork.ts', text: '//' }, '"fork.ts" occurs twice'],
    ['a file that is a folder', { name: 'fork.ts/x.ts', text: '' }, '"fork.ts" is both'],
  ] as const) {
    it(`should refuse ${what}, by name`, async () => {
      expect(await reasonFor(entry)).to.include(trouble);
    });
  }

  it('should refuse more than 2,000 entries', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ name: `${i}`, text: '' }));

    expect(await reasonFor(...many)).to.include('more than 2,000 entries');
  });

  it('should count folders on the way to files, too', async () => {
    const deep = Array.from({ length: 100 }, (_, i) => `${i}/${'a/'.repeat(30)}x.txt`);

    expect(await reasonFor(...deep.map((name) => ({ name, text: '' })))).to.include(
      'more than 2,000 folders',
    );
  });

  it('should stop unpacking a bomb', async () => {
    const bomb = await tgzOf({ 'fork.ts': CODE, zeros: Buffer.alloc(100 << 20) });
    expect(bomb.length).to.be.below(200_000);

    expect(reasonOf(await readBytes(bomb))).to.include('more than 200 times its size');
  });

  it('should refuse one cut off anywhere, be it between entries', async () => {
    const whole = await tarOf({ 'fork.ts': CODE, 'page-table.ts': CODE });

    for (let length = 512; length < whole.length - 512; length += 256) {
      const reason = reasonOf(await readBytes(whole.subarray(0, length)));
      expect(reason, String(length)).to.include('damaged or incomplete');
    }
  });

  it('should refuse a compressed one cut off anywhere', async () => {
    const whole = await tgzOf({ 'fork.ts': CODE, 'page-table.ts': CODE });

    for (let length = 2; length < whole.length; length += 3) {
      const reason = reasonOf(await readBytes(whole.subarray(0, length)));
      expect(reason, String(length)).to.include('damaged or incomplete');
    }
  });

  it('should refuse a wrong checksum, of a header and of the whole', async () => {
    const header = await tarOf({ 'fork.ts': CODE });
    header[0]! ^= 1;
    const whole = await tgzOf({ 'fork.ts': CODE });
    whole[whole.length - 6]! ^= 1;
    expect(() => gunzipSync(whole)).to.throw('incorrect data check');

    expect(reasonOf(await readBytes(header))).to.include('Invalid tar header');
    expect(reasonOf(await readBytes(whole))).to.include('incorrect data check');
  });

  it('should refuse what is compressed but no tar file', async () => {
    expect(reasonOf(await readBytes(gzipSync(CODE.repeat(99))))).to.include(
      'damaged or incomplete',
    );
    expect(reasonOf(await readBytes(gzipSync('')))).to.include('damaged or incomplete');
  });

  it('should refuse a header that declares more than there is', async () => {
    const lying = await tarOf({ 'fork.ts': CODE });
    lying.write('77777777777 ', 124);
    lying.write('        ', 148);
    const sum = lying.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    lying.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

    expect(reasonOf(await readBytes(lying))).to.include('damaged or incomplete');
  });

  for (const [kind, bytes] of [
    ['a RAR archive', 'Rar!\x1a\x07\x00'],
    ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
    ['an xz file', '\xfd7zXZ\x00'],
  ] as const) {
    it(`should say what ${kind} is`, async () => {
      const reason = reasonOf(await readBytes(Buffer.from(bytes, 'latin1')));

      expect(reason).to.include(`is ${kind}, which is not read; pack it as zip or tar.gz.`);
    });
  }
});
