import { expect } from 'chai';
import { CowEntryModel } from './cow-entry-model.ts';
import type { ModelFrame } from './model-frame.ts';

const FRAME = { number: 1 } as ModelFrame;
const OTHER = { number: 2 } as ModelFrame;
const marked = (before?: CowEntryModel, frame = FRAME): CowEntryModel =>
  new CowEntryModel(frame, 'mark-cow', before);

describe('CowEntryModel', () => {
  it('should count two', () => {
    const entry = marked();

    expect(entry.release(true), 'the first is the last').to.equal(false);
    expect(entry.release(false)).to.equal(true);
    expect(entry.mayBeLast).to.equal(true);
    expect(entry.release(true)).to.equal(true);
    expect(entry.mayBeOver).to.equal(true);
    expect(entry.release(true), 'nobody is left').to.equal(false);
    expect(entry.release(false)).to.equal(true);
  });

  it('should count a reference that was given up without an answer', () => {
    const entry = marked();
    entry.release();

    expect([entry.mayBeLast, entry.mayBeOver]).to.deep.equal([true, false]);
  });

  it('should begin anew or add one when it takes the place of another, until it is seen which', () => {
    for (const answers of [
      [false, true, false],
      [false, false, true],
    ]) {
      const entry = marked(marked(), OTHER);
      expect(answers.map((answer) => entry.release(answer))).to.deep.equal([true, true, true]);
    }
    const entry = marked(marked());
    expect([false, true, true].map((answer) => entry.release(answer))).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(entry.marks).to.equal(2);
  });

  it('should begin with two after the last reference', () => {
    const old = marked();
    old.release();
    old.release();
    const entry = marked(old, OTHER);

    expect(entry.release(false)).to.equal(true);
    expect(entry.release(false)).to.equal(false);
    expect(entry.formerFrames).to.deep.equal([FRAME]);
  });

  it('should be over when the last sharer keeps the frame', () => {
    const entry = marked();
    entry.end();

    expect([entry.mayBeLast, entry.mayBeOver]).to.deep.equal([false, true]);
  });
});
