import { expect } from 'chai';
import fc from 'fast-check';
import {
  enumerateInjections,
  type Injection,
  INJECTION_POINTS,
  type InjectionPoint,
} from '../contract/injection.ts';
import { FaultInjector } from './fault-injector.ts';

const strikes = (sut: FaultInjector, point: InjectionPoint, count: number) =>
  Array.from({ length: count }, () => sut.strikes(point));

const points = fc.constantFrom(...INJECTION_POINTS);
const chances: fc.Arbitrary<Injection & { mode: 'chance' }> = fc.record({
  point: points,
  mode: fc.constant('chance'),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.integer(),
});

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

    sut.arm({ point: 'mmap', nth: 2, mode: 'on' });

    expect(strikes(sut, 'mmap', 4)).to.deep.equal([false, true, true, true]);
  });

  it('should tell once more than ten thousand calls have failed in one operation', () => {
    const told: string[] = [];
    const sut = new FaultInjector(null, (why) => told.push(why));

    sut.arm({ point: 'frame', nth: 1, mode: 'on' });
    strikes(sut, 'frame', 10_000);
    expect(told).to.deep.equal([]);
    strikes(sut, 'frame', 1);
    expect(told).to.deep.equal([
      'more than 10,000 calls have failed in one operation: is there an endless loop?',
    ]);

    sut.arm({ point: 'frame', nth: 1, mode: 'on' });
    strikes(sut, 'frame', 10_000);
    expect(told).to.have.lengthOf(1);
  });

  it('should count calls that always fail among those, too', () => {
    const told: string[] = [];
    const sut = new FaultInjector(null, (why) => told.push(why));

    for (let nth = 0; nth < 10_000; nth++) sut.failed('read');
    expect(told).to.deep.equal([]);
    sut.failed('read');
    expect(told).to.have.lengthOf(1);
  });

  it('should fail every kth call', () => {
    const sut = new FaultInjector();

    sut.arm({ point: 'read', nth: 3, mode: 'every' });

    expect(strikes(sut, 'read', 7)).to.deep.equal([false, false, true, false, false, true, false]);
  });

  it('should fail by chance, the same calls each time it is armed with one seed', () => {
    fc.assert(
      fc.property(chances, (armed) => {
        const sut = new FaultInjector();
        sut.arm(armed);
        const first = strikes(sut, armed.point, 40);
        sut.arm(armed);

        expect(strikes(sut, armed.point, 40)).to.deep.equal(first);
      }),
    );
  });

  it('should fail about as often as it is told to, never at 0 and always at 1', () => {
    const share = (probability: number, seed: number) => {
      const sut = new FaultInjector();
      sut.arm({ point: 'frame', mode: 'chance', probability, seed });
      return strikes(sut, 'frame', 4000).filter(Boolean).length / 4000;
    };

    for (const seed of [0, 1, 2, 3, 99]) {
      expect(share(0.25, seed)).to.be.within(0.2, 0.3);
      expect([share(0, seed), share(1, seed)]).to.deep.equal([0, 1]);
    }
  });

  it('should choose other calls with another seed, from the first one on', () => {
    const firsts = Array.from({ length: 64 }, (_, seed) => {
      const sut = new FaultInjector();
      sut.arm({ point: 'frame', mode: 'chance', probability: 0.5, seed });
      return sut.strikes('frame');
    });

    expect(firsts.filter(Boolean).length).to.be.within(16, 48);
  });

  it('should count each point by itself', () => {
    const sut = new FaultInjector();
    sut.arm({ point: 'mmap', nth: 1, mode: 'once' });

    expect(strikes(sut, 'frame', 2)).to.deep.equal([false, false]);
    expect(strikes(sut, 'read', 3)).to.deep.equal([false, false, false]);
    const firedByOthers = sut.fired;
    expect(strikes(sut, 'mmap', 1)).to.deep.equal([true]);

    expect(firedByOthers).to.equal(false);
    expect(sut.calls).to.deep.equal({ frame: 2, read: 3, mmap: 1 });
  });

  it('should start afresh when armed or disarmed', () => {
    const sut = new FaultInjector();
    sut.arm({ point: 'frame', nth: 1, mode: 'on' });
    strikes(sut, 'frame', 2);

    sut.arm(null);

    expect(sut.fired).to.equal(false);
    expect(sut.calls).to.deep.equal({ frame: 0, read: 0, mmap: 0 });
    expect(sut.strikes('frame')).to.equal(false);
  });

  it('should fire exactly when the call that it waits for is made', () => {
    const injection: fc.Arbitrary<Exclude<Injection, { mode: 'chance' }>> = fc.record({
      point: points,
      nth: fc.integer({ min: 1, max: 6 }),
      mode: fc.constantFrom('once', 'on', 'every'),
    });

    fc.assert(
      fc.property(injection, fc.nat(12), fc.nat(12), fc.nat(12), (armed, frame, read, mmap) => {
        const sut = new FaultInjector();
        sut.arm(armed);
        const made = { frame, read, mmap };

        const hits = INJECTION_POINTS.flatMap((point) => strikes(sut, point, made[point]));

        const reached = Math.max(0, made[armed.point] - armed.nth + 1);
        const expected = {
          once: Math.min(1, reached),
          on: reached,
          every: Math.floor(made[armed.point] / armed.nth),
        };
        const seen = hits.filter(Boolean).length;
        expect(seen).to.equal(expected[armed.mode]);
        expect(sut.fired).to.equal(seen > 0);
        expect(sut.calls).to.deep.equal(made);
      }),
    );
  });

  it('should fire for each failure that is enumerated, and for none beyond', () => {
    const counts = fc.record({ frame: fc.nat(4), read: fc.nat(4), mmap: fc.nat(4) });
    const fires = (armed: Injection, made: Record<InjectionPoint, number>): boolean => {
      const sut = new FaultInjector();
      sut.arm(armed);
      for (const point of INJECTION_POINTS) strikes(sut, point, made[point]);
      return sut.fired;
    };

    fc.assert(
      fc.property(counts, (made) => {
        const all = [...enumerateInjections(made)];

        expect(all.every((armed) => fires(armed, made))).to.equal(true);
        expect(all).to.have.lengthOf(2 * (made.frame + made.read + made.mmap));
        for (const point of INJECTION_POINTS)
          expect(fires({ point, mode: 'once', nth: made[point] + 1 }, made)).to.equal(false);
      }),
    );
  });
});
