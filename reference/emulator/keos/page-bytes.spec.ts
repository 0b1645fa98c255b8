import { expect } from 'chai';
import fc from 'fast-check';
import type { PageBytes } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { panicOf, stopBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { keos } from './index.ts';

const setUp = () => activate(new Machine({ policy: 'first-fit' }));

const contents = (bytes: PageBytes) => Array.from({ length: bytes.length }, (_, i) => bytes.get(i));

describe('PageBytes', () => {
  beforeEach(setUp);

  it('should be a live view of 4096 bytes', () => {
    const page = keos.Page.new();
    const [bytes, other] = [page.innerMut(), page.clone().inner()];

    bytes.set(4095, 255);

    expect(bytes.length).to.equal(4096);
    expect(other.get(4095)).to.equal(255);
  });

  it('should store words in little-endian order, aligned or not', () => {
    const bytes = keos.Page.new().innerMut();

    bytes.writeU64(3, 0x1122_3344_5566_7788n);

    expect(bytes.readU64(3)).to.equal(0x1122_3344_5566_7788n);
    expect([bytes.get(2), bytes.get(3), bytes.get(10)]).to.deep.equal([0, 0x88, 0x11]);
  });

  it('should fill all of it, or from start to end', () => {
    const bytes = keos.Page.new().innerMut();

    bytes.fill(7);
    bytes.fill(9, 4090, 4095);
    bytes.fill(5, 20, 10);

    expect(contents(bytes).slice(4088)).to.deep.equal([7, 7, 9, 9, 9, 9, 9, 7]);
    expect(new Set(contents(bytes).slice(0, 4088))).to.deep.equal(new Set([7]));
  });

  it('should stay good for as long as the frame has an owner', () => {
    const page = keos.Page.new();
    const bytes = page.inner();
    const pa = page.intoRaw();

    bytes.set(0, 1);

    expect(keos.PageRef.fromPa(pa).inner().get(0)).to.equal(1);
  });

  describe('copyFrom', () => {
    it('should copy a page, which does not follow later changes', () => {
      const [source, target] = [keos.Page.new().innerMut(), keos.Page.new().innerMut()];
      source.fill(7);

      target.copyFrom(source);
      source.fill(8);

      expect(new Set(contents(target))).to.deep.equal(new Set([7]));
    });

    it('should copy what fits of an array', () => {
      const bytes = keos.Page.new().innerMut();

      bytes.copyFrom(Uint8Array.of(1, 2, 3), 4094);

      expect(contents(bytes).slice(4092)).to.deep.equal([0, 0, 1, 2]);
    });

    it('should do what copying between plain arrays does', () => {
      const at = fc.oneof(fc.constantFrom(0, 1, 4095, 4096), fc.nat(4096));

      fc.assert(
        fc.property(at, at, at, fc.boolean(), (to, from, length, sameFrame) => {
          activate(new Machine());
          const [source, other] = [keos.Page.new().innerMut(), keos.Page.new().innerMut()];
          for (let i = 0; i < 4096; i += 8) source.writeU64(i, BigInt(i) * 0x0101_0101n + 1n);
          const target = sameFrame ? source : other;
          const count = Math.min(length, 4096 - from, 4096 - to);
          const expected = contents(target);
          expected.splice(to, count, ...contents(source).slice(from, from + count));

          target.copyFrom(source, to, from, count);

          expect(contents(target)).to.deep.equal(expected);
        }),
        { numRuns: 40 },
      );
    });
  });

  describe('misuse', () => {
    const byte = 'not an integer from 0 to 255';
    const index = 'not an integer from 0 to 4095';
    const cases: readonly (readonly [string, (bytes: PageBytes) => unknown])[] = [
      [`PageBytes.get: the index is 4096, ${index}`, (bytes) => bytes.get(4096)],
      [`PageBytes.get: the index is -1, ${index}`, (bytes) => bytes.get(-1)],
      [`PageBytes.get: the index is 0.5, ${index}`, (bytes) => bytes.get(0.5)],
      [`PageBytes.get: the index is NaN, ${index}`, (bytes) => bytes.get(NaN)],
      [`PageBytes.get: the index is 0x1, ${index}`, (bytes) => bytes.get(1n as never)],
      [`PageBytes.set: the index is 4096, ${index}`, (bytes) => bytes.set(4096, 0)],
      [`PageBytes.set: the value is 256, ${byte}`, (bytes) => bytes.set(0, 256)],
      [`PageBytes.fill: the value is -1, ${byte}`, (bytes) => bytes.fill(-1)],
      [
        'PageBytes.fill: the start is 4097, not an integer from 0 to 4096',
        (bytes) => bytes.fill(0, 4097),
      ],
      [
        'PageBytes.fill: the end is 4097, not an integer from 0 to 4096',
        (bytes) => bytes.fill(0, 0, 4097),
      ],
      [
        'PageBytes.readU64: the offset is 4089, not an integer from 0 to 4088',
        (bytes) => bytes.readU64(4089),
      ],
      [
        'PageBytes.writeU64: the offset is 4089, not an integer from 0 to 4088',
        (bytes) => bytes.writeU64(4089, 0n),
      ],
      [
        'PageBytes.writeU64: the value is 0x10000000000000000, not an unsigned 64-bit bigint',
        (bytes) => bytes.writeU64(0, 1n << 64n),
      ],
      [
        'PageBytes.copyFrom: the source is an object, not bytes',
        (bytes) => bytes.copyFrom([1, 2] as never),
      ],
      [
        'PageBytes.copyFrom: the source start is 3, not an integer from 0 to 2',
        (bytes) => bytes.copyFrom(new Uint8Array(2), 0, 3),
      ],
      [
        'PageBytes.copyFrom: the target start is 4097, not an integer from 0 to 4096',
        (bytes) => bytes.copyFrom(bytes, 4097),
      ],
      [
        'PageBytes.copyFrom: the length is 2, not an integer from 0 to 1',
        (bytes) => bytes.copyFrom(bytes, 4095, 0, 2),
      ],
    ];
    for (const [message, use] of cases) {
      it(`should panic: ${message}`, () => {
        expect(panicOf(() => use(keos.Page.new().innerMut()))).to.equal(message);
      });
    }

    for (const [call, use] of [
      ['get', (bytes) => bytes.get(0)],
      ['set', (bytes) => bytes.set(0, 0)],
      ['fill', (bytes) => bytes.fill(0)],
      ['copyFrom', (bytes) => bytes.copyFrom(new Uint8Array(1))],
      ['readU64', (bytes) => bytes.readU64(0)],
      ['writeU64', (bytes) => bytes.writeU64(0, 0n)],
    ] as const satisfies [string, (bytes: PageBytes) => unknown][]) {
      it(`should panic: ${call} after the frame was released, even if it was reused`, () => {
        const page = keos.Page.new();
        const bytes = page.innerMut();
        page.drop();
        keos.Page.new();

        expect(stopBy(() => use(bytes))).to.include({
          kind: 'panic',
          about: 'frames',
          message: `PageBytes.${call}: the frame 0x100000 was released`,
        });
      });
    }

    it('should panic: a source that was released', () => {
      const page = keos.Page.new();
      const bytes = page.inner();
      const target = keos.Page.new().innerMut();
      page.drop();

      expect(stopBy(() => target.copyFrom(bytes))).to.include({
        about: 'frames',
        message: 'PageBytes.copyFrom: the frame 0x100000 was released',
      });
    });
  });
});
