import { expect } from 'chai';
import { type Divergence, isCutShort, settled, type Verdict } from './verdict.ts';

const divergence = (rule: string, perhaps: readonly string[] = []): Divergence => ({
  rule,
  perhaps,
  step: 0,
  summary: '',
  expected: '',
  observed: '',
  focus: null,
  panic: null,
  sites: null,
});

describe('a verdict once broken rules are known', () => {
  it('should leave out what is noted and explained by one of them', () => {
    const noted = [divergence('A', ['X']), divergence('B'), divergence('C', ['Y'])];

    const verdict = settled({ broken: null, noted }, new Set(['X']));

    expect(verdict.noted.map(({ rule }) => rule)).to.deep.equal(['B', 'C']);
  });

  it('should charge what ended the comparison to the rule that explains it, unless its own is known already', () => {
    const verdict: Verdict = { broken: divergence('A', ['X']), noted: [] };

    expect(settled(verdict, new Set(['X'])).broken?.rule).to.equal('X');
    expect(settled(verdict, new Set(['A', 'X'])).broken?.rule).to.equal('A');
    expect(settled(verdict, new Set(['Z'])).broken?.rule).to.equal('A');
  });

  it('should still say which rules could be judged to the end', () => {
    const verdict: Verdict = { broken: divergence('A'), noted: [], unjudged: ['A', 'B'] };

    const known = settled(verdict, new Set());

    expect(isCutShort(known, 'B')).to.equal(true);
    expect(isCutShort(known, 'C')).to.equal(false);
  });
});
