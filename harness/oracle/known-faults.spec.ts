import { expect } from 'chai';
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { alice, file, load, spawned } from '../testing/told-alice.ts';
import {
  type Also,
  fault,
  gavePage,
  leaf,
  process,
  returned,
  rulesOf,
  saw,
  story,
  type Told,
} from '../testing/told-traces.ts';
import { judge } from './judge.ts';
import { settled, type Verdict } from './verdict.ts';

const NOBODY: ReadonlySet<string> = new Set();

const judged = (...told: readonly Told[]): Verdict => {
  const { program, trace } = story(told);
  return judge(program, trace);
};

const mmap = (size = 0x1000, perm = 'rwu', addr = 0xa000): Told =>
  process((p) => p.mmap(addr, size, perm), returned(BigInt(addr)));

/** Alice has stored to her page, which has `perm` in its leaf, and bob is her child: both leaves are as `forked` says then. */
function forkedWith(perm: string, forked: string, region = 'rwu'): readonly Told[] {
  const both: Also = {
    spaces: { alice: [leaf(0xa000, 5, forked)], bob: [leaf(0xa000, 5, forked)] },
    frames: 4,
  };
  return [
    spawned(),
    mmap(0x1000, region),
    load(0, 0xa000, leaf(0xa000, 5, perm)),
    process((p) => p.fork('bob'), undefined, both),
  ];
}

describe('what explains a wrong byte', () => {
  const seen = process((p) => p.read(0xa000), saw(9));
  const copied = process((p) => p.write(0xa000, 1, 'bob'), undefined, {
    spaces: { bob: [leaf(0xa000, 6, 'rwu')] },
    faults: [fault(0xa000, 7)],
    frames: 1,
  });

  it('should be the fork, for a page that was shared and nobody has done anything with', () => {
    expect(rulesOf(judged(...forkedWith('rwu', 'ru'), seen))).to.deep.equal(['CW-1']);
  });

  it('should be the copy, if somebody has made one', () => {
    expect(rulesOf(judged(...forkedWith('rwu', 'ru'), copied, seen))).to.deep.equal(['CW-7']);
  });

  it('should not be a write that nobody has made, nor what nobody has given up, for a copy', () => {
    const verdict = judged(...forkedWith('rwu', 'ru'), copied, seen);

    for (const known of ['CW-8', 'CW-13'])
      expect(rulesOf(settled(verdict, new Set([known])))).to.deep.equal(['CW-7']);
  });

  for (const [about, gives] of [
    ['munmap', process((p) => p.munmap(0xa000, 'bob'), returned(0n), { spaces: { bob: [] } })],
    ['exit', process((p) => p.exit('bob'), undefined, { spaces: { bob: null } })],
  ] as const) {
    it(`should be the ${about} of a relative that has shown the page until then`, () => {
      const told = [...forkedWith('rwu', 'ru'), gives, seen];

      expect(rulesOf(judged(...told))).to.deep.equal(['CW-13']);
      expect(rulesOf(settled(judged(...told), new Set(['CW-7'])))).to.deep.equal([]);
    });

    it(`should not be the ${about} of a relative that had a copy by then`, () => {
      expect(rulesOf(judged(...forkedWith('rwu', 'ru'), copied, gives, seen))).to.deep.equal([
        'CW-7',
      ]);
    });
  }

  const stray = leaf(0xf000, 6, 'r');

  it('should not be a page outside of all regions, for a page that its own access has loaded', () => {
    const verdict = settled(
      judged(spawned(), mmap(), load(0xaa, 0xa000, leaf(0xa000, 5, 'rwu'), stray)),
      NOBODY,
    );

    expect(rulesOf(verdict)).to.deep.equal(['LP-6', 'LP-9']);
    expect(verdict.excused).to.equal(undefined);
    expect(rulesOf(settled(verdict, new Set(['LP-9', 'LP-19'])))).to.include('LP-6');
  });

  it('may be one, for a page that was there before its first access; then that rule is not known to hold', () => {
    const told = [
      spawned(),
      process((p) => p.accessOk(0xa000, false), returned(false), alice(leaf(0xa000, 5, 'rwu'))),
      mmap(),
      process((p) => p.read(0xa000), saw(0xaa)),
    ];
    const verdict = settled(judged(...told), new Set(['LP-9']));

    expect(rulesOf(verdict)).to.not.include('LP-6');
    expect(verdict.excused).to.deep.include({ rule: 'LP-6', cause: 'LP-9' });
  });

  it('should be the frame that it shares with another page, without a doubt about its own rule', () => {
    const [a, b] = [leaf(0xa000, 5, 'rwu'), leaf(0xb000, 5, 'rwu')];
    const verdict = settled(
      judged(
        spawned(),
        mmap(0x2000),
        load(0, 0xa000, a),
        process((p) => p.write(0xa000, 7)),
        load(7, 0xb000, a, b),
      ),
      NOBODY,
    );

    expect(rulesOf(verdict)).to.deep.equal(['LP-22']);
    expect(verdict.excused).to.equal(undefined);
  });
});

