import { expect } from 'chai';
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { fileByte } from '../../reference/contract/file-rule.ts';
import { alice, file, load, munmap, SEED, spawned } from '../testing/told-alice.ts';
import {
  fault,
  gavePage,
  leaf,
  process,
  returned,
  rulesOf,
  saw,
  story,
  threw,
  type Told,
} from '../testing/told-traces.ts';
import { judge } from './judge.ts';
import { settled } from './verdict.ts';

/** Rules that are found broken beside `known`, which is known to be, by what is told of alice. */
function foundWith(known: string, ...told: readonly Told[]): readonly string[] {
  const { program, trace } = story([spawned(), ...told]);
  return rulesOf(settled(judge(program, trace), new Set([known]))).filter((rule) => rule !== known);
}

const mmap = (addr: number, size = 0x1000, from?: string): Told =>
  process(
    (p) => p.mmap(addr, size, 'rwu', from === undefined ? {} : { file: from }),
    returned(BigInt(addr)),
  );
const page = (va: number, frame: number): Leaf => leaf(va, frame, 'rwu');
describe('signs of another rule', () => {
  const shows = (byte: number): readonly Told[] => [
    file(),
    mmap(0xa000, 0x1000, 'file'),
    mmap(0xb000),
    load(byte, 0xb080, page(0xb000, 5)),
  ];

  it('are bytes that the region before would have there', () => {
    expect(foundWith('LP-9', ...shows(fileByte(SEED, 0x1080)))).to.deep.equal([]);
    expect(foundWith('LP-9', ...shows(fileByte(SEED, 0x1080) ^ 1))).to.deep.equal(['LP-6']);
  });

  it('are answers of getUserPage, for what it shows', () => {
    const asked = process(
      (p) => p.getUserPage(0xb000),
      gavePage(5, 9, 'rwu'),
      alice(page(0xb000, 5)),
    );

    expect(foundWith('LP-19', mmap(0xb000), asked)).to.deep.equal([]);
  });

  it('are not answers of getUserPage, for what a fault has loaded', () => {
    const asked = process(
      (p) => p.getUserPage(0xa000),
      gavePage(4, 0, 'rwu'),
      alice(page(0xa000, 4)),
    );
    const wrong = load(9, 0xb000, page(0xa000, 4), page(0xb000, 5));

    expect(foundWith('LP-19', mmap(0xa000), mmap(0xb000), asked, wrong)).to.deep.equal(['LP-6']);
  });

  it('are bytes that somebody has stored at that place of another page', () => {
    const stores = process((p) => p.write(0xa080, 7), undefined, {
      ...alice(page(0xa000, 4)),
      faults: [fault(0xa080, 6)],
      frames: 4,
    });
    const sees = (byte: number): readonly Told[] => [
      mmap(0xa000),
      mmap(0xc000),
      stores,
      load(byte, 0xc080, page(0xa000, 4), page(0xc000, 5)),
    ];

    expect(foundWith('LP-22', ...sees(7))).to.deep.equal([]);
    expect(foundWith('LP-22', ...sees(8))).to.deep.equal(['LP-6']);
  });

  it('are bytes that the file has held before', () => {
    const sees = (byte: number): readonly Told[] => [
      file(),
      process((p) => p.rewrite('file', SEED + 1)),
      mmap(0xa000, 0x1000, 'file'),
      load(byte, 0xa080, page(0xa000, 5)),
    ];

    expect(foundWith('LP-22', ...sees(fileByte(SEED, 0x80)))).to.deep.equal([]);
    expect(foundWith('LP-22', ...sees(fileByte(SEED, 0x80) ^ 3))).to.deep.equal(['LP-7']);
  });

  for (const known of ['LP-9', 'LP-20']) {
    it(`are where a region begins or ends, for pages that ${known} may keep from being found`, () => {
      const missing = (va: number): readonly Told[] => [
        mmap(0xa000, 0x3000),
        process((p) => p.getUserPage(va), returned(null)),
      ];

      expect(foundWith(known, ...missing(0xa000))).to.deep.equal([]);
      expect(foundWith(known, ...missing(0xb000))).to.deep.equal(['LP-19']);
      expect(foundWith(known, ...missing(0xc000))).to.deep.equal([]);
    });
  }

  it('are faults, for pages that are there where nothing is any more', () => {
    const seen = saw(0);
    const gone = [mmap(0xa000), load(0, 0xa000, page(0xa000, 4)), munmap()];
    const faulted = { ...alice(page(0xa000, 4)), faults: [fault(0xa000, 4)], frames: 1 };

    expect(
      foundWith(
        'LP-9',
        ...gone,
        process((p) => p.read(0xa000), seen, faulted),
      ),
    ).to.not.include('LP-14');
    expect(
      foundWith(
        'LP-9',
        ...gone,
        process((p) => p.read(0xa000), seen),
      ),
    ).to.include('LP-14');
  });

  describe('of munmap', () => {
    const taken = [mmap(0xa000), mmap(0xc000), munmap(alice())];

    for (const [about, told, rule] of [
      ['accessOk', process((p) => p.accessOk(0xc000, false), returned(false)), 'LP-20'],
      ['getUserPage', process((p) => p.getUserPage(0xc000), returned(null)), 'LP-19'],
    ] as const) {
      it(`are, for ${about} that does not find a region, that there was one`, () => {
        expect(foundWith('LP-14', ...taken, told)).to.deep.equal([]);
        expect(foundWith('LP-14', mmap(0xa000), mmap(0xc000), told)).to.deep.equal([rule]);
      });
    }

    it('are, for an overlap that is accepted, that there was one', () => {
      const overlaps = process((p) => p.mmap(0xc000, 0x1000, 'rwu'), returned(0xc000n));

      expect(foundWith('LP-14', ...taken, overlaps)).to.deep.equal([]);
      expect(foundWith('LP-14', mmap(0xc000), overlaps)).to.deep.equal(['LP-3']);
    });

    it('are not what is left of a region, of a rule about new ones', () => {
      const left = [mmap(0xa000), load(0, 0xa000, page(0xa000, 4)), munmap(alice(page(0xa000, 4)))];

      expect(foundWith('LP-17', ...left)).to.deep.equal(['LP-14']);
    });
  });

  it('are frames that are free, for pages that cannot be had', () => {
    const missing = (free: boolean): Told =>
      process((p) => p.getUserPage(0xb000), threw('InvalidAccess'), {
        ...alice(page(0xb000, 5)),
        facts: free ? [{ kind: 'dangling-entry', va: 0xb000, level: 1, frame: 5 }] : [],
      });

    expect(foundWith('LP-21', mmap(0xa000, 0x3000), missing(true))).to.not.include('LP-19');
    expect(foundWith('LP-21', mmap(0xa000, 0x3000), missing(false))).to.include('LP-19');
  });
});
