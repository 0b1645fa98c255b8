import { expect } from 'chai';
import fc from 'fast-check';
import { type Keyed, KeyTable } from './key-table.ts';

describe('KeyTable', () => {
  it('should do what a Map does', () => {
    // Few different halves, so that many keys want the same place; extremes too.
    const half = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer());
    const key = fc.tuple(half, half);
    const step = fc.oneof(
      { arbitrary: fc.record({ do: fc.constant('set' as const), key }), weight: 10 },
      { arbitrary: fc.record({ do: fc.constant('delete' as const), key }), weight: 10 },
      {
        arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'odd' as const), key }),
        weight: 1,
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const sut = new KeyTable<Keyed & { readonly i: number }>();
        const plain = new Map<string, Keyed & { readonly i: number }>();
        for (const [i, { do: what, key }] of steps.entries()) {
          const [low, high] = key;
          switch (what) {
            case 'set':
              sut.set({ low, high, i });
              plain.set(key.join(), { low, high, i });
              break;
            case 'delete':
              expect(sut.delete(...key)).to.equal(plain.delete(key.join()));
              break;
            case 'clear':
              sut.clear();
              plain.clear();
              break;
            case 'odd':
              sut.deleteWhere((value) => (value.i + value.low) % 2 !== 0);
              for (const [text, value] of plain)
                if ((value.i + value.low) % 2 !== 0) plain.delete(text);
          }
        }
        for (const { key } of steps) expect(sut.get(...key)).to.deep.equal(plain.get(key.join()));
        expect(sut.size).to.equal(plain.size);
        expect([...sut.values()]).to.have.deep.members([...plain.values()]);
      }),
    );
  });
});
