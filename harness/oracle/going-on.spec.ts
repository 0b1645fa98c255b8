import { expect } from 'chai';
import { alice, file, load, read, spawned } from '../testing/told-alice.ts';
import {
  type Also,
  fault,
  killed,
  leaf,
  ok,
  process,
  returned,
  rulesOf,
  story,
  threw,
  type Told,
} from '../testing/told-traces.ts';
import { judge } from './judge.ts';
import { settled } from './verdict.ts';

/** Rules that are found broken, in the order in which they come to light, if those `known` are known to be. */
function found(told: readonly Told[], ...known: readonly string[]): readonly string[] {
  const { program, trace } = story([spawned(), ...told]);
  const rules = rulesOf(settled(judge(program, trace), new Set(known)));
  return [...new Set(rules)].filter((rule) => !known.includes(rule));
}

const page = leaf(0xa000, 4, 'rwu');
const mmap = (addr = 0xa000, size = 0x1000, perm = 'rwu'): Told =>
  process((p) => p.mmap(addr, size, perm), returned(BigInt(addr)));
const garbage = load(9, 0xa000, page);

describe('the comparison', () => {
  describe('after a munmap that must be refused and is not', () => {
    const wrong = (also: Also = {}): Told => process((p) => p.munmap(0x5000), returned(0n), also);

    it('should go on if no page has changed', () => {
      expect(found([mmap(), wrong(), garbage])).to.deep.equal(['LP-15', 'LP-6']);
    });

    it('should end if one has', () => {
      const told = [mmap(), load(0, 0xa000, page), wrong(alice()), read(9)];

      expect(found(told)).to.deep.equal(['LP-15']);
    });

    it('should take a region for lost that was there then, and no other', () => {
      const faults = [fault(0xa000, 4, 'error')];
      const lost = process((p) => p.read(0xa000), killed(), { faults });

      expect(found([mmap(), wrong(), lost])).to.deep.equal(['LP-15']);
      expect(found([wrong(), mmap(), lost])).to.deep.equal(['LP-15', 'LP-6']);
    });
  });

  describe('after a mapping that is refused though it is allowed', () => {
    const refused = (also: Also = {}): Told =>
      process((p) => p.mmap(0xb000, 0x1000, 'rwu'), threw('InvalidArgument'), also);

    it('should go on, without that region', () => {
      const gone = process((p) => p.read(0xb000), killed());

      expect(found([mmap(), refused(), gone, garbage])).to.deep.equal(['LP-1', 'LP-6']);
    });

    it('should charge to the same rule what comes of a region that is there all the same', () => {
      const there = load(0, 0xb000, leaf(0xb000, 4, 'rwu'));

      expect(found([refused(), there])).to.deep.equal(['LP-1']);
    });

    it('should end if pages were left', () => {
      const left = refused(alice(leaf(0xb000, 4, 'rwu')));

      expect(found([mmap(), left, garbage])).to.deep.equal(['LP-1']);
    });
  });

  describe('after a mapping that is made though it must be refused', () => {
    const made = mmap(0xa000, 0x1000, 'wu');

    it('should go on, and charge to the same rule what comes of that region', () => {
      const unmapped = process((p) => p.munmap(0xa000), returned(0n));
      const refused = process((p) => p.mmap(0xa000, 0x1000, 'rwu'), threw('FileExist'));

      for (const then of [load(0, 0xa000, page), unmapped, refused])
        expect(found([made, then])).to.deep.equal(['LP-4']);
    });

    it('should charge to the same rule what comes of an munmap that may have taken that region for another one', () => {
      const told = [
        mmap(),
        mmap(0xa000, 0x1000, 'ru'),
        process((p) => p.munmap(0xa000), returned(0n)),
        mmap(0xa000, 0x3000, 'ru'),
        process((p) => p.munmap(0xa000), returned(0n)),
        load(0, 0xc000, leaf(0xc000, 4, 'ru')),
      ];

      expect(found(told)).to.deep.equal(['LP-3']);
    });

    it('should look at what has nothing to do with that region', () => {
      const elsewhere = load(9, 0xc000, leaf(0xc000, 4, 'rwu'));

      expect(found([made, mmap(0xc000), elsewhere])).to.deep.equal(['LP-4', 'LP-6']);
    });

    it('should take only bytes for those of that region that it would show', () => {
      const before = [
        file(),
        process((p) => p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' }), returned(0xa000n)),
        mmap(),
      ];

      expect(found([...before, load(0, 0xa000, page)])).to.deep.equal(['LP-3']);
      expect(found([...before, garbage])).to.deep.equal(['LP-3', 'LP-7']);
    });
  });

  describe('after an access that is refused though it is allowed', () => {
    const refused = (also: Also = {}): Told =>
      process((p) => p.write(0xa000, 1, 'alice', { length: 8 }), killed(), {
        faults: [fault(0xa000, 6, 'error')],
        ...also,
      });

    it('should go on: its page may have been loaded, and nothing was written to it', () => {
      expect(found([mmap(), refused(), load(0, 0xa000, page)])).to.deep.equal(['LP-6']);
      expect(found([mmap(), refused(), load(1, 0xa000, page)], 'LP-1')).to.deep.equal(['LP-6']);
      const other = leaf(0xc000, 4, 'rwu');

      expect(
        found([mmap(), mmap(0xc000, 0x1000, 'ru'), refused(), load(0, 0xc000, other)]),
      ).to.deep.equal(['LP-6', 'LP-10']);
    });

    it('should end if pages have changed', () => {
      const told = [mmap(), mmap(0xc000, 0x1000, 'ru'), refused(alice())];

      expect(found([...told, load(0, 0xc000, leaf(0xc000, 4, 'rwu'))])).to.deep.equal(['LP-6']);
    });
  });

  describe('what had to work and was refused', () => {
    const refusals = (...told: readonly Told[]): readonly string[] => {
      const { program, trace } = story([spawned(), ...told]);
      const { refused = [] } = settled(judge(program, trace), new Set());
      return refused.map(({ rule }) => rule);
    };
    const read1 = (va: number): Told => process((p) => p.read(va), killed());

    it('should hide what is in a mapping once it is asked for', () => {
      const refused = process((p) => p.mmap(0xb000, 0x2000, 'rwu'), threw('InvalidArgument'));

      expect(refusals(refused, read1(0xd000))).to.deep.equal([]);
      expect(refusals(refused, read1(0xc000))).to.deep.equal(['LP-1']);
      expect(refusals(refused, mmap(0xa000, 0x3000))).to.deep.equal(['LP-1']);
    });

    it('should hide what an access would have shown', () => {
      const refused = process((p) => p.read(0xa000), killed(), {
        faults: [fault(0xa000, 4, 'error')],
      });

      expect(refusals(mmap(), refused)).to.deep.equal(['LP-6']);
      expect(refusals(mmap(), read1(0xb000))).to.deep.equal([]);
    });

    it('should hide it under the name of the rule that explains it', () => {
      const refused = process((p) => p.read(0xa000), killed(), {
        faults: [fault(0xa000, 4, 'error')],
      });
      const wrong = process((p) => p.munmap(0x5000), returned(0n));

      expect(refusals(mmap(), wrong, refused)).to.deep.equal(['LP-15']);
    });
  });

  describe('where processes share their regions', () => {
    it('should charge to that what comes of a munmap in another process', () => {
      const told = [
        spawned('bob'),
        mmap(),
        process((p) => p.munmap(0xa000, 'bob'), returned(0n)),
        process((p) => p.munmap(0xa000), threw('InvalidArgument')),
      ];

      expect(found(told, 'LP-18')).to.deep.equal([]);
    });

    it('should charge to that what a relative has lost', () => {
      const told = [
        process((p) => p.fork('bob'), ok, { spaces: { bob: [] } }),
        mmap(),
        process((p) => p.munmap(0xa000, 'bob'), returned(0n)),
        process((p) => p.accessOk(0xa000, false), returned(false)),
      ];

      expect(found([...told], 'CW-13')).to.not.include('LP-20');
    });

    it('should charge to that what comes of a doubtful mapping in a relative', () => {
      const told = [
        mmap(),
        process((p) => p.fork('bob'), ok, { spaces: { bob: [] } }),
        process((p) => p.munmap(0xa000, 'bob'), returned(0n)),
        mmap(0x9000, 0x2000),
        process((p) => p.accessOk(0x9000, false, 'bob'), returned(true)),
      ];

      expect(found(told)).to.deep.equal(['CW-13']);
    });
  });
});
