import { expect } from 'chai';
import { fileByte } from '../../reference/contract/file-rule.ts';
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { alice, file, munmap, read, SEED, spawned, write } from '../testing/told-alice.ts';
import {
  type Also,
  gavePage,
  killed,
  leaf,
  leak,
  ok,
  panicked,
  process,
  returned,
  rulesOf,
  saw,
  stale,
  story,
  threw,
  type Told,
} from '../testing/told-traces.ts';
import { divergence } from '../testing/told-divergence.ts';
import { inEagerRules } from './eager-rules.ts';
import { judge } from './judge.ts';
import { settled, type Verdict } from './verdict.ts';

// Steps that many stories share. `alice` has one region at 0xa000 unless something else is said; page n of it is on frame 5 + n.

const KERNEL = 0xffff_ff00_0000_1000n;

const pages = (perm: string, count = 1, va = 0xa000, frame = 5): readonly Leaf[] =>
  Array.from({ length: count }, (_, n) => leaf(va + n * 0x1000, frame + n, perm));
const mmap = (
  perm: string,
  size = 0x1000,
  leaves = pages(perm, Math.ceil(size / 0x1000)),
  backing: { file?: string; offset?: number } = {},
): Told => process((p) => p.mmap(0xa000, size, perm, backing), returned(0xa000n), alice(...leaves));

/** The third allocation fails. */
const short = { point: 'frame', nth: 3, mode: 'once' } as const;
const failed = (error = 'NoMemory', also: Also = {}): Told =>
  process((p) => p.mmap(0xa000, 0x2000, 'rwu', {}, 'alice', { fault: short }), threw(error), {
    injected: true,
    ...also,
  });

function judged(told: readonly Told[], leaks: readonly Fact[] = []): Verdict {
  const { program, trace } = story(told, leaks, ok, 'eager');
  return judge(program, trace);
}

const rules = (...told: Parameters<typeof judged>): readonly string[] => rulesOf(judged(...told));

/** A trace that breaks `rule` and no other when told with `wrong`, and is right without. */
interface Case {
  readonly rule: string;
  readonly about: string;
  readonly told: (wrong: boolean) => readonly Told[];
  readonly leaks?: readonly Fact[];
}

const anonymous = (perm = 'rwu', size = 0x1000): readonly Told[] => [spawned(), mmap(perm, size)];
const ofFile = (perm = 'ru', bytes = 9000, size = 0x3000, offset = 0): readonly Told[] => [
  spawned(),
  file(bytes),
  mmap(perm, size, pages(perm, Math.ceil(size / 0x1000)), { file: 'file', offset }),
];

