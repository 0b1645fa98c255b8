import { expect } from 'chai';
import { callName, enumerateInjections, type Injection, injectionText } from './injection.ts';

describe('callName', () => {
  it('should name a call exactly', () => {
    expect(callName('frame', 3, 4)).to.equal('frame allocation 3 of operation 4');
    expect(callName('read', 1, 1)).to.equal('file read 1 of operation 1');
    expect(callName('mmap', 2, 10)).to.equal('file mmap 2 of operation 10');
  });
});

describe('injectionText', () => {
  for (const [injection, text] of [
    [{ point: 'frame', mode: 'once', nth: 3 }, 'frame allocation 3 of operation 4 fails'],
    [{ point: 'mmap', mode: 'on', nth: 1 }, 'file mmap 1 of operation 4 and every later one fail'],
    [{ point: 'read', mode: 'every', nth: 1 }, 'every file read of operation 4 fails'],
    [{ point: 'frame', mode: 'every', nth: 2 }, 'frame allocations 2, 4, 6, … of operation 4 fail'],
    [
      { point: 'frame', mode: 'chance', probability: 0.25, seed: 7 },
      'each frame allocation of operation 4 fails with a chance of 25 % (seed 7)',
    ],
  ] as const satisfies [Injection, string][]) {
    it(`should say "${text}"`, () => {
      expect(injectionText(injection, 4)).to.equal(text);
    });
  }
});

describe('enumerateInjections', () => {
  it('should name each call once by itself, and once with all later ones', () => {
    expect([...enumerateInjections({ frame: 2, read: 0, mmap: 1 })]).to.deep.equal([
      { point: 'frame', mode: 'once', nth: 1 },
      { point: 'frame', mode: 'once', nth: 2 },
      { point: 'frame', mode: 'on', nth: 1 },
      { point: 'frame', mode: 'on', nth: 2 },
      { point: 'mmap', mode: 'once', nth: 1 },
      { point: 'mmap', mode: 'on', nth: 1 },
    ]);
  });

  it('should have nothing to try where no call is made', () => {
    expect([...enumerateInjections({ frame: 0, read: 0, mmap: 0 })]).to.deep.equal([]);
  });
});
