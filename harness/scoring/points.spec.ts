import { expect } from 'chai';
import fc from 'fast-check';
import { formatPoints, percentOf, sumPoints } from './points.ts';

describe('sumPoints', () => {
  it('should add without float noise', () => {
    expect(sumPoints([0.1, 0.2, 7.2])).to.equal(7.5);
    expect(sumPoints([])).to.equal(0);
  });

  it('should not depend on the order', () => {
    const halves = fc.array(fc.integer({ min: 0, max: 100 }).map((n) => n / 2));

    fc.assert(
      fc.property(halves, (points) => {
        expect(sumPoints(points)).to.equal(sumPoints([...points].reverse()));
      }),
    );
  });
});

describe('percentOf', () => {
  it('should have two decimals', () => {
    expect(percentOf(1, 3)).to.equal(33.33);
    expect(percentOf(2, 3)).to.equal(66.67);
    expect(percentOf(30, 30)).to.equal(100);
  });

  it('should be 0 when there was nothing to earn', () => {
    expect(percentOf(0, 0)).to.equal(0);
  });
});

describe('formatPoints', () => {
  it('should write no trailing zeros', () => {
    expect([30, 7.5, 0, 0.1 + 0.2].map(formatPoints)).to.deep.equal(['30', '7.5', '0', '0.3']);
  });
});