const CASES: readonly Case[] = [
  {
    rule: 'AS-1',
    about: 'mmap that returns the size',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'rwu'),
        returned(wrong ? 0x1000n : 0xa000n),
        alice(...pages('rwu')),
      ),
    ],
  },
  {
    rule: 'AS-1',
    about: 'a region refused because it touches another',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'r'),
        wrong ? threw('InvalidArgument') : returned(0xb000n),
        wrong ? {} : alice(...pages('rwu'), leaf(0xb000, 9, 'r')),
      ),
    ],
  },
  ...(
    [
      ['the address 0', 0, 0x1000],
      ['an unaligned address', 0x1337, 0x1000],
      ['an address of the kernel half', 0xffff_ff00_0090_0000n, 0x1000],
      ['an end one byte beyond user space', 0x7fff_ffff_f000, 0x1001],
      ['an end that wraps around', 0x1000, 0xffff_ffff_ffff_f000n],
    ] as const
  ).map(([what, addr, size]): Case => ({
    rule: 'AS-2',
    about: `${what} that is not refused with InvalidArgument`,
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(addr, size, 'rwu'), threw(wrong ? 'NoMemory' : 'InvalidArgument')),
    ],
  })),
  {
    rule: 'AS-2',
    about: 'an end beyond user space that is accepted',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0x7fff_ffff_f000, 0x2000, 'r'),
        wrong ? returned(0x7fff_ffff_f000n) : threw('InvalidArgument'),
      ),
    ],
  },
  {
    rule: 'AS-3',
    about: 'an overlap that is accepted',
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      process((p) => p.mmap(0xb000, 0x2000, 'r'), wrong ? returned(0xb000n) : threw('Busy')),
    ],
  },
  {
    rule: 'AS-3',
    about: 'a refused overlap of which a page stays',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.mmap(0x9000, 0x2000, 'rwu'),
        threw('FileExist'),
        alice(...pages('rwu'), ...(wrong ? [leaf(0x9000, 9, 'rwu')] : [])),
      ),
    ],
  },
  {
    rule: 'AS-3',
    about: 'size 0 that is accepted',
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(0xa000, 0, 'r'), wrong ? returned(0xa000n) : threw('BadAddress')),
    ],
  },
  {
    rule: 'AS-4',
    about: 'a permission without READ refused with another error',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'wu'),
        threw(wrong ? 'InvalidAccess' : 'InvalidArgument'),
      ),
    ],
  },
  {
    rule: 'AS-4',
    about: 'an unaligned offset that is accepted',
    told: (wrong) => [
      spawned(),
      file(9000),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'r', { file: 'file', offset: 8 }),
        wrong ? returned(0xa000n) : threw('InvalidArgument'),
      ),
    ],
  },
  {
    rule: 'AS-5',
    about: 'a page that is not mapped when mmap returns',
    told: (wrong) => [spawned(), mmap('rwu', 0x2001, pages('rwu', wrong ? 2 : 3))],
  },
  {
    rule: 'AS-5',
    about: 'mmap that maps nothing',
    told: (wrong) => [spawned(), mmap('rwu', 0x1000, wrong ? [] : pages('rwu'))],
  },
  {
    rule: 'AS-8',
    about: 'a page too many',
    told: (wrong) => [spawned(), mmap('rwu', 0x1000, pages('rwu', wrong ? 2 : 1))],
  },
  {
    rule: 'AS-5',
    about: 'anonymous memory that is not zero',
    told: (wrong) => [...anonymous(), read(wrong ? 0xee : 0)],
  },
  {
    rule: 'AS-6',
    about: 'another block of the file',
    told: (wrong) => [
      ...ofFile('ru', 9000, 0x2000, 0x1000),
      read(fileByte(SEED, wrong ? 0x10 : 0x1010), 0xa010),
    ],
  },
  {
    rule: 'AS-6',
    about: 'the bytes of a file that changed after mmap',
    told: (wrong) => [
      ...ofFile(),
      process((p) => p.rewrite('file', 99)),
      read(fileByte(wrong ? 99 : SEED, 3), 0xa003),
    ],
  },
  {
    rule: 'AS-6',
    about: 'zeros where the file was cut after mmap',
    told: (wrong) => [
      ...ofFile(),
      process((p) => p.truncate('file', 1)),
      read(wrong ? 0 : fileByte(SEED, 0x1003), 0xb003),
    ],
  },
  {
    rule: 'AS-7',
    about: 'old bytes past the end of the file',
    told: (wrong) => [...ofFile('ru', 100), read(wrong ? 0xee : 0, 0xa064)],
  },
  {
    rule: 'AS-7',
    about: 'a page past the end of the file that is not zero',
    told: (wrong) => [...ofFile('ru', 100), read(wrong ? fileByte(SEED, 0) : 0, 0xb000)],
  },
  {
    rule: 'AS-8',
    about: 'an access behind a region that works',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(0xb000), wrong ? saw(0) : killed('no fault handler')),
    ],
  },
  {
    rule: 'AS-9',
    about: 'a page with a right too many',
    told: (wrong) => [spawned(), mmap('ru', 0x1000, pages(wrong ? 'rxu' : 'ru'))],
  },
  {
    rule: 'AS-9',
    about: 'a page with a right too few',
    told: (wrong) => [spawned(), mmap('rwu', 0x1000, pages(wrong ? 'rw' : 'rwu'))],
  },
  {
    rule: 'AS-9',
    about: 'a store to a read-only page that works',
    told: (wrong) => [
      ...anonymous('ru'),
      process((p) => p.write(0xa000), wrong ? ok : killed('no fault handler')),
    ],
  },
  {
    rule: 'AS-10',
    about: 'a written byte that is lost',
    told: (wrong) => [...anonymous(), write(7), read(wrong ? 0 : 7)],
  },
  {
    rule: 'AS-10',
    about: 'a page of the next region that goes with munmap',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.mmap(0xb000, 0x1000, 'rwu'), returned(0xb000n), alice(...pages('rwu', 2))),
      munmap(alice(...(wrong ? [] : [leaf(0xb000, 6, 'rwu')]))),
    ],
  },
  {
    rule: 'AS-11',
    about: 'munmap that returns the size',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.munmap(0xa000), returned(wrong ? 0x1000n : 0n), alice()),
    ],
  },
  {
    rule: 'AS-11',
    about: 'munmap that leaves the last page',
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      munmap(alice(...(wrong ? [leaf(0xb000, 6, 'rwu')] : []))),
    ],
  },
  {
    rule: 'AS-11',
    about: 'accessOk that still knows a region that is gone',
    told: (wrong) => [
      ...anonymous(),
      munmap(),
      process((p) => p.accessOk(0xa000, false), returned(wrong)),
    ],
  },
  ...(
    [
      ['inside of a region', 0xb000],
      ['that is not aligned', 0xa008],
      ['that was never mapped', 0x5000],
      ['of the kernel half', KERNEL],
    ] as const
  ).map(([what, addr]): Case => ({
    rule: 'AS-12',
    about: `munmap of an address ${what} that succeeds`,
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      process((p) => p.munmap(addr), wrong ? returned(0n) : threw('BadAddress')),
    ],
  })),
  {
    rule: 'AS-13',
    about: 'a processor that keeps an old translation',
    told: (wrong) => [
      ...anonymous(),
      read(0),
      munmap({ ...alice(), facts: wrong ? [stale(0xa000, 5)] : [] }),
    ],
  },
  {
    rule: 'AS-14',
    about: 'old bytes in a new region',
    told: (wrong) => [...anonymous(), write(7), munmap(), mmap('rwu'), read(wrong ? 7 : 0)],
  },
  {
    rule: 'AS-15',
    about: 'getUserPage that finds no page',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.getUserPage(0xa123), wrong ? returned(null) : gavePage(5, 0, 'rwu')),
    ],
  },
  {
    rule: 'AS-15',
    about: 'another permission than the region’s',
    told: (wrong) => [
      ...anonymous('ru'),
      process((p) => p.getUserPage(0xa000), gavePage(5, 0, wrong ? 'rwu' : 'ru')),
    ],
  },
  {
    rule: 'AS-16',
    about: 'accessOk past the end of a region',
    told: (wrong) => [...anonymous(), process((p) => p.accessOk(0xb000, false), returned(wrong))],
  },
  {
    rule: 'AS-16',
    about: 'accessOk that takes frames',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.accessOk(0xa000, true), returned(true), { frames: wrong ? 1 : 0 }),
    ],
  },
  {
    rule: 'AS-17',
    about: 'a frame that is never released',
    told: () => [...anonymous(), munmap()],
    leaks: [leak(5, 1)],
  },
  {
    rule: 'AS-17',
    about: 'a frame released twice',
    told: (wrong) => [
      ...anonymous(),
      wrong ? process((p) => p.munmap(0xa000), panicked('frames')) : munmap(),
    ],
  },
  {
    rule: 'AS-18',
    about: 'two pages of one region on one frame',
    told: (wrong) => [
      spawned(),
      mmap('rwu', 0x2000, [leaf(0xa000, 5, 'rwu'), leaf(0xb000, wrong ? 5 : 6, 'rwu')]),
    ],
  },
  {
    rule: 'AS-18',
    about: 'two mappings of a block on one frame, one of them writable',
    told: (wrong) => [
      ...ofFile('ru', 9000, 0x1000),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'rwu', { file: 'file' }),
        returned(0xb000n),
        alice(leaf(0xa000, 5, 'ru'), leaf(0xb000, wrong ? 5 : 6, 'rwu')),
      ),
    ],
  },
  {
    rule: 'AS-19',
    about: 'a page left by a mapping that failed',
    told: (wrong) => [spawned(), failed('NoMemory', wrong ? alice(leaf(0xa000, 5, 'rwu')) : {})],
  },
  {
    rule: 'AS-19',
    about: 'a mapping that reports success though a page is missing',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x2000, 'rwu', {}, 'alice', { fault: short }),
        returned(0xa000n),
        { injected: true, ...alice(...pages('rwu', wrong ? 1 : 2)) },
      ),
    ],
  },
  {
    rule: 'AS-19',
    about: 'a mapping that does not work when it is repeated',
    told: (wrong) => [
      spawned(),
      failed(),
      wrong
        ? process((p) => p.mmap(0xa000, 0x2000, 'rwu'), threw('FileExist'))
        : mmap('rwu', 0x2000),
    ],
  },
  {
    rule: 'AS-19',
    about: 'a panic because memory ran out',
    told: (wrong) => [
      spawned(),
      wrong
        ? process((p) => p.mmap(0xa000, 0x2000, 'rwu', {}, 'alice', { fault: short }), panicked(), {
            injected: true,
          })
        : failed(),
    ],
  },
  {
    rule: 'AS-19',
    about: 'a frame lost by a mapping that failed',
    told: () => [spawned(), failed()],
    leaks: [leak(5, 1)],
  },
  {
    rule: 'AS-19',
    about: 'a block mapped though it cannot be read',
    told: (wrong) => [
      spawned(),
      process((p) => p.file(9000, 'file', SEED, { unreadable: [1] })),
      process(
        (p) => p.mmap(0xa000, 0x2000, 'ru', { file: 'file' }),
        wrong ? returned(0xa000n) : threw('IOError'),
        { injected: true, ...(wrong ? alice(...pages('ru', 2)) : {}) },
      ),
    ],
  },
  {
    rule: 'AS-20',
    about: 'accessOk that says yes to a kernel address',
    told: (wrong) => [...anonymous(), process((p) => p.accessOk(KERNEL, false), returned(wrong))],
  },
  {
    rule: 'AS-20',
    about: 'a panic in getUserPage of a kernel address',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.getUserPage(KERNEL), wrong ? panicked() : returned(null)),
    ],
  },
  {
    rule: 'AS-20',
    about: 'a slot of the kernel half that changes',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.munmap(KERNEL), threw('BadAddress'), {
        facts: wrong ? [{ kind: 'kernel-half', slot: 510 }] : [],
      }),
    ],
  },
  {
    rule: 'AS-21',
    about: 'a PageTableMappingError that leaves mmap',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'r'),
        threw(wrong ? 'PageTableMappingError.Duplicated' : 'FileExist'),
      ),
    ],
  },
];

