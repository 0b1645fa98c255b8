import { expect } from 'chai';
import { fileByte, type FileSpec } from '../../contract/file-rule.ts';
import { activate, machine } from '../keos/active-machine.ts';
import { Machine } from '../machine.ts';
import { stopBy, thrownBy } from '../testing/endings.ts';
import { errorText } from './errors.ts';
import { veridian } from './index.ts';

const { FRAME_ALLOCATOR, PAGE_SIZE, physToVirtAddr, readInode } = veridian;

const READ_ERROR = 'KernelError.HardwareError { device: "disk", code: 5 }';

/** Inode number of a new file. */
function file(size: number, more: Partial<FileSpec> = {}): bigint {
  return BigInt(machine().createFile({ size, seed: 7, ...more }).ino);
}

describe('readInode', () => {
  beforeEach(() => activate(new Machine()));

  it('should fill a buffer from any offset, and say how much of it', () => {
    const buffer = new Uint8Array(100);

    expect(readInode(file(9000), 4050n, buffer)).to.equal(100);
    expect([...buffer]).to.deep.equal(Array.from({ length: 100 }, (_, i) => fileByte(7, 4050 + i)));
  });

  it('should fill the bytes of a frame', () => {
    const bytes = physToVirtAddr(FRAME_ALLOCATOR.allocateFrame() * PAGE_SIZE);

    expect(readInode(file(0x3000), 0x1000n, bytes)).to.equal(4096);
    expect([bytes.get(0), bytes.get(4095)]).to.deep.equal([
      fileByte(7, 0x1000),
      fileByte(7, 0x1fff),
    ]);
  });

  it('should stop at the end of the file and leave the rest of the buffer alone', () => {
    const buffer = new Uint8Array(64).fill(0xee);
    const inode = file(1000);

    expect(readInode(inode, 990n, buffer)).to.equal(10);
    expect([...buffer.subarray(8, 12)]).to.deep.equal([
      fileByte(7, 998),
      fileByte(7, 999),
      0xee,
      0xee,
    ]);
    for (const offset of [1000n, 5000n, 2n ** 64n - 1n])
      expect(readInode(inode, offset, buffer)).to.equal(0);
  });

  it('should ask again where a file gives little at a time', () => {
    const buffer = new Uint8Array(5000);

    expect(readInode(file(9000, { readLimit: 100 }), 10n, buffer)).to.equal(5000);
    expect(buffer[4999]).to.equal(fileByte(7, 5009));
  });

  it('should throw for a block that cannot be read, a read made to fail, and no file', () => {
    const inode = file(0x3000, { unreadable: [1] });
    const read = (offset: bigint) => () => readInode(inode, offset, new Uint8Array(16));

    expect(read(0n)()).to.equal(16);
    expect(machine().faults.fired).to.equal(false);
    expect(errorText(thrownBy(read(0x1800n)))).to.equal(READ_ERROR);
    expect(errorText(thrownBy(read(0xff8n)))).to.equal(READ_ERROR);
    expect(machine().faults.fired).to.equal(true);
    machine().faults.arm({ point: 'read', mode: 'once', nth: 1 });
    expect(errorText(thrownBy(read(0n)))).to.equal(READ_ERROR);
    expect(read(0n)()).to.equal(16);
    expect(errorText(thrownBy(() => readInode(99n, 0n, new Uint8Array(1))))).to.equal(
      'KernelError.NotFound { resource: "inode", id: 0x63 }',
    );
    expect(machine().stop).to.equal(null);
  });

  it('should count as a read of a file', () => {
    readInode(file(10), 0n, new Uint8Array(1));

    expect(machine().fileReads).to.equal(1);
  });

  it('should panic for a buffer that is none, and for numbers', () => {
    const inode = file(10);
    const wrong: readonly (readonly [() => unknown, string])[] = [
      [() => readInode(inode, 0n, [] as never), 'the buffer is an object'],
      [() => readInode(inode, 0n, new Uint16Array(4) as never), 'the buffer is an object'],
      [() => readInode(inode, 0 as never, new Uint8Array(1)), 'the offset is 0 (a number'],
      [() => readInode(1 as never, 0n, new Uint8Array(1)), 'the inode is 1 (a number'],
    ];
    for (const [call, message] of wrong) {
      activate(new Machine());
      expect(stopBy(call).message).to.include(message);
    }
  });
});
