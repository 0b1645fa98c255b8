import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { lengthNumbers, type Measured, variantNumbers } from './measured.ts';
import { MEASURED, README, withMeasured } from './measured-page.ts';

describe('the numbers in README.md', () => {
  it('should be those that were measured (run npm run measure -- --write)', async () => {
    const page = readFileSync(README, 'utf8');
    const measured = JSON.parse(readFileSync(MEASURED, 'utf8')) as Partial<Measured>;

    const made = withMeasured(page, measured);

    const options = { ...(await resolveConfig(README)), filepath: README };
    expect(page).to.equal(await format(made, options));
  });

  it('should count how many counterexamples are as short as the shortest of their mistake', () => {
    const numbers = lengthNumbers([
      [
        { before: 60, after: 3 },
        { before: 50, after: 4 },
      ],
      [{ before: 40, after: 7 }],
    ]);

    expect(numbers).to.deep.equal({
      ...{ mistakes: 2, programs: 3, before: 50, after: 4 },
      ...{ shortest: 2, longest: 1 },
    });
  });

  it('should count the seeds that every variant was played on', () => {
    const runs = [
      { seeds: 1000, programs: 5, alarms: [] },
      { seeds: 250, programs: 7, alarms: ['one'] },
    ];

    const numbers = variantNumbers(runs, 3);

    expect(numbers).to.deep.equal({ variants: 2, seeds: 250, programs: 12, alarms: 1, minutes: 3 });
  });

  it('should refuse a page without a place for them', () => {
    expect(() => withMeasured('# Faultline', {})).to.throw('README.md has no');
  });
});