/** A correct but unusual story. */
const FREEDOMS: readonly { readonly about: string; readonly told: readonly Told[] }[] = [
  ...['InvalidArgument', 'BadAddress', 'NoExec', 'FileExist'].map((error) => ({
    about: `an overlap refused with ${error}`,
    told: [...anonymous(), process((p) => p.mmap(0xa000, 0x1000, 'r'), threw(error))],
  })),
  {
    about: 'many frames for one mapping',
    told: [
      spawned(),
      process((p) => p.mmap(0xa000, 0x1000, 'rwu'), returned(0xa000n), {
        ...alice(...pages('rwu')),
        frames: 40,
        fileReads: 3,
      }),
    ],
  },
  {
    about: 'a mapping that succeeds in spite of a failed allocation',
    told: [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'rwu', {}, 'alice', { fault: short }),
        returned(0xa000n),
        { injected: true, ...alice(...pages('rwu')) },
      ),
      read(0),
    ],
  },
  {
    about: 'one page of zeros for all of a read-only region, and for another one',
    told: [
      spawned(),
      mmap('ru', 0x2000, [leaf(0xa000, 5, 'ru'), leaf(0xb000, 5, 'ru')]),
      process(
        (p) => p.mmap(0xc000, 0x1000, 'rxu'),
        returned(0xc000n),
        alice(leaf(0xa000, 5, 'ru'), leaf(0xb000, 5, 'ru'), leaf(0xc000, 5, 'rxu')),
      ),
    ],
  },
  {
    about: 'a file that is cut, and mapped again',
    told: [
      ...ofFile('ru', 9000, 0x1000),
      process((p) => p.truncate('file', 1)),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'ru', { file: 'file' }),
        returned(0xb000n),
        alice(...pages('ru', 2)),
      ),
      read(fileByte(SEED, 3), 0xa003),
      read(0, 0xb003),
    ],
  },
  {
    about: 'a block that cannot be read and is not mapped',
    told: [
      spawned(),
      process((p) => p.file(9000, 'file', SEED, { unreadable: [1] })),
      mmap('ru', 0x1000, pages('ru'), { file: 'file' }),
      read(fileByte(SEED, 3), 0xa003),
    ],
  },
];

