import { expect } from 'chai';
import { FileStore } from './file-store.ts';
import { Frames } from './frames.ts';
import { PageCache } from './page-cache.ts';
import { PhysicalMemory } from './physical-memory.ts';

function setUp() {
  const frames = new Frames(new PhysicalMemory(), 16, 'quarantine', 1);
  const cache = new PageCache((frame) => {
    frames.release(frame);
  });
  return { cache, sut: new FileStore(cache), newFrame: () => frames.allocate(0)! };
}

const SPEC = { size: 10_000, seed: 1 };

describe('FileStore', () => {
  it('should number files, and keep them by name', () => {
    const { sut } = setUp();

    const files = [sut.create(SPEC, 'lib'), sut.create(SPEC), sut.create(SPEC)];

    expect(files.map(({ ino }) => ino)).to.deep.equal([1, 2, 3]);
    expect(sut.names).to.deep.equal(['lib', 'file 2', 'file 3']);
    expect(sut.names.map((name) => sut.get(name))).to.deep.equal(files);
  });

  it('should refuse a name that is taken, and the number is not used up', () => {
    const { sut } = setUp();
    sut.create(SPEC, 'lib');

    expect(() => sut.create(SPEC, 'lib')).to.throw(RangeError, 'there is a file lib already');
    expect(sut.create(SPEC).ino).to.equal(2);
  });

  it('should give a file the number that it asks for, and greater ones to later files', () => {
    const { sut } = setUp();

    const files = [5, undefined, 2 ** 32 + 5, undefined].map((ino) =>
      sut.create(ino === undefined ? SPEC : { ...SPEC, ino }),
    );

    expect(files.map(({ ino }) => ino)).to.deep.equal([5, 6, 2 ** 32 + 5, 2 ** 32 + 6]);
    expect(sut.withInode(2 ** 32 + 5)).to.equal(files[2]);
    for (const ino of [5, 2 ** 32 + 6, 2 ** 40 + 0.5, 2 ** 53])
      expect(() => sut.create({ ...SPEC, ino })).to.throw(RangeError, 'not a new one');
  });

  it('should take an unlinked file out at once, and let its name be used again', () => {
    const { sut } = setUp();
    const old = sut.create(SPEC, 'lib');

    sut.unlink('lib');
    const gone = sut.get('lib');
    const next = sut.create(SPEC, 'lib');

    expect([gone, sut.get('lib')]).to.deep.equal([undefined, next]);
    expect(next.ino).not.to.equal(old.ino);
    expect(old.read(0, new Uint8Array(9))).to.equal(9);
    expect(() => {
      sut.unlink('other');
    }).to.throw(RangeError, 'there is no file other');
  });

  it('should keep the cached pages of a file until it has neither name nor handle', () => {
    for (const last of ['unlink', 'close'] as const) {
      const { sut, cache, newFrame } = setUp();
      const file = sut.create({ ...SPEC, cached: true }, 'lib');
      for (let i = 0; i < 2; i++) sut.opened(file);
      cache.keep(file.ino, 0, newFrame());

      const steps = [() => sut.closed(file), () => sut.closed(file), () => sut.unlink('lib')];
      if (last === 'close') steps.unshift(...steps.splice(2));
      const sizes = steps.map((step) => {
        step();
        return cache.size;
      });

      expect(sizes).to.deep.equal([1, 1, 0]);
      expect(sut.openHandles(file)).to.equal(0);
    }
  });

  it('should let the cache forget what a change makes wrong: from the block in which it begins', () => {
    const { sut, cache, newFrame } = setUp();
    const file = sut.create({ ...SPEC, cached: true });
    const cached = () => [0, 1, 2].filter((block) => cache.get(file.ino, block) !== undefined);
    const fill = () => {
      for (const block of [0, 1, 2])
        if (cache.get(file.ino, block) === undefined) cache.keep(file.ino, block, newFrame());
    };

    const left = [
      () => file.truncate(5000),
      () => file.truncate(10_000),
      () => file.truncate(8192),
      () => file.replace(2),
    ].map((change) => {
      fill();
      change();
      return cached();
    });

    expect(left).to.deep.equal([[0], [0], [0, 1], []]);
  });
});
