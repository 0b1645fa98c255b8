import { expect } from 'chai';
import { type Frame, Frames } from './frames.ts';
import { PageCache } from './page-cache.ts';
import { PhysicalMemory } from './physical-memory.ts';

function setUp(): { sut: PageCache; newFrame: () => Frame } {
  const frames = new Frames(new PhysicalMemory(), 16, 'quarantine', 1);
  const sut = new PageCache((frame) => {
    frames.release(frame);
  });
  return { sut, newFrame: () => frames.allocate(0)! };
}

describe('PageCache', () => {
  it('should own one reference of each of its frames', () => {
    const { sut, newFrame } = setUp();
    const frame = newFrame();

    sut.keep(1, 7, frame);

    expect(sut.get(1, 7)).to.equal(frame);
    expect([sut.get(1, 8), sut.get(2, 7)]).to.deep.equal([undefined, undefined]);
    expect(frame.owners).to.deep.equal({ pages: 0, outside: 0, kernel: 'cache' });
  });

  it('should forget the blocks of a file that changed, and no others', () => {
    const { sut, newFrame } = setUp();
    const frames = [newFrame(), newFrame(), newFrame()];
    sut.keep(1, 0, frames[0]!);
    sut.keep(1, 1, frames[1]!);
    sut.keep(2, 1, frames[2]!);

    sut.forget(1, 1);

    expect(frames.map(({ references }) => references)).to.deep.equal([1, 0, 1]);
    expect([sut.get(1, 0), sut.get(1, 1), sut.get(2, 1)]).to.deep.equal([
      frames[0],
      undefined,
      frames[2],
    ]);
  });

  it('should leave a forgotten page to those who use it', () => {
    const { sut, newFrame } = setUp();
    const frame = newFrame();
    sut.keep(1, 0, frame);
    frame.references++;

    sut.forget(1);

    expect(frame.owners).to.deep.equal({ pages: 0, outside: 1, kernel: null });
  });

  it('should evict the page asked for longest ago that nobody uses', () => {
    const { sut, newFrame } = setUp();
    const [used, old, recent] = [newFrame(), newFrame(), newFrame()];
    sut.keep(1, 0, used);
    sut.keep(1, 1, recent);
    sut.keep(1, 2, old);
    used.references++;
    sut.get(1, 1);

    const evicted = [1, 2, 3].map(() => [sut.evict(), old.references, recent.references]);

    expect(evicted).to.deep.equal([
      [true, 0, 1],
      [true, 0, 0],
      [false, 0, 0],
    ]);
    expect(sut.get(1, 0)).to.equal(used);
  });

  it('should let go of everything', () => {
    const { sut, newFrame } = setUp();
    const frames = [newFrame(), newFrame()];
    for (const [block, frame] of frames.entries()) sut.keep(1, block, frame);

    sut.clear();

    expect(sut.size).to.equal(0);
    expect(frames.map(({ references }) => references)).to.deep.equal([0, 0]);
  });
});
