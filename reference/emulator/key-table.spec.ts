import { expect } from 'chai';
import fc from 'fast-check';
import { KeyTable } from './key-table.ts';

describe('KeyTable', () => {
  it('should do what a Map does', () => {
    // Few low bits, so that many keys want the same place; the whole range of keys that a TLB uses.
    const key = fc.oneof(
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: -8, max: 8 }).map((n) => n * 2 ** 44 + 3),
      fc.integer({ min: -(2 ** 48), max: 2 ** 48 }),
    );
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('clear' as const), key }).filter(({ key }) => key === 0),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const sut = new KeyTable<{ readonly i: number }>();
        const plain = new Map<number, { readonly i: number }>();
        for (const [i, { do: what, key }] of steps.entries()) {
          if (what === 'set') {
            sut.set(key, { i });
            plain.set(key, { i });
          } else if (what === 'delete') {
            expect(sut.delete(key)).to.equal(plain.delete(key));
          } else {
            sut.clear();
            plain.clear();
          }
        }
        for (const { key } of steps) expect(sut.get(key)).to.deep.equal(plain.get(key));
        expect(sut.size).to.equal(plain.size);
        expect([...sut.keys()]).to.have.members([...plain.keys()]);
        expect([...sut.values()]).to.have.deep.members([...plain.values()]);
      }),
    );
  });
});
