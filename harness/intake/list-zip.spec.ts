import { buffer } from 'node:stream/consumers';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import { ZipFile } from 'yazl';
import { readPath as readSubmission } from './testing/read-path.ts';
import { accepted, reasonOf } from './testing/outcome.ts';
import { Workspace } from './testing/workspace.ts';
import { zipBytes, type ForgedEntry } from './testing/zip-bytes.ts';

const CODE = 'export const answer = 42;\n';
const GOOD: ForgedEntry = { name: 'fork.ts', text: CODE };

describe('listZip', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.remove());

  const readBytes = (bytes: Buffer) => readSubmission(workspace.file('alice.zip', bytes));
  const readEntries = (...entries: ForgedEntry[]) => readBytes(zipBytes(entries));
  const reasonFor = async (...entries: ForgedEntry[]) => reasonOf(await readEntries(...entries));

  describe('archives of an ordinary program', () => {
    for (const [kind, prefix, options] of [
      ['of files', '', {}],
      ['of a folder', 'alice/', {}],
      ['of folders in folders with src', 'a/b/src/', {}],
      ['without compression', '', { compress: false }],
      ['in zip64 format', '', { forceZip64Format: true }],
    ] as const) {
      it(`should read one ${kind}`, async () => {
        const zip = new ZipFile();
        zip.addBuffer(Buffer.from(CODE), `${prefix}fork.ts`, options);
        zip.addBuffer(Buffer.from(''), `${prefix}lib/empty.ts`, options);
        zip.addEmptyDirectory(`${prefix}docs`);
        zip.addBuffer(Buffer.from('x'), `__MACOSX/${prefix}._fork.ts`);
        zip.addBuffer(Buffer.from('x'), `${prefix}.DS_Store`);
        zip.end({ forceZip64Format: 'forceZip64Format' in options, comment: 'handed in' });
        const folder = workspace.write('alice', { 'fork.ts': CODE, 'lib/empty.ts': '' });

        const sut = accepted(await readBytes(await buffer(zip.outputStream)));

        expect(sut.id).to.equal('alice');
        expect(sut.files).to.deep.equal({ 'fork.ts': CODE, 'lib/empty.ts': '' });
        expect(sut.digest).to.equal(accepted(await readSubmission(folder)).digest);
      });
    }

    it('should read names in UTF-8 whether or not they are said to be', async () => {
      const sut = accepted(
        await readEntries(GOOD, { name: 'zähler.ts', flags: 0 }, { name: 'größe.ts' }),
      );

      expect(Object.keys(sut.files)).to.have.members(['fork.ts', 'zähler.ts', 'größe.ts']);
    });

    it('should not mind "./", doubled slashes and repeated folders', async () => {
      const sut = accepted(
        await readEntries(
          { name: './src/' },
          { name: 'src/' },
          { name: './src//fork.ts', text: CODE },
        ),
      );

      expect(sut.files).to.deep.equal({ 'fork.ts': CODE });
    });
  });

  it('should refuse an archive without files', async () => {
    expect(await reasonFor()).to.include('is empty');
    expect(await reasonFor({ name: 'alice/', mode: 0o040755 })).to.include('is empty');
  });

  describe('paths', () => {
    for (const [name, trouble] of [
      ['../fork.ts', 'leads out of its folder'],
      ['a/../../fork.ts', 'leads out of its folder'],
      ['__MACOSX/../../fork.ts', 'leads out of its folder'],
      ['/etc/fork.ts', 'is an absolute path'],
      ['C:/fork.ts', 'is an absolute path'],
      ['..\\fork.ts', 'has a backslash'],
      ['src\\fork.ts', 'has a backslash'],
      ['x\0.ts', 'has a control or invalid character'],
      ['\u001b[2Jx.ts', 'has a control or invalid character'],
      [`${'a/'.repeat(300)}x.ts`, 'has more than 512 characters'],
    ] as const) {
      it(`should refuse ${JSON.stringify(name).slice(0, 40)}`, async () => {
        const reason = await reasonFor(GOOD, { name, text: CODE });

        expect(reason).to.match(/^The entry ".+; zip the plain folder again\.$/);
        expect(reason).to.include(trouble);
        expect(reason).not.to.match(/\p{C}/u);
      });
    }

    it('should refuse a name outside every encoding', async () => {
      const raw = Buffer.from([0x61, 0xff, 0x2e, 0x74, 0x73]);

      expect(await reasonFor(GOOD, { name: raw })).to.include('invalid character');
    });

    it('should judge the name a Unicode path field gives', async () => {
      const name = 'fork.ts';
      const evil = Buffer.from('../evil.ts');
      const extra = Buffer.alloc(9 + evil.length);
      extra.writeUInt16LE(0x7075, 0);
      extra.writeUInt16LE(5 + evil.length, 2);
      extra.writeUInt8(1, 4);
      extra.writeUInt32LE(0x0, 5);
      evil.copy(extra, 9);
      expect(Object.keys(accepted(await readEntries({ ...GOOD, extra })).files)).to.eql([name]);

      extra.writeUInt32LE(zipBytes([{ name: 'x', text: name }]).readUInt32LE(14), 5);

      expect(await reasonFor({ ...GOOD, extra })).to.include('"../evil.ts" leads out');
    });
  });

  describe('entries', () => {
    for (const [what, entry, expected] of [
      [
        'a symbolic link',
        { name: 'lib', text: '/etc', mode: 0o120777 },
        '"lib" is a symbolic link',
      ],
      ['a device', { name: 'dev', mode: 0o020666 }, '"dev" is a special file'],
      ['an encrypted file', { name: 'x.ts', flags: 1 }, '"x.ts" is encrypted'],
      ['a strongly encrypted file', { name: 'x.ts', flags: 0x41 }, 'is encrypted'],
      ['a duplicate', { name: './fork.ts', text: '//' }, '"fork.ts" occurs twice'],
      ['a file that is a folder', { name: 'fork.ts/x.ts' }, '"fork.ts" is both'],
      ['an unknown compression', { name: 'x.ts', method: 14 }, 'compressed by method 14'],
      ['a wrong checksum', { name: 'x.ts', text: 'a', checksum: 1 }, 'checksum is wrong'],
      ['two names', { name: 'x.ts', localName: 'y.ts' }, 'it is called "y.ts" where its data are'],
      ['a declared size too large', { name: 'x.ts', declaredSize: 9 }, 'size or checksum is wrong'],
      ['a declared size beyond the limit', { name: 'x.ts', declaredSize: 2 ** 31 }, '256 KiB'],
      ['a stored size that lies', { name: 'x.ts', method: 0, declaredSize: 9 }, 'size mismatch'],
      [
        'a zip64 field cut off',
        { name: 'x.ts', declaredSize: 0xffffffff, extra: Buffer.from([1, 0, 2, 0, 9, 9]) },
        'zip64',
      ],
      [
        'an extra field cut off',
        { name: 'x.ts', extra: Buffer.from([1, 0, 99, 0]) },
        'extra field',
      ],
    ] as const) {
      it(`should refuse ${what}`, async () => {
        expect(await reasonFor(GOOD, entry)).to.include(expected);
      });
    }

    it('should stop unpacking a bomb that declares little', async () => {
      // 64 MiB of zeros, then an invalid block: who unpacks all of it complains about the block.
      const zeros = deflateRawSync(Buffer.alloc(64 << 20), { finishFlush: constants.Z_SYNC_FLUSH });
      const data = Buffer.concat([zeros, Buffer.alloc(9, 0xff)]);
      expect(() => inflateRawSync(data)).to.throw('invalid block type');

      const reason = await reasonFor({ name: 'fork.ts', data, declaredSize: 100 });

      expect(reason).to.include('"fork.ts" is damaged (it unpacks to more than it says)');
    });

    it('should not unpack what is not code', async () => {
      accepted(await readEntries(GOOD, { name: 'data.bin', text: 'x', checksum: 1, method: 99 }));
    });
  });

  describe('the archive', () => {
    it('should refuse one cut off anywhere', async () => {
      const whole = zipBytes([GOOD, { name: 'page-table.ts', text: CODE }]);

      for (let length = 0; length < whole.length; length++) {
        const reason = reasonOf(await readBytes(whole.subarray(0, length)));
        expect(reason).to.include(length < 4 ? 'is not a zip file' : 'damaged or incomplete');
      }
    });

    it('should refuse thousands of entries before it reads them', async () => {
      const many = Array.from({ length: 2001 }, (_, i) => ({ name: `x${i}.txt` }));

      expect(await reasonFor(...many)).to.include('2,001 entries, at most 2,000');
    });

    it('should refuse one that counts fewer entries than it has', async () => {
      const bytes = zipBytes([GOOD, { name: 'x.ts' }], 1);

      expect(reasonOf(await readBytes(bytes))).to.include('more entries than it counts');
    });

    for (const [what, offset, value] of [
      ['an offset beyond any file', 48, 0xffff_ffff_ffff_ffffn],
      ['an offset beyond this file', 48, 1_000_000n],
      ['a number of entries beyond counting', 32, 0xffff_ffff_ffff_ffffn],
      ['a second disk', 16, 1n],
      ['another signature', 0, 0n],
    ] as const) {
      it(`should refuse a zip64 record with ${what}`, async () => {
        const record = Buffer.alloc(56);
        record.writeUInt32LE(0x06064b50, 0);
        record.writeBigUInt64LE(1n, 32);
        record.writeBigUInt64LE(value, offset);

        expect(reasonOf(await readBytes(withZip64(record)))).to.match(/damaged|at most 2,000/);
      });
    }

    it('should refuse a zip64 locator that points nowhere', async () => {
      const bytes = withZip64(Buffer.alloc(56), 0xffff_ffff_ffff_ffffn);

      expect(reasonOf(await readBytes(bytes))).to.include('damaged');
    });
  });
});

/** An archive of one good entry, with a zip64 record and a locator of it before the end. */
function withZip64(record: Buffer, position?: bigint): Buffer {
  const plain = zipBytes([GOOD]);
  const body = plain.subarray(0, -22);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(position ?? BigInt(body.length), 8);
  return Buffer.concat([body, record, locator, plain.subarray(-22)]);
}
