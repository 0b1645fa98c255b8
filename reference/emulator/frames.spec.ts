import { expect } from 'chai';
import fc from 'fast-check';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import { type AllocationPolicy, FIRST_FRAME, type Frame, Frames, POISON } from './frames.ts';
import { PhysicalMemory } from './physical-memory.ts';

const POLICIES: readonly AllocationPolicy[] = ['first-fit', 'quarantine', 'random'];

function make(policy: AllocationPolicy, capacity = 8, seed = 1) {
  const memory = new PhysicalMemory();
  const frames = new Frames(memory, capacity, policy, seed);
  return { memory, frames };
}

function take(frames: Frames, count: number): Frame[] {
  return Array.from({ length: count }, () => frames.allocate(0)!);
}

const numbers = (frames: readonly (Frame | null)[]) => frames.map((frame) => frame?.number);

describe('Frames', () => {
  describe('allocate', () => {
    it('should hand out a zeroed frame with one reference, of the operation named', () => {
      const { memory, frames } = make('first-fit');

      const frame = frames.allocate(7)!;

      expect(frame).to.include({ references: 1, handles: 0, op: 7, number: FIRST_FRAME });
      expect(frame.pa).to.equal(FIRST_FRAME * PAGE_SIZE);
      expect(memory.readU64(frame.pa)).to.equal(0n);
      expect(frames.get(FIRST_FRAME)).to.equal(frame);
    });

    for (const policy of POLICIES) {
      it(`should give null when all are taken, and go on after a release (${policy})`, () => {
        const { frames } = make(policy, 2);
        const [first] = take(frames, 2);

        expect(frames.allocate(0)).to.equal(null);
        frames.release(first!);

        expect(frames.allocate(0)).to.equal(first);
        expect(frames.allocate(0)).to.equal(null);
      });
    }

    it('should take the lowest free frame under first-fit', () => {
      const { frames } = make('first-fit');
      const [, b, c, d] = take(frames, 4);

      for (const frame of [c!, b!, d!]) frames.release(frame);

      expect(numbers(take(frames, 4))).to.deep.equal([1, 2, 3, 4].map((n) => FIRST_FRAME + n));
    });

    it('should bring a freed frame back last, the oldest first, under quarantine', () => {
      const { frames } = make('quarantine', 4);
      const [a, b] = take(frames, 2);

      frames.release(b!);
      frames.release(a!);

      expect(numbers(take(frames, 4))).to.deep.equal([2, 3, 1, 0].map((n) => FIRST_FRAME + n));
    });

    it('should begin with the frame that it is told to, beyond 4 GiB too', () => {
      for (const policy of POLICIES) {
        const frames = new Frames(new PhysicalMemory(), 2, policy, 1, 0x18_0000);
        const [a, b] = take(frames, 2).toSorted((one, other) => one.number - other.number);

        expect([a?.number, b?.pa]).to.deep.equal([0x18_0000, 0x1_8000_1000]);
        expect(frames.get(0x18_0001)).to.equal(b);
        expect([...frames.owned()]).to.deep.equal([a, b]);
        expect(frames.allocate(0)).to.equal(null);
      }
    });

    it('should hand out frames in no order under random, all of them once, close together', () => {
      const { frames } = make('random', 200, 5);

      const order = numbers(take(frames, 200)) as number[];

      const ascending = order.toSorted((a, b) => a - b);
      expect(order).not.to.deep.equal(ascending);
      expect(ascending).to.deep.equal(Array.from({ length: 200 }, (_, i) => FIRST_FRAME + i));
      for (const [i, number] of order.entries()) expect(number - FIRST_FRAME).to.be.at.most(i + 64);
    });

    it('should leave poison in place under quarantine while another frame is left', () => {
      const { memory, frames } = make('quarantine', 4);
      const freed = frames.allocate(0)!;
      frames.release(freed);

      take(frames, 3);
      const kept = memory.readU8(freed.pa);

      expect(kept).to.equal(POISON);
      expect(frames.allocate(0)).to.equal(freed);
    });

    it('should follow its seed under random', () => {
      const order = (seed: number) => {
        const { frames } = make('random', 64, seed);
        for (const frame of take(frames, 48)) frames.release(frame);
        return numbers(take(frames, 48));
      };

      expect(order(5)).to.deep.equal(order(5));
      expect(order(5)).not.to.deep.equal(order(6));
    });
  });

  describe('release', () => {
    it('should free a frame only with its last reference', () => {
      const { memory, frames } = make('first-fit');
      const frame = frames.allocate(0)!;
      frame.references++;

      frames.release(frame);
      const liveWithOne = frames.live;
      frames.release(frame);

      expect([liveWithOne, frames.live]).to.deep.equal([1, 0]);
      expect(frame.references).to.equal(0);
      expect(memory.readU8(frame.pa)).to.equal(POISON);
    });

    it('should poison every byte, and reuse should zero every byte', () => {
      const { memory, frames } = make('first-fit');
      const frame = frames.allocate(0)!;

      frames.release(frame);
      const poisoned = new Set(memory.frameBytes(frame.pa));
      frames.allocate(0);

      expect([...poisoned]).to.deep.equal([POISON]);
      expect([...new Set(memory.frameBytes(frame.pa))]).to.deep.equal([0]);
    });

    it('should refuse a frame that is free', () => {
      const { frames } = make('first-fit');
      const frame = frames.allocate(0)!;
      frames.release(frame);

      expect(() => {
        frames.release(frame);
      }).to.throw(RangeError, 'frame 256 is free already');
      expect(frames.live).to.equal(0);
    });

    it('should begin a new generation, so that earlier views are recognised', () => {
      const { frames } = make('first-fit');
      const frame = frames.allocate(0)!;
      const before = frame.generation;

      frames.release(frame);
      frames.allocate(0);

      expect(frame.generation).to.equal(before + 1);
    });
  });

  describe('get', () => {
    it('should know frames that were allocated once, and no others', () => {
      const { frames } = make('first-fit');
      const frame = frames.allocate(0)!;
      frames.release(frame);

      expect(frames.get(frame.number)).to.equal(frame);
      expect([0, FIRST_FRAME - 1, FIRST_FRAME + 1, 0.5].map((n) => frames.get(n))).to.deep.equal([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });
  });

  it('should tell what a cycle that ends where it began has added', () => {
    const { frames } = make('quarantine');
    const cycle = (op: number) => {
      const [kept, released] = [frames.allocate(op)!, frames.allocate(op + 1)!];
      frames.release(released);
      return kept;
    };
    cycle(0);
    const before = frames.live;

    const added = cycle(2);

    expect(frames.live - before).to.equal(1);
    expect([...frames.owned(2)]).to.deep.equal([added]);
  });

  it('should say who owns a frame', () => {
    const { frames } = make('first-fit');
    const frame = frames.allocate(0)!;
    const fresh = frame.owners;

    frame.references += 2;
    frame.handles = 1;
    frame.kernelOwner = 'cache';
    const shared = frame.owners;

    expect([fresh, shared]).to.deep.equal([
      { pages: 0, outside: 1, kernel: null },
      { pages: 1, outside: 1, kernel: 'cache' },
    ]);
  });

  it('should have no owner in the kernel when it is taken again', () => {
    const { frames } = make('first-fit');
    const frame = frames.allocate(0)!;
    frame.kernelOwner = 'root';
    frames.release(frame);

    expect(frames.allocate(0)?.owners).to.deep.equal({ pages: 0, outside: 1, kernel: null });
  });

  it('should never hand out a frame that has an owner, nor run out while one is free', () => {
    const moves = fc.array(fc.oneof(fc.constant('take' as const), fc.nat(20)), { maxLength: 60 });
    const capacity = 6;

    fc.assert(
      fc.property(fc.constantFrom(...POLICIES), moves, fc.nat(), (policy, sequence, seed) => {
        const { memory, frames } = make(policy, capacity, seed);
        const owned: Frame[] = [];

        for (const move of sequence) {
          if (move === 'take') {
            const frame = frames.allocate(0);
            expect(frame === null).to.equal(owned.length === capacity);
            if (frame === null) continue;
            expect(owned).not.to.include(frame);
            expect(frame.number).to.be.within(FIRST_FRAME, FIRST_FRAME + capacity - 1);
            expect(memory.readU64(frame.pa + 8)).to.equal(0n);
            memory.writeU64(frame.pa + 8, 0xffn);
            owned.push(frame);
          } else if (owned.length > 0) {
            const [frame] = owned.splice(move % owned.length, 1);
            frames.release(frame!);
          }
          const sorted = owned.toSorted((a, b) => a.number - b.number);
          expect([...frames.owned()]).to.deep.equal(sorted);
          expect(frames.live).to.equal(owned.length);
        }
      }),
    );
  });
});
