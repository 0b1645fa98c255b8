import { expect } from 'chai';
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { applySpaces } from './space-changes.ts';

const leaf = (va: number, frame = va): Leaf => ({ va, frame, rights: 9 });

describe('applySpaces', () => {
  it('should take in whole spaces, changes, and that a space is gone', () => {
    const known = new Map<string, readonly Leaf[]>();
    const kept = leaf(2);

    applySpaces(known, { p: [leaf(1), kept, leaf(3)], q: [] });
    applySpaces(known, { p: { gone: [1], leaves: [leaf(0), leaf(3, 9)] } });

    expect(known.get('p')).to.deep.equal([leaf(0), leaf(2), leaf(3, 9)]);
    expect(known.get('p')?.[1]).to.equal(kept);
    expect(known.get('q')).to.deep.equal([]);

    applySpaces(known, { p: null, r: { gone: [], leaves: [leaf(7)] } });
    expect([...known]).to.deep.equal([
      ['q', []],
      ['r', [leaf(7)]],
    ]);
  });
});
