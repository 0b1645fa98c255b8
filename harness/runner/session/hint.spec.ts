import { expect } from 'chai';
import type { Panic } from '../../protocol/trace.ts';
import { hintFor, hintForDeath } from './hint.ts';

const rules = { hints: new Map([['R', 'about R']]) };
const check = { rule: 'S', hint: 'about the mistake that S is for' };

const panic = (kind: Panic['kind'], message: string): Panic => ({ kind, message, stack: '' });
const hint = (found: Panic | null, rule = 'S'): string => hintFor(rules, check, rule, found);

describe('hintFor', () => {
  it("should be the check's own for the rule it checks", () => {
    expect(hint(null)).to.equal(check.hint);
    expect(hint(panic('panic', 'frame 0x101 is released twice'))).to.equal(check.hint);
  });

  it("should be that of the rule where a limit says more of the rule than of the code's pace", () => {
    const strays: Panic = {
      ...panic('limit', 'more than 2049 pages are present'),
      about: 'leaves',
    };

    expect(hint(strays)).to.equal(check.hint);
    expect(hint(strays, 'R')).to.equal('about R');
  });

  it('should be that of the rule that is broken, if it is another one', () => {
    expect(hint(null, 'R')).to.equal('about R');
    expect(hint(null, 'of another assignment')).to.equal('');
  });

  it('should name what is not written yet', () => {
    expect(hint(panic('todo', 'not implemented: LazyPager.munmap'))).to.equal(
      'LazyPager.munmap is not implemented yet: write it, then grade again.',
    );
  });

  it('should tell values thrown on purpose from slips', () => {
    for (const message of [
      'threw "overlap" instead of an error',
      'Error: overlap',
      'Overlap: at 0x1000',
      'threw an object that is not an error',
    ]) {
      expect(hint(panic('exception', message)), message).to.include('throw KernelError.');
    }
    expect(hint(panic('exception', 'TypeError: x is undefined'))).to.include('the line named');
  });

  it('should ask what keeps code from ending, or what grows', () => {
    const endless = [
      panic('limit', 'more than 500,000 steps in one operation: is there an endless loop?'),
      panic('limit', 'the budget of calls to the machine is used up'),
      panic('torn', 'a call to the machine was cut short'),
      panic('exception', 'RangeError: Maximum call stack size exceeded'),
    ].map((found) => hint(found));

    expect(new Set([...endless, hintForDeath('timeout')])).to.have.property('size', 1);
    expect(endless[0]).to.include('keep a loop');
    expect(hint(panic('limit', 'more than 64 MiB of memory are in use')))
      .to.equal(hintForDeath('memory'))
      .and.include('grows');
    expect(hintForDeath('crash')).to.equal('');
  });
});