describe('the rules of an eager pager', () => {
  for (const { rule, about, told, leaks } of CASES) {
    it(`should be broken, ${rule} and nothing else, by ${about}`, () => {
      expect(rules(told(true), leaks ?? [])).to.deep.equal([rule]);
    });

    it(`should hold for the same steps without ${about}`, () => {
      expect(rules(told(false))).to.deep.equal([]);
    });
  }

  it('should each have a trace that breaks it', () => {
    const known = new Set(CASES.map(({ rule }) => rule));

    for (let i = 1; i <= 21; i++) expect(known).to.include(`AS-${String(i)}`);
  });

  for (const { about, told } of FREEDOMS) {
    it(`should leave free: ${about}`, () => {
      expect(rules(told)).to.deep.equal([]);
    });
  }

  it('should be those of address-space in what may explain a divergence, too', () => {
    const { broken, noted } = inEagerRules({
      broken: divergence('LP-9', 0, ['LP-3', 'AS-26']),
      // Both are about what mmap maps.
      noted: [divergence('LP-5', 0), divergence('LP-6', 0), divergence('LP-21', 0)],
    });

    expect([broken?.rule, broken?.perhaps]).to.deep.equal(['AS-8', ['AS-3', 'AS-26']]);
    expect(noted.map(({ rule }) => rule)).to.deep.equal(['AS-5', 'AS-17']);
  });
});

