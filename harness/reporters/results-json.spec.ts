import { expect } from 'chai';
import { resultsJson } from './results-json.ts';
import { SAMPLE_GRADE } from './sample-grade.ts';

/** The same value with the keys of every object reversed. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('resultsJson', () => {
  it('should lose nothing', () => {
    expect(JSON.parse(resultsJson(SAMPLE_GRADE))).to.deep.equal(SAMPLE_GRADE);
  });

  it('should not depend on the order of keys', () => {
    const other = reversed(SAMPLE_GRADE) as typeof SAMPLE_GRADE;

    expect(resultsJson(other)).to.equal(resultsJson(SAMPLE_GRADE));
  });

  it('should differ only in the last section when only the diagnostics do', () => {
    const diagnostics = { ...SAMPLE_GRADE.diagnostics, durationMs: 1, node: 'v26.0.0' };
    const stable = (text: string): string => text.slice(0, text.indexOf('"diagnostics"'));

    const again = resultsJson({ ...SAMPLE_GRADE, diagnostics });

    expect(stable(again)).to.equal(stable(resultsJson(SAMPLE_GRADE)));
    expect(again).not.to.equal(resultsJson(SAMPLE_GRADE));
  });

  it('should hold nothing that a terminal obeys', () => {
    expect(resultsJson(SAMPLE_GRADE)).not.to.match(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});
