import { expect } from 'chai';
import fc from 'fast-check';
import { FaultInjector, type Injection } from './fault-injector.ts';

const strikes = (sut: FaultInjector, point: 'frame' | 'file', count: number) =>
  Array.from({ length: count }, () => sut.strikes(point));

describe('FaultInjector', () => {
  it('should let everything pass unless armed', () => {
    const sut = new FaultInjector();

    expect(strikes(sut, 'frame', 3)).to.deep.equal([false, false, false]);
    expect(sut.fired).to.equal(false);
  });

  it('should fail the nth call once', () => {
    const sut = new FaultInjector();

    sut.arm({ point: 'frame', nth: 2, mode: 'once' });

    expect(strikes(sut, 'frame', 4)).to.deep.equal([false, true, false, false]);
    expect(sut.fired).to.equal(true);
  });

  it('should fail the nth call and all later ones', () => {
    const sut = new FaultInjector();

    sut.arm({ point: 'file', nth: 2, mode: 'on' });

    expect(strikes(sut, 'file', 4)).to.deep.equal([false, true, true, true]);
  });

  it('should count each point by itself', () => {
    const sut = new FaultInjector();
    sut.arm({ point: 'file', nth: 1, mode: 'once' });

    expect(strikes(sut, 'frame', 2)).to.deep.equal([false, false]);
    const firedByFrames = sut.fired;
    expect(strikes(sut, 'file', 1)).to.deep.equal([true]);

    expect(firedByFrames).to.equal(false);
    expect(sut.calls).to.deep.equal({ frame: 2, file: 1 });
  });

  it('should start afresh when armed or disarmed', () => {
    const sut = new FaultInjector();
    sut.arm({ point: 'frame', nth: 1, mode: 'on' });
    strikes(sut, 'frame', 2);

    sut.arm(null);

    expect(sut.fired).to.equal(false);
    expect(sut.calls).to.deep.equal({ frame: 0, file: 0 });
    expect(sut.strikes('frame')).to.equal(false);
  });

  it('should fire exactly when the call that it waits for is made', () => {
    const injection: fc.Arbitrary<Injection> = fc.record({
      point: fc.constantFrom('frame', 'file'),
      nth: fc.integer({ min: 1, max: 6 }),
      mode: fc.constantFrom('once', 'on'),
    });

    fc.assert(
      fc.property(injection, fc.nat(8), fc.nat(8), (armed, frames, files) => {
        const sut = new FaultInjector();
        sut.arm(armed);

        const hits = { frame: strikes(sut, 'frame', frames), file: strikes(sut, 'file', files) };

        const expected = Math.max(0, hits[armed.point].length - armed.nth + 1);
        const seen = [...hits.frame, ...hits.file].filter(Boolean).length;
        expect(seen).to.equal(armed.mode === 'once' ? Math.min(1, expected) : expected);
        expect(sut.fired).to.equal(seen > 0);
      }),
    );
  });
});
