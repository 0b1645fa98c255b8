import { expect } from 'chai';
import { percentile } from './statistics.ts';
import { textTable } from './text-table.ts';

describe('textTable', () => {
  it('should align columns by the longest cell, and leave no spaces at the ends of lines', () => {
    const lines = textTable(
      [{ head: 'name' }, { head: 'n', align: 'right' }, { head: '' }],
      [
        ['a', '10', ''],
        ['longer', '9', 'x'],
      ],
    );

    expect(lines).to.deep.equal(['name     n', 'a       10', 'longer   9  x']);
  });
});

describe('percentile', () => {
  it('should be one of the values: the one that the share has reached', () => {
    const values = [5, 1, 4, 2, 3];

    expect([0, 0.2, 0.5, 0.95, 1].map((q) => percentile(values, q))).to.deep.equal([1, 1, 3, 5, 5]);
    expect(values).to.deep.equal([5, 1, 4, 2, 3]);
    expect(percentile([], 0.5)).to.equal(null);
  });
});
