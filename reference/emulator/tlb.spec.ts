import { expect } from 'chai';
import fc from 'fast-check';
import { SPAN } from '../x86/address.ts';
import { Tlb, type TlbEntry } from './tlb.ts';
import type { Translation } from './walker.ts';

const OPEN = { writable: true, user: true, executable: true, dirty: true };
const page = (base: number, more: Partial<Translation> = {}): Translation => ({
  ...OPEN,
  base,
  span: SPAN[1],
  global: false,
  ...more,
});

type Kept = Pick<TlbEntry, 'linear' | 'pcid' | 'span' | 'global'>;

const where = (sut: Tlb) =>
  [...sut.entries()].map(({ linear, pcid }) => [linear, pcid]).sort(([a], [b]) => a! - b!);

describe('Tlb', () => {
  it('should keep a large page whole', () => {
    const sut = new Tlb();
    sut.insert(SPAN[2] * 5 + 0x3456, 0, page(0x40_0000, { span: SPAN[2] }));

    expect(sut.lookUp(SPAN[2] * 5, 0)).to.include({ linear: SPAN[2] * 5, base: 0x40_0000 });
    expect(sut.lookUp(SPAN[2] * 6 - 1, 0)).to.equal(sut.lookUp(SPAN[2] * 5, 0));
    expect(sut.lookUp(SPAN[2] * 6, 0)).to.equal(undefined);

    sut.invalidatePage(SPAN[2] * 5 + 0x1_0000, 0);
    expect(sut.size).to.equal(0);
  });

  it('should keep addresses of the upper half apart from those of the lower', () => {
    const sut = new Tlb();
    sut.insert(-4096, 0, page(0x1000));

    expect(sut.lookUp(-1, 0)).to.include({ linear: -4096 });
    expect(sut.lookUp(0, 0)).to.equal(undefined);
  });

  it('should replace what it has for an address, whatever its size', () => {
    const sut = new Tlb();
    sut.insert(0x20_0000, 0, page(0x40_0000, { span: SPAN[2] }));
    sut.insert(0x20_1000, 0, page(0x7000));

    expect(where(sut)).to.deep.equal([[0x20_1000, 0]]);
  });

  describe('contexts', () => {
    function filled(): Tlb {
      const sut = new Tlb();
      sut.insert(0x1000, 1, page(0x1000));
      sut.insert(0x1000, 2, page(0x2000));
      sut.insert(0x2000, 1, page(0x3000, { global: true }));
      return sut;
    }

    it('should be told apart, but for global translations', () => {
      const sut = filled();

      expect(sut.lookUp(0x1000, 1)).to.include({ base: 0x1000 });
      expect(sut.lookUp(0x1000, 2)).to.include({ base: 0x2000 });
      expect(sut.lookUp(0x1000, 3)).to.equal(undefined);
      expect(sut.lookUp(0x2000, 3)).to.include({ base: 0x3000 });
    });

    for (const [name, act, left] of [
      ['invalidatePage', (sut) => sut.invalidatePage(0x1000, 1), [2, 1]],
      ['invalidatePage of a global page', (sut) => sut.invalidatePage(0x2fff, 3), [1, 2]],
      ['invalidateOwnPage', (sut) => sut.invalidateOwnPage(0x2fff, 1), [1, 2, 1]],
      ['invalidateContext', (sut) => sut.invalidateContext(1), [2, 1]],
      ['invalidateContextAndGlobals', (sut) => sut.invalidateContextAndGlobals(1), [2]],
      ['invalidateAllContexts', (sut) => sut.invalidateAllContexts(), [1]],
      ['clear', (sut) => sut.clear(), []],
    ] as const satisfies readonly [string, (sut: Tlb) => void, number[]][]) {
      it(`should be what ${name} looks at`, () => {
        const sut = filled();

        act(sut);

        expect(where(sut).map(([, pcid]) => pcid)).to.have.members(left);
        expect(sut.size).to.equal(left.length);
      });
    }
  });

  it('should keep nothing if its policy is none', () => {
    const sut = new Tlb({ kind: 'none' });
    sut.insert(0x1000, 0, page(0x1000));

    expect(sut.lookUp(0x1000, 0)).to.equal(undefined);
  });

  it('should keep so many if it is tiny, the same ones for the same seed', () => {
    const kept = (seed: number) => {
      const sut = new Tlb({ kind: 'tiny', entries: 4, seed });
      for (let i = 0; i < 50; i++) sut.insert(i * 4096, 0, page(i * 4096));
      return where(sut).map(([linear]) => linear!);
    };

    expect(kept(7))
      .to.have.length(4)
      .and.include(49 * 4096);
    expect(kept(7)).to.deep.equal(kept(7));
    expect(kept(7)).to.not.deep.equal(kept(8));
  });

  it('should find what a list of its entries has', () => {
    const span = fc.constantFrom(SPAN[1], SPAN[2], SPAN[3]);
    const linear = fc
      .integer({ min: -3, max: 3 })
      .chain((n) =>
        fc.constantFrom(0, 0x1000, 0x20_0000, 0x3fff_f000).map((low) => n * SPAN[3] + low),
      );
    const pcid = fc.integer({ min: 0, max: 2 });
    const step = fc.oneof(
      fc.record({ act: fc.constant('insert' as const), linear, pcid, span, global: fc.boolean() }),
      fc.record({
        act: fc.constantFrom('invalidatePage', 'invalidateOwnPage', 'invalidateContext' as const),
        linear,
        pcid,
      }),
      fc.record({ act: fc.constant('invalidateAllContexts' as const), linear, pcid }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const sut = new Tlb();
        let plain: Kept[] = [];
        const covers = (entry: Kept, at: number) =>
          at >= entry.linear && at < entry.linear + entry.span;
        for (const next of steps) {
          const { linear, pcid } = next;
          const serves = (entry: Kept) => entry.global || entry.pcid === pcid;
          switch (next.act) {
            case 'insert': {
              const { span, global } = next;
              sut.insert(linear, pcid, page(0, { span, global }));
              plain = plain.filter((entry) => !(covers(entry, linear) && serves(entry)));
              const at = Math.floor(linear / span) * span;
              // A translation for the same page and context is replaced, whoever made it.
              plain = plain.filter(
                (entry) =>
                  !(entry.linear === at && entry.span === span && entry.global === global) ||
                  (!global && entry.pcid !== pcid),
              );
              plain.push({ linear: at, pcid, span, global });
              break;
            }
            case 'invalidatePage':
              sut.invalidatePage(linear, pcid);
              plain = plain.filter((entry) => !(covers(entry, linear) && serves(entry)));
              break;
            case 'invalidateOwnPage':
              sut.invalidateOwnPage(linear, pcid);
              plain = plain.filter(
                (entry) => !(covers(entry, linear) && !entry.global && entry.pcid === pcid),
              );
              break;
            case 'invalidateContext':
              sut.invalidateContext(pcid);
              plain = plain.filter((entry) => entry.global || entry.pcid !== pcid);
              break;
            case 'invalidateAllContexts':
              sut.invalidateAllContexts();
              plain = plain.filter((entry) => entry.global);
          }
          const found = sut.lookUp(linear, pcid);
          const expected = plain.filter((entry) => covers(entry, linear) && serves(entry));
          expect(found !== undefined).to.equal(expected.length > 0);
        }
        const kept = [...sut.entries()].map(({ linear, pcid, span, global }) => ({
          linear,
          pcid,
          span,
          global,
        }));
        expect(kept).to.have.deep.members(plain);
      }),
    );
  });
});