describe('what explains a wrong byte of a file', () => {
  const page = leaf(0xa000, 5, 'ru');
  const other = leaf(0xc000, 6, 'rwu');
  /** A page of a file shows 1 where the file ended at first. */
  const told = (before: readonly Told[], ...leaves: readonly Leaf[]): readonly Told[] => [
    spawned(),
    file(0x1000),
    process((p) => p.mmap(0xa000, 0x1000, 'ru', { file: 'file' }), returned(0xa000n)),
    process((p) => p.truncate('file', 100)),
    ...before,
    load(1, 0xa080, ...leaves),
  ];
  const knowing = (rule: string, ...traced: readonly Told[]): Verdict =>
    settled(judged(...traced), new Set([rule]));

  it('may be what stood past its end once, and says nothing against the bytes of the file then', () => {
    const plain = told([], page);

    expect(rulesOf(judged(...plain))).to.deep.equal(['LP-7']);
    expect(knowing('LP-8', ...plain)).to.deep.equal({ broken: null, noted: [] });
  });

  it('may be what was stored at that place of some page, and else is not', () => {
    const stores = (value: number): readonly Told[] => [
      mmap(0x1000, 'rwu', 0xc000),
      load(0, 0xc000, other),
      process((p) => p.write(0xc080, value)),
    ];
    const same = knowing('LP-22', ...told(stores(1), page, other));

    expect(rulesOf(same)).to.deep.equal([]);
    expect(same.excused).to.deep.equal([{ rule: 'LP-7', cause: 'LP-22' }]);
    expect(rulesOf(knowing('LP-22', ...told(stores(2), page, other)))).to.deep.equal(['LP-7']);
  });
});

describe('what explains that a fork does not isolate', () => {
  it('should not be a right that says nothing of writing', () => {
    expect(rulesOf(judged(...forkedWith('rwu', 'rwxu')))).to.have.members(['CW-3', 'CW-12']);
    expect(rulesOf(judged(...forkedWith('rwxu', 'rwxu')))).to.have.members(['LP-10', 'CW-3']);
  });

  it('should not explain what the child sees of a write, either', () => {
    const told = [
      ...forkedWith('rwxu', 'rxu'),
      process((p) => p.write(0xa000, 9), undefined, {
        spaces: { alice: [leaf(0xa000, 6, 'rwxu')] },
        faults: [fault(0xa000, 7)],
        frames: 1,
        invalidations: 1,
      }),
      process((p) => p.read(0xa000, 'bob'), saw(9)),
    ];

    expect(rulesOf(judged(...told))).to.deep.equal(['LP-10', 'CW-8']);
  });

  it('may be the right to write that the region does not give, and then isolation was not seen', () => {
    const verdict = judged(...forkedWith('rwu', 'rwu', 'ru'));

    expect(rulesOf(verdict)).to.deep.equal(['LP-10']);
    expect(verdict.excused).to.deep.equal([{ rule: 'CW-3', cause: 'LP-10' }]);
  });

  it('should be that getUserPage has returned another page', () => {
    const pages = { spaces: { alice: [leaf(0xa000, 5, 'ru')], bob: [leaf(0xa000, 6, 'rwu')] } };
    const verdict = judged(
      ...forkedWith('rwu', 'ru'),
      process((p) => p.write(0xa000, 1, 'bob'), undefined, {
        ...pages,
        faults: [fault(0xa000, 7)],
      }),
      process((p) => p.getUserPage(0xa000, 'bob'), gavePage(5, 0, 'rwu')),
    );

    expect(rulesOf(verdict)).to.deep.equal(['LP-19']);
  });
});
