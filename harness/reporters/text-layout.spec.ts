import { expect } from 'chai';
import fc from 'fast-check';
import { besideEachOther, numberedSteps, wrap } from './text-layout.ts';

describe('wrap', () => {
  it('should break at spaces and indent what follows', () => {
    expect(wrap('one two three', 8, '  ')).to.deep.equal(['one two', '  three']);
  });

  it('should break a word that is too long', () => {
    expect(wrap('abcdefgh', 3)).to.deep.equal(['abc', 'def', 'gh']);
  });

  it('should keep to the width and lose nothing but spaces', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 8, max: 40 }), (text, width) => {
        const lines = wrap(text, width, '  ');

        expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(width);
        expect(lines.join('').replaceAll(' ', '')).to.equal(text.replaceAll(' ', ''));
      }),
    );
  });
});

describe('numberedSteps', () => {
  it('should number and mark', () => {
    const steps = Array.from({ length: 10 }, (_, i) => `step ${i + 1}`);

    const texts = numberedSteps(steps, 9).map((line) => line.text);

    expect(texts[0]).to.equal('   1. step 1');
    expect(texts[9]).to.equal('> 10. step 10');
  });

  it('should leave out the middle of a long program, never the failing step', () => {
    const steps = Array.from({ length: 500 }, (_, i) => `step ${i + 1}`);

    const lines = numberedSteps(steps, 300);

    expect(lines).to.have.length.below(50);
    expect(lines.filter((line) => line.failing).map((line) => line.text)).to.deep.equal([
      '> 301. step 301',
    ]);
    expect(lines.map((line) => line.text)).to.include('  …');
  });
});

describe('besideEachOther', () => {
  it('should put short texts side by side', () => {
    expect(besideEachOther('ok', 'panic', 40)).to.deep.equal([
      'expected   observed',
      '--------   --------',
      'ok         panic',
    ]);
  });

  it('should align what is equal and mark the rest', () => {
    expect(besideEachOther('a\nb\nc', 'a\nx\ny\nc', 40).slice(2)).to.deep.equal([
      '  a        a',
      '* b        x',
      '*          y',
      '  c        c',
    ]);
  });

  it('should put wide texts one below the other', () => {
    expect(besideEachOther('e'.repeat(30), 'o'.repeat(30), 40)).to.deep.equal([
      'expected',
      `  ${'e'.repeat(30)}`,
      'observed',
      `  ${'o'.repeat(30)}`,
    ]);
  });
});
