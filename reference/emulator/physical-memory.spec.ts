import { expect } from 'chai';
import fc from 'fast-check';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import { PhysicalMemory, type PresentEntry } from './physical-memory.ts';

/** Present entries of a frame, word by word. */
function presentNow(memory: PhysicalMemory, pa: number): PresentEntry[] {
  const found: PresentEntry[] = [];
  for (let index = 0; index < 512; index++) {
    const lo = memory.readU32(pa + index * 8);
    if (lo % 2 === 1) found.push({ index, lo, hi: memory.readU32(pa + index * 8 + 4) });
  }
  return found;
}

/** Four frames on both sides of a border between chunks. */
const FRAMES = [14, 15, 16, 17].map((number) => number * PAGE_SIZE);
const frame = fc.constantFrom(...FRAMES);
const offset = (step: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: PAGE_SIZE / step - 1 }).map((n) => n * step),
    // Few places, so that writes meet.
    fc.constantFrom(0, 8, 16, PAGE_SIZE - 8),
  );

/** One kind of write: to memory, and to a plain copy of the frame's bytes. */
interface Write {
  readonly pa: number;
  apply(memory: PhysicalMemory, bytes: Uint8Array): void;
}

const writes: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(frame, offset(1), fc.nat(255)).map(([pa, at, value]) => ({
    pa,
    apply(memory: PhysicalMemory, bytes: Uint8Array) {
      memory.writeU8(pa + at, value);
      bytes[at] = value;
    },
  })),
  fc.tuple(frame, offset(4), fc.nat(0xffff_ffff)).map(([pa, at, value]) => ({
    pa,
    apply(memory: PhysicalMemory, bytes: Uint8Array) {
      memory.writeU32(pa + at, value);
      new DataView(bytes.buffer).setUint32(at, value, true);
    },
  })),
  fc
    .tuple(frame, offset(8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([pa, at, value]) => ({
      pa,
      apply(memory: PhysicalMemory, bytes: Uint8Array) {
        memory.writeU64(pa + at, value);
        new DataView(bytes.buffer).setBigUint64(at, value, true);
      },
    })),
  fc.tuple(frame, fc.nat(255), offset(1), offset(1)).map(([pa, value, from, to]) => ({
    pa,
    apply(memory: PhysicalMemory, bytes: Uint8Array) {
      memory.frameBytes(pa).fill(value, from, to);
      bytes.fill(value, from, to);
    },
  })),
);

describe('PhysicalMemory', () => {
  it('should read as zero where nothing was written', () => {
    const sut = new PhysicalMemory();

    expect(sut.readU8(0x1234)).to.equal(0);
    expect(sut.readU32(2 ** 51)).to.equal(0);
    expect(sut.readU64(0x1000)).to.equal(0n);
    expect(sut.presentEntries(0x1000)).to.deep.equal([]);
    expect([...sut.frameBytes(0x2000)].some((byte) => byte !== 0)).to.equal(false);
  });

  it('should be little-endian', () => {
    const sut = new PhysicalMemory();

    sut.writeU64(0x1000, 0x8877_6655_4433_2211n);

    expect([sut.readU8(0x1000), sut.readU8(0x1007)]).to.deep.equal([0x11, 0x88]);
    expect([sut.readU32(0x1000), sut.readU32(0x1004)]).to.deep.equal([0x4433_2211, 0x8877_6655]);
  });

  it('should reach the last frame of 52 bits', () => {
    const sut = new PhysicalMemory();

    sut.writeU64(2 ** 52 - 8, 7n);

    expect(sut.readU64(2 ** 52 - 8)).to.equal(7n);
  });

  it('should hand out the bytes of one frame, live', () => {
    const sut = new PhysicalMemory();

    const bytes = sut.frameBytes(0x3000);
    bytes[5] = 9;

    expect(bytes).to.have.lengthOf(PAGE_SIZE);
    expect(sut.readU8(0x3005)).to.equal(9);
  });

  it('should keep every byte, and the present entries right, through every kind of write', () => {
    fc.assert(
      fc.property(fc.array(writes, { maxLength: 12 }), (sequence) => {
        const sut = new PhysicalMemory();
        const copies = new Map(FRAMES.map((pa) => [pa, new Uint8Array(PAGE_SIZE)]));
        for (const pa of FRAMES) sut.presentEntries(pa);

        for (const write of sequence) {
          write.apply(sut, copies.get(write.pa)!);

          expect(sut.presentEntries(write.pa)).to.deep.equal(presentNow(sut, write.pa));
        }

        for (const [pa, bytes] of copies) {
          expect(Buffer.compare(sut.frameBytes(pa), bytes)).to.equal(0);
          expect(sut.presentEntries(pa)).to.deep.equal(presentNow(sut, pa));
        }
      }),
    );
  });

  it('should list present entries in order, with both halves of their words', () => {
    const sut = new PhysicalMemory();

    sut.writeU64(0x1000 + 511 * 8, 0x8000_0000_0000_5003n);
    sut.writeU64(0x1000 + 2 * 8, 0x4001n);
    sut.writeU64(0x1000 + 3 * 8, 0x4002n);

    expect(sut.presentEntries(0x1000)).to.deep.equal([
      { index: 2, lo: 0x4001, hi: 0 },
      { index: 511, lo: 0x5003, hi: 0x8000_0000 },
    ]);
  });
});