describe('what follows from a rule that is known to be broken', () => {
  /** Each story shows `alone` by itself, and nothing new once `known` is known. */
  const CONSEQUENCES: readonly {
    readonly about: string;
    readonly alone: string;
    readonly known: string;
    readonly told: readonly Told[];
    readonly leaks?: readonly Fact[];
  }[] = [
    {
      about: 'a region that was to be forgotten and is in the way',
      alone: 'AS-1',
      known: 'AS-11',
      told: [...anonymous(), munmap(), process((p) => p.mmap(0xa000, 0x1000, 'r'), threw('Busy'))],
    },
    {
      about: 'accessOk of a region that failed and stayed on record',
      alone: 'AS-16',
      known: 'AS-19',
      told: [spawned(), failed(), process((p) => p.accessOk(0xb000, true), returned(true))],
    },
    {
      about: 'getUserPage of a region that is gone and still on record',
      alone: 'AS-11',
      known: 'AS-15',
      told: [...anonymous(), munmap(), process((p) => p.getUserPage(0xa000), threw('BadAddress'))],
    },
    {
      about: 'a page outside of all regions that can be used',
      alone: 'AS-8',
      known: 'AS-5',
      told: [...anonymous(), process((p) => p.read(0xb000), saw(0))],
    },
    {
      about: 'an error of the page table about a page that should be gone',
      alone: 'AS-21',
      known: 'AS-11',
      told: [
        ...anonymous(),
        munmap(),
        process((p) => p.munmap(0xa000), threw('PageTableMappingError.NotExist')),
      ],
    },
    {
      about: 'two writable pages on one frame because both are writable and should not',
      alone: 'AS-18',
      known: 'AS-9',
      told: [spawned(), mmap('ru', 0x2000, [leaf(0xa000, 5, 'rwu'), leaf(0xb000, 5, 'rwu')])],
    },
    {
      about: 'the wrong block where there should be zeros',
      alone: 'AS-7',
      known: 'AS-6',
      told: [...ofFile('ru', 100), read(fileByte(SEED, 0), 0xb000)],
    },
    {
      about: 'frames lost by a mapping that failed, as by every other',
      alone: 'AS-19',
      known: 'AS-17',
      told: [spawned(), failed()],
      leaks: [leak(5, 1)],
    },
    {
      about: 'zeros for a block that cannot be read, from a pager that reads no files',
      alone: 'AS-19',
      known: 'AS-6',
      told: [
        spawned(),
        process((p) => p.file(9000, 'file', SEED, { unreadable: [0] })),
        process((p) => p.mmap(0xa000, 0x1000, 'ru', { file: 'file' }), returned(0xa000n), {
          injected: true,
          ...alice(...pages('ru')),
        }),
      ],
    },
  ];

  for (const { about, alone, known, told, leaks = [] } of CONSEQUENCES) {
    it(`should be no news: ${about}`, () => {
      const verdict = judged(told, leaks);
      const after = settled(verdict, new Set([known]));

      expect(rulesOf(verdict)).to.include(alone);
      expect(rulesOf(after).filter((rule) => rule !== known)).to.not.include(alone);
    });

    it(`should be news as long as only another rule is known: ${about}`, () => {
      const verdict = judged(told, leaks);

      expect(settled(verdict, new Set(['AS-13']))).to.deep.equal(settled(verdict, new Set()));
    });
  }

  it('should not be an answer about an address that no region ever was at', () => {
    const told = [...anonymous(), process((p) => p.accessOk(0xf000, true), returned(true))];

    expect(rulesOf(settled(judged(told), new Set(['AS-11', 'AS-19'])))).to.deep.equal(['AS-16']);
  });

  it('should not be what a mapping that failed once refuses after it has worked', () => {
    const told = [
      spawned(),
      failed(),
      mmap('rwu', 0x2000),
      process((p) => p.accessOk(0xa000, true), returned(false)),
    ];

    expect(rulesOf(settled(judged(told), new Set(['AS-19'])))).to.deep.equal(['AS-16']);
  });
});
