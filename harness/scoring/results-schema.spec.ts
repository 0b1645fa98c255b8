import { expect } from 'chai';
import { resultsJson } from '../reporters/results-json.ts';
import { SAMPLE_GRADE } from '../reporters/sample-grade.ts';
import { parseResults, resultsSchema } from './results-schema.ts';

const sample = (): Record<string, unknown> =>
  JSON.parse(resultsJson(SAMPLE_GRADE)) as Record<string, unknown>;

describe('resultsSchema', () => {
  it('should know every field of the record', () => {
    expect(resultsSchema.parse(SAMPLE_GRADE)).to.deep.equal(SAMPLE_GRADE);
  });

  it('should ignore fields of later editions', () => {
    const later = { ...sample(), mood: 'sunny' };

    expect(resultsSchema.parse(later)).to.deep.equal(SAMPLE_GRADE);
  });
});

describe('parseResults', () => {
  it('should read what was written', () => {
    expect(parseResults(resultsJson(SAMPLE_GRADE))).to.deep.equal(SAMPLE_GRADE);
  });

  it('should name another version', () => {
    const text = JSON.stringify({ ...sample(), schema: 'faultline/results/v2' });

    expect(() => parseResults(text)).to.throw('cannot read "faultline/results/v2"');
  });

  it('should name the field that does not fit', () => {
    const text = JSON.stringify({ ...sample(), percent: 120 });

    expect(() => parseResults(text)).to.throw(/damaged results\.json.*percent/su);
  });

  it('should refuse what is not a results.json', () => {
    expect(() => parseResults('[]')).to.throw('no "schema"');
    expect(() => parseResults('{"schema"')).to.throw(SyntaxError);
  });
});
