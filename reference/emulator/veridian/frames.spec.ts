import { expect } from 'chai';
import type { FrameNumber as Frame } from '../../contract/veridian.ts';
import { POISON } from '../frames.ts';
import { activate, machine } from '../keos/active-machine.ts';
import { keos } from '../keos/index.ts';
import { Machine } from '../machine.ts';
import { stopBy, thrownBy } from '../testing/endings.ts';
import { veridian } from './index.ts';

const { FRAME_ALLOCATOR, FrameAllocatorError, FrameNumber, PAGE_SIZE, physToVirtAddr } = veridian;

const bytesOf = (frame: Frame) => physToVirtAddr(frame * PAGE_SIZE);

describe('FRAME_ALLOCATOR', () => {
  beforeEach(() => activate(new Machine()));

  it('should give frames that hold what was left in them', () => {
    const first = FRAME_ALLOCATOR.allocateFrame();
    const second = FRAME_ALLOCATOR.allocateFrame();

    expect(second).to.not.equal(first);
    for (const frame of [first, second])
      for (const at of [0, 2047, 4095]) expect(bytesOf(frame).get(at)).to.equal(POISON);
  });

  it('should count what it gives as taken, until it is given back', () => {
    const frame = FRAME_ALLOCATOR.allocateFrame();

    expect([...machine().frames.owned()].map(({ number }) => BigInt(number))).to.deep.equal([
      frame,
    ]);
    FRAME_ALLOCATOR.freeFrame(frame);
    expect([...machine().frames.owned()]).to.deep.equal([]);
  });

  it('should throw its own error when no frame is left, or when one is made to fail', () => {
    activate(new Machine({ frames: 1 }));
    FRAME_ALLOCATOR.allocateFrame();
    expect(thrownBy(() => FRAME_ALLOCATOR.allocateFrame())).to.equal(
      FrameAllocatorError.OutOfMemory,
    );

    activate(new Machine());
    machine().faults.arm({ point: 'frame', mode: 'once', nth: 1 });
    expect(thrownBy(() => FRAME_ALLOCATOR.allocateFrame())).to.equal(
      FrameAllocatorError.OutOfMemory,
    );
    expect(FRAME_ALLOCATOR.allocateFrame()).to.be.a('bigint');
    expect(machine().stop).to.equal(null);
  });

  it('should panic when a frame is freed twice, never was one, or belongs to a Page', () => {
    const freed = FRAME_ALLOCATOR.allocateFrame();
    FRAME_ALLOCATOR.freeFrame(freed);
    const stop = stopBy(() => FRAME_ALLOCATOR.freeFrame(freed));
    expect(stop).to.include({ kind: 'panic', about: 'frames' });
    expect(stop.message).to.include('is free (freed before)');

    activate(new Machine());
    const never = stopBy(() => FRAME_ALLOCATOR.freeFrame(5n as Frame));
    expect(never.message).to.include('there is no page frame 0x5');

    activate(new Machine());
    const page = keos.Page.new();
    const others = stopBy(() => FRAME_ALLOCATOR.freeFrame((page.pa() / PAGE_SIZE) as Frame));
    expect(others.message).to.include('did not come from this allocator');

    for (const value of [1, -1n, 1n << 40n, '1n', null]) {
      activate(new Machine());
      const wrong = stopBy(() => FRAME_ALLOCATOR.freeFrame(value as never));
      expect(wrong.message).to.include('is not a frame number');
    }
  });
});

describe('physToVirtAddr', () => {
  beforeEach(() => activate(new Machine()));

  it('should show the bytes of a frame, and copy between two', () => {
    const [one, other] = [FRAME_ALLOCATOR.allocateFrame(), FRAME_ALLOCATOR.allocateFrame()];
    bytesOf(one).fill(7);
    bytesOf(one).set(4095, 9);

    bytesOf(other).copyFrom(bytesOf(one));

    expect([bytesOf(other).get(0), bytesOf(other).get(4095)]).to.deep.equal([7, 9]);
  });

  it('should panic for what is not the start of an allocated frame', () => {
    const frame = FRAME_ALLOCATOR.allocateFrame();
    const wrong: readonly (readonly [unknown, string])[] = [
      [frame * PAGE_SIZE + 8n, 'is not the start of a frame'],
      [frame, 'is not the start of a frame'],
      [0n, 'there is no page frame 0x0'],
      [Number(frame * PAGE_SIZE), 'is not a physical address'],
      [1n << 52n, 'is not a physical address'],
    ];
    for (const [address, message] of wrong) {
      activate(new Machine());
      FRAME_ALLOCATOR.allocateFrame();
      expect(stopBy(() => physToVirtAddr(address as bigint)).message).to.include(message);
    }
  });

  it('should not be of use after the frame was freed, nor a view that was made before', () => {
    const frame = FRAME_ALLOCATOR.allocateFrame();
    const view = bytesOf(frame);
    FRAME_ALLOCATOR.freeFrame(frame);

    expect(stopBy(() => view.get(0))).to.include({ kind: 'panic', about: 'frames' });
    activate(new Machine());
    const freed = FRAME_ALLOCATOR.allocateFrame();
    FRAME_ALLOCATOR.freeFrame(freed);
    expect(stopBy(() => bytesOf(freed)).message).to.include('is free (freed before)');
  });
});

describe('FrameNumber', () => {
  beforeEach(() => activate(new Machine()));

  it('should be the number itself, within 40 bits', () => {
    expect(FrameNumber.new(0x123n)).to.equal(0x123n);
    expect(stopBy(() => FrameNumber.new(1n << 40n)).message).to.include('is not a frame number');
  });
});
