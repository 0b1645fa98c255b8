import { expect } from 'chai';
import type { Mutant } from './mutant.ts';
import { canBePlantedTogether, plant, PlantingError } from './plant.ts';

const MODEL = { 'a.ts': 'one two three two four', 'b.ts': 'alpha beta' };

function mutant(id: string, ...edits: Mutant['edits']): Mutant {
  return { id, mistake: 'a slip', rule: 'R-1', check: 'c', edits };
}

describe('plant', () => {
  it('should make every edit of every mutant, and leave the model and other files alone', () => {
    const one = mutant(
      'one',
      { file: 'a.ts', find: 'three', put: 'THREE' },
      { file: 'b.ts', find: 'beta', put: '' },
    );
    const other = mutant('other', { file: 'a.ts', find: 'one', put: 'three one' });

    const files = plant(MODEL, [one, other]);

    expect(files).to.deep.equal({ 'a.ts': 'three one two THREE two four', 'b.ts': 'alpha ' });
    expect(plant(MODEL, [other, one])).to.deep.equal(files);
    expect(MODEL['a.ts']).to.equal('one two three two four');
  });

  const misfits: readonly (readonly [string, Mutant['edits'][number], string])[] = [
    [
      'a file that there is not',
      { file: 'c.ts', find: 'one', put: '' },
      'mutant m: there is no c.ts',
    ],
    [
      'a text that is not there',
      { file: 'a.ts', find: 'five', put: '' },
      'mutant m: a.ts does not contain "five"',
    ],
    [
      'a text that is there twice',
      { file: 'a.ts', find: 'two', put: '' },
      'mutant m: a.ts contains "two" more than once',
    ],
    [
      'a text that overlaps itself',
      { file: 'x.ts', find: 'aa', put: '' },
      'mutant m: x.ts contains "aa" more than once',
    ],
    ['an empty text', { file: 'a.ts', find: '', put: 'x' }, 'mutant m: a.ts does not contain ""'],
    [
      'an edit that changes nothing',
      { file: 'a.ts', find: 'one', put: 'one' },
      'mutant m: a.ts: "one" is replaced by itself',
    ],
  ];
  for (const [what, edit, message] of misfits) {
    it(`should refuse ${what}, naming mutant, file and text`, () => {
      expect(() => plant({ ...MODEL, 'x.ts': 'aaa' }, [mutant('m', edit)])).to.throw(
        PlantingError,
        message,
      );
    });
  }

  it('should refuse edits that collide, and say so beforehand', () => {
    const left = mutant('left', { file: 'a.ts', find: 'one two', put: 'x' });
    const right = mutant('right', { file: 'a.ts', find: 'two three', put: 'y' });
    const apart = mutant('apart', { file: 'a.ts', find: ' three', put: 'y' });

    expect(() => plant(MODEL, [left, right])).to.throw(
      PlantingError,
      'mutant right: in a.ts, "two three" collides with an edit of left',
    );
    expect(canBePlantedTogether(MODEL, left, right)).to.equal(false);
    expect(canBePlantedTogether(MODEL, left, apart)).to.equal(true);
  });
});
