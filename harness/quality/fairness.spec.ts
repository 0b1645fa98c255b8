import { expect } from 'chai';
import { chosen, unfairCosts, unfairPairs, unsteadyScores } from './fairness.ts';

const scored = (name: string, score: number, isFundamental = false) => ({
  name,
  score,
  maxScore: 50,
  isFundamental,
});

describe('unfairCosts', () => {
  it('should ask that no mistake is free, and none but a fundamental one costs more than 30 %', () => {
    const mutants = [
      scored('free', 50),
      scored('cheap', 49.5),
      scored('dear', 35),
      scored('too dear', 34.5),
      scored('fundamental', 0, true),
    ];

    expect(unfairCosts(mutants)).to.deep.equal([
      'free costs nothing',
      'too dear costs 31 %, and its rule is not fundamental',
    ]);
  });
});

describe('unfairPairs', () => {
  it('should ask that two mistakes score no better than either alone', () => {
    const pairs = [
      { name: 'a + b', together: 20, one: 20, other: 30 },
      { name: 'c + d', together: 25, one: 40, other: 24.5 },
    ];

    expect(unfairPairs(pairs)).to.deep.equal(['c + d scores 25; alone they score 40 and 24.5']);
  });
});

describe('unsteadyScores', () => {
  const steady = Array.from({ length: 19 }, (_, nth) => ({
    name: `steady${nth}`,
    scores: [40, 40, 40],
    maxScore: 50,
  }));

  it('should let one of twenty move a little, and none far', () => {
    const little = { name: 'little', scores: [40, 42.5], maxScore: 50 };
    const far = { name: 'far', scores: [40, 43, 41], maxScore: 50 };

    expect(unsteadyScores([...steady, little])).to.deep.equal([]);
    expect(unsteadyScores([...steady, far])).to.deep.equal([
      'far scores from 40 to 43, depending on the seed',
    ]);
    expect(unsteadyScores([...steady, little, far])).to.deep.equal([
      'far scores from 40 to 43, depending on the seed',
      'only 19 of 21 mutants score the same on every seed: not little, far',
    ]);
  });
});

describe('chosen', () => {
  it('should choose the same for the same seed, others for another, and none twice', () => {
    const sorted = (places: readonly number[]): readonly number[] =>
      [...places].sort((a, b) => a - b);

    expect(chosen(100, 10, 3)).to.deep.equal(chosen(100, 10, 3));
    expect(chosen(100, 10, 3)).not.to.deep.equal(chosen(100, 10, 4));
    expect(sorted(chosen(50, 50, 1))).to.deep.equal(Array.from({ length: 50 }, (_, i) => i));
    expect(chosen(3, 10, 1)).to.have.lengthOf(3);
  });
});
