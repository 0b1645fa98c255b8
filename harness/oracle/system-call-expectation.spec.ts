import { expect } from 'chai';
import { fileByte } from '../../reference/contract/file-rule.ts';
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Outcome, PagerCall, Value } from '../protocol/trace.ts';
import { alice, file, munmap, SEED, spawned } from '../testing/told-alice.ts';
import {
  type Also,
  leaf,
  ok,
  panicked,
  process,
  returned,
  rulesOf,
  saw,
  story,
  threw,
  type Told,
} from '../testing/told-traces.ts';
import { judge } from './judge.ts';
import type { Verdict } from './verdict.ts';

// `alice` has one region at 0xa000 unless something else is said; descriptor 3 is a file of three blocks.

const KERNEL = 0xffff_ff00_0090_0000n;
const NOT_CANONICAL = 0xdead_beef_c533_0000n;

const page = (perm: string, va = 0xa000, frame = 5): Leaf => leaf(va, frame, perm);
const opened = (): Told => process((p) => p.open(3, { file: 'file', position: 4096 }));
const mapped = (perm = 'rwu'): readonly Told[] => [
  spawned(),
  process((p) => p.mmap(0xa000, 0x1000, perm), returned(0xa000n), alice(page(perm))),
];

/** Arguments and answers of the pager. A text is the label of a file. */
type Word = bigint | boolean | string | null | undefined;
function told(word: Word): Value {
  if (typeof word === 'bigint') return { type: 'bigint', value: hex(word) as `0x${string}` };
  if (typeof word === 'string') return { type: 'object', value: word };
  if (typeof word === 'boolean') return { type: 'boolean', value: String(word) };
  return { type: word === null ? 'null' : 'undefined', value: String(word) };
}
function asked(call: string, args: readonly Word[], answer: Word | { threw: string }): PagerCall {
  return {
    call,
    args: args.map(told),
    answer:
      typeof answer === 'object' && answer !== null
        ? { type: 'thrown', value: answer.threw }
        : told(answer),
  };
}

/** What a right `MmStruct` asks for an anonymous page at 0xa000, or for the first block of the file, and what a right pager answers. */
const ANONYMOUS = [0xa000n, 0x1000n, 11n, null, 0n] as const;
const OF_FILE = [0xa000n, 0x1000n, 9n, 'file', 0n] as const;
const MAPPED = asked('mmap', ANONYMOUS, 0xa000n);
const REFUSED = { threw: 'KernelError.InvalidArgument' };

const sysMmap = (outcome: Outcome = returned(0xa000n), calls = [MAPPED], also?: Also): Told =>
  process((p) => p.sysMmap({ addr: 0xa000 }), outcome, {
    asked: calls,
    ...(also ?? (outcome.kind === 'ok' ? alice(page('rwu')) : {})),
  });
const sysMmapFile = (calls: readonly PagerCall[], more: Also = alice(page('ru'))): Told =>
  process((p) => p.sysMmap({ addr: 0xa000, prot: 1, fd: 3 }), returned(0xa000n), {
    asked: calls,
    ...more,
  });

function judged(steps: readonly Told[]): Verdict {
  const { program, trace } = story(steps, [], ok, 'eager');
  return judge(program, trace);
}
const rules = (steps: readonly Told[]): readonly string[] => rulesOf(judged(steps));

interface Case {
  readonly rule: string;
  readonly about: string;
  readonly told: (wrong: boolean) => readonly Told[];
}

const range = (
  start: number | bigint,
  end: number | bigint,
  write: boolean,
  answer: boolean,
  also: Also = {},
): Told => process((p) => p.accessRange(start, end, write), returned(answer), also);

const CASES: readonly Case[] = [
  ...(
    [
      ['a range inside a page that is refused', 0xa010, 0xa020, true],
      ['a range up to the end of its region that is refused', 0xa000, 0xb000, true],
      ['a range that goes one byte too far and is allowed', 0xaff0, 0xb001, false],
      ['a range that begins before its region and is allowed', 0x9fff, 0xa001, false],
      ['a range to the end of all addresses that is allowed', 0xa000, 1n << 64n, false],
      ['a range of the kernel half that is allowed', KERNEL, KERNEL + 8n, false],
    ] as const
  ).map(([about, start, end, right]): Case => ({
    rule: 'AS-22',
    about,
    told: (wrong) => [...mapped(), range(start, end, false, right !== wrong)],
  })),
  {
    rule: 'AS-22',
    about: 'a range for writing of which a page is read-only',
    told: (wrong) => [
      ...mapped(),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'ru'),
        returned(0xb000n),
        alice(page('rwu'), page('ru', 0xb000, 6)),
      ),
      range(0xa000, 0xb001, true, wrong),
    ],
  },
  ...(
    [
      ['an empty range at a good address that is refused', 0xa010, 0xa010, true],
      ['an empty range at a bad address that is allowed', 0xb000, 0xb000, false],
      ['a reversed range that is allowed', 0xa010, 0xa000, false],
      ['a reversed range down to 0 that is allowed', 0xa010, 0, false],
    ] as const
  ).map(([about, start, end, right]): Case => ({
    rule: 'AS-23',
    about,
    told: (wrong) => [...mapped(), range(start, end, false, right !== wrong)],
  })),
  ...(
    [
      ['an address that is none', { addr: NOT_CANONICAL }],
      ['an undefined bit of the protection', { addr: 0xa000, prot: 0x13 }],
      ['USER in the protection', { addr: 0xa000, prot: 9 }],
      ['a bit of the upper half of the protection', { addr: 0xa000, prot: 0x1_0000_0001 }],
    ] as const
  ).flatMap(([about, registers]): Case[] => [
    {
      rule: 'AS-24',
      about: `${about} that is accepted`,
      told: (wrong) => [
        spawned(),
        process((p) => p.sysMmap(registers), wrong ? returned(0xa000n) : threw('InvalidArgument')),
      ],
    },
    {
      rule: 'AS-24',
      about: `${about} that is refused with another error`,
      told: (wrong) => [
        spawned(),
        process((p) => p.sysMmap(registers), threw(wrong ? 'BadAddress' : 'InvalidArgument')),
      ],
    },
    {
      rule: 'AS-24',
      about: `${about} that makes the kernel panic`,
      told: (wrong) => [
        spawned(),
        process((p) => p.sysMmap(registers), wrong ? panicked() : threw('InvalidArgument')),
      ],
    },
  ]),
  ...(
    [
      ['standard input', 0, []],
      ['a descriptor that is not open', 1337, []],
      ['a negative descriptor other than -1', -2, []],
      ['a directory', 4, [process((p) => p.open(4, 'directory'))]],
      ['a pipe', 4, [process((p) => p.open(4, 'pipe'))]],
    ] as const
  ).map(([what, fd, before]): Case => ({
    rule: 'AS-25',
    about: `${what} that is taken for memory`,
    told: (wrong) => [
      spawned(),
      ...before,
      process(
        (p) => p.sysMmap({ addr: 0xa000, fd }),
        wrong ? returned(0xa000n) : threw('NoSuchEntry'),
      ),
    ],
  })),
  ...(
    [
      ['without USER', { 2: 3n }],
      ['at another address', { 0: 0xb000n }],
      ['of another length', { 1: 0x2000n }],
      ['from a file', { 3: 'file' }],
      ['with a number for an address', { 0: undefined }],
    ] as const
  ).map(([about, change]): Case => ({
    rule: 'AS-26',
    about: `a region that is asked for ${about}`,
    told: (wrong) => [
      spawned(),
      file(),
      sysMmap(returned(0xa000n), [
        asked('mmap', wrong ? Object.assign([...ANONYMOUS], change) : ANONYMOUS, 0xa000n),
      ]),
    ],
  })),
  ...(
    [
      ['no file', { 3: null }],
      ['the position as its offset', { 4: 4096n }],
      ['all rights', { 2: 15n }],
    ] as const
  ).map(([about, change]): Case => ({
    rule: 'AS-26',
    about: `a region of a file that is asked for with ${about}`,
    told: (wrong) => [
      spawned(),
      file(),
      opened(),
      sysMmapFile([asked('mmap', wrong ? Object.assign([...OF_FILE], change) : OF_FILE, 0xa000n)]),
    ],
  })),
  {
    rule: 'AS-26',
    about: 'a file position that is moved',
    told: (wrong) => [
      spawned(),
      file(),
      opened(),
      process(
        (p) => p.sysMmap({ addr: 0xa000, prot: 1, fd: 3 }),
        wrong
          ? {
              kind: 'bad-value',
              what: 'mmap must not move a file position',
              value: { type: 'bigint', value: '0xa000' },
            }
          : returned(0xa000n),
        { asked: [asked('mmap', OF_FILE, 0xa000n)], ...alice(page('ru')) },
      ),
      process((p) => p.read(0xa003), saw(fileByte(SEED, 3))),
    ],
  },
  {
    rule: 'AS-26',
    about: 'a result of the pager that is not passed on',
    told: (wrong) => [spawned(), sysMmap(returned(wrong ? 0x1000n : 0xa000n))],
  },
  {
    rule: 'AS-26',
    about: 'a mapping that is refused before the pager is asked',
    told: (wrong) => [spawned(), wrong ? sysMmap(threw('OperationNotPermitted'), []) : sysMmap()],
  },
  {
    rule: 'AS-26',
    about: 'an error of the pager that is turned into success',
    told: (wrong) => [
      ...mapped(),
      sysMmap(
        wrong ? returned(0xa000n) : threw('FileExist'),
        [asked('mmap', ANONYMOUS, { threw: 'KernelError.FileExist' })],
        {},
      ),
    ],
  },
  {
    rule: 'AS-27',
    about: 'an address that is none and that is unmapped',
    told: (wrong) => [
      spawned(),
      process((p) => p.sysMunmap(NOT_CANONICAL), wrong ? returned(0n) : threw('BadAddress')),
    ],
  },
  {
    rule: 'AS-27',
    about: 'a panic at an address that is none',
    told: (wrong) => [
      spawned(),
      process((p) => p.sysMunmap(NOT_CANONICAL), wrong ? panicked() : threw('BadAddress')),
    ],
  },
  {
    rule: 'AS-27',
    about: 'an error of the pager that is turned into success',
    told: (wrong) => [
      spawned(),
      process((p) => p.sysMunmap(0xa000), wrong ? returned(0n) : threw('BadAddress'), {
        asked: [asked('munmap', [0xa000n], { threw: 'KernelError.BadAddress' })],
      }),
    ],
  },
  {
    rule: 'AS-27',
    about: 'a region that is not unmapped, for the pager is not asked',
    told: (wrong) => [
      ...mapped(),
      process((p) => p.sysMunmap(0xa000), wrong ? threw('BadAddress') : returned(0n), {
        asked: wrong ? [] : [asked('munmap', [0xa000n], 0n)],
        ...(wrong ? {} : alice()),
      }),
    ],
  },
];

/** A trace that is wrong because of the pager, told as `MmStruct` shows it. */
const PAGERS: readonly Case[] = [
  {
    rule: 'AS-16',
    about: 'a range that is wrong because the pager’s own answer is',
    told: (wrong) => [
      ...mapped(),
      range(0xa000, 0xb001, false, wrong, {
        asked: [
          asked('accessOk', [0xa000n, false], true),
          asked('accessOk', [0xb000n, false], wrong),
        ],
      }),
    ],
  },
  {
    rule: 'AS-16',
    about: 'a range that is refused because the pager answers with nothing',
    told: (wrong) => [
      ...mapped(),
      range(0xa000, 0xb000, false, !wrong, {
        asked: [asked('accessOk', [0xa000n, false], wrong ? undefined : true)],
      }),
    ],
  },
  {
    rule: 'AS-16',
    about: 'an error of the pager that MmStruct takes for a refusal',
    told: (wrong) => [
      ...mapped(),
      range(0xa000, 0xb000, false, !wrong, {
        asked: [
          asked('accessOk', [0xa000n, false], wrong ? { threw: 'KernelError.BadAddress' } : true),
        ],
      }),
    ],
  },
  {
    rule: 'AS-16',
    about: 'a panic of the pager in a range',
    told: (wrong) => [
      ...mapped(),
      wrong
        ? process((p) => p.accessRange(0xa000, 0xa001, false), panicked(), {
            asked: [asked('accessOk', [0xa000n, false], { threw: 'an exception' })],
          })
        : range(0xa000, 0xa001, false, true),
    ],
  },
  {
    rule: 'AS-1',
    about: 'a size that the pager returns and MmStruct passes on',
    told: (wrong) => [
      spawned(),
      sysMmap(returned(wrong ? 0x1000n : 0xa000n), [
        asked('mmap', ANONYMOUS, wrong ? 0x1000n : 0xa000n),
      ]),
    ],
  },
  {
    rule: 'AS-1',
    about: 'a region that the pager refuses',
    told: (wrong) => [
      spawned(),
      wrong ? sysMmap(threw('InvalidArgument'), [asked('mmap', ANONYMOUS, REFUSED)]) : sysMmap(),
    ],
  },
  {
    rule: 'AS-3',
    about: 'an overlap that the pager accepts',
    told: (wrong) => [
      ...mapped(),
      wrong
        ? sysMmap()
        : sysMmap(threw('FileExist'), [
            asked('mmap', ANONYMOUS, { threw: 'KernelError.FileExist' }),
          ]),
    ],
  },
  {
    rule: 'AS-2',
    about: 'the wrong error of the pager',
    told: (wrong) => {
      const error = `KernelError.${wrong ? 'BadAddress' : 'InvalidArgument'}`;
      return [
        spawned(),
        process((p) => p.sysMmap({ addr: 0 }), threw(error), {
          asked: [asked('mmap', [0n, 0x1000n, 11n, null, 0n], { threw: error })],
        }),
      ];
    },
  },
  {
    rule: 'AS-1',
    about: 'a panic of the pager that was asked what it should',
    told: (wrong) => [
      spawned(),
      wrong
        ? sysMmap(panicked(), [asked('mmap', ANONYMOUS, { threw: 'an exception' })])
        : sysMmap(),
    ],
  },
  {
    rule: 'AS-11',
    about: 'a size that the pager’s munmap returns',
    told: (wrong) => {
      const size = wrong ? 0x1000n : 0n;
      return [
        ...mapped(),
        process((p) => p.sysMunmap(0xa000), returned(size), {
          asked: [asked('munmap', [0xa000n], size)],
          ...alice(),
        }),
      ];
    },
  },
  {
    rule: 'AS-12',
    about: 'munmap of nothing that the pager accepts',
    told: (wrong) => [
      spawned(),
      process((p) => p.sysMunmap(0xa000), wrong ? returned(0n) : threw('BadAddress'), {
        asked: [asked('munmap', [0xa000n], wrong ? 0n : { threw: 'KernelError.BadAddress' })],
      }),
    ],
  },
  {
    rule: 'AS-5',
    about: 'a page that the pager does not map',
    told: (wrong) => [
      spawned(),
      sysMmap(returned(0xa000n), [MAPPED], alice(...(wrong ? [] : [page('rwu')]))),
    ],
  },
];

/** What the pager answered to a question about reading. */
const said = (va: bigint, answer: boolean): PagerCall => asked('accessOk', [va, false], answer);

/** Panics and answers that are MmStruct's own, although the pager was the last to run. */
const OWN: readonly Case[] = [
  {
    rule: 'AS-22',
    about: 'a range that is allowed whatever the pager says, and that says something wrong',
    told: (wrong) => [
      ...mapped(),
      range(0xa000, 0xb001, false, wrong, { asked: [said(0xa000n, !wrong), said(0xb000n, false)] }),
    ],
  },
  {
    rule: 'AS-22',
    about: 'a range that is refused, and a wrong answer about a page that is not in it',
    told: (wrong) => [
      ...mapped(),
      range(0xa000, 0xb000, false, !wrong, { asked: [said(0xa000n, true), said(0xf000n, wrong)] }),
    ],
  },
  {
    rule: 'AS-23',
    about: 'a reversed range that is allowed, and a pager that says so, too',
    told: (wrong) => [
      ...mapped(),
      range(0xb010, 0xa000, false, wrong, { asked: [said(0xb010n, wrong)] }),
    ],
  },
  {
    rule: 'AS-22',
    about: 'a panic of the pager at what is no address',
    told: (wrong) => [
      ...mapped(),
      wrong
        ? process((p) => p.accessRange(0xa000, 1n << 64n, false), panicked(), {
            asked: [asked('accessOk', [0x8000_0000_0000n, false], { threw: 'an exception' })],
          })
        : range(0xa000, 1n << 64n, false, false),
    ],
  },
  {
    rule: 'AS-26',
    about: 'a panic of the pager that was asked with a number',
    told: (wrong) => [
      spawned(),
      wrong
        ? sysMmap(panicked(), [
            asked('mmap', [undefined, 0x1000n, 11n, null, 0n], { threw: 'an exception' }),
          ])
        : sysMmap(),
    ],
  },
  {
    rule: 'AS-22',
    about: 'a right answer for reading to a question about writing',
    told: (wrong) => [
      ...mapped('ru'),
      range(0xa000, 0xa010, true, wrong, {
        asked: [asked('accessOk', [0xa000n, !wrong], wrong)],
      }),
    ],
  },
];

const FREEDOMS: readonly { readonly about: string; readonly told: readonly Told[] }[] = [
  {
    about: 'an empty range at a kernel address',
    told: [...mapped(), range(KERNEL, KERNEL, false, false)],
  },
  {
    about: 'a range over two regions',
    told: [
      ...mapped(),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'ru'),
        returned(0xb000n),
        alice(page('rwu'), page('ru', 0xb000, 6)),
      ),
      range(0xaff8, 0xb008, false, true),
    ],
  },
  {
    about: 'a range that is answered without a call of accessOk',
    told: [...mapped(), range(0xa000, 0xa010, true, true, { asked: [] })],
  },
  {
    about: 'a mapping that needs no call of mmap',
    told: [spawned(), sysMmap(returned(0xa000n), [])],
  },
  {
    about: 'a length that is rounded up on the way',
    told: [
      spawned(),
      process((p) => p.sysMmap({ addr: 0xa000, size: 5 }), returned(0xa000n), {
        asked: [MAPPED],
        ...alice(page('rwu')),
      }),
    ],
  },
  {
    about: 'any offset without a file',
    told: [
      spawned(),
      process((p) => p.sysMmap({ addr: 0xa000, offset: 0x1234 }), returned(0xa000n), {
        asked: [MAPPED],
        ...alice(page('rwu')),
      }),
    ],
  },
  {
    about: 'a file that is wrapped on the way',
    told: [
      spawned(),
      file(),
      opened(),
      sysMmapFile([asked('mmap', [0xa000n, 0x1000n, 9n, 'an object', 0n], 0xa000n)]),
      process((p) => p.read(0xa003), saw(fileByte(SEED, 3))),
    ],
  },
  {
    about: 'a second attempt of MmStruct after the pager ran out of memory',
    told: [
      spawned(),
      process(
        (p) =>
          p.sysMmap({ addr: 0xa000 }, 'alice', {
            fault: { point: 'frame', nth: 1, mode: 'once' },
          }),
        returned(0xa000n),
        {
          asked: [asked('mmap', ANONYMOUS, { threw: 'KernelError.NoMemory' }), MAPPED],
          injected: true,
          ...alice(page('rwu')),
        },
      ),
    ],
  },
  ...['InvalidArgument', 'BadFileDescriptor', 'FileExist'].map((error) => ({
    about: `a bad register and a bad descriptor, and ${error}`,
    told: [spawned(), process((p) => p.sysMmap({ addr: NOT_CANONICAL, fd: 99 }), threw(error))],
  })),
  ...['InvalidArgument', 'Busy'].map((error) => ({
    about: `a bad register and an empty range, and ${error}`,
    told: [spawned(), process((p) => p.sysMmap({ addr: 0xa000, size: 0, prot: 8 }), threw(error))],
  })),
  {
    about: 'an error of MmStruct’s own for an address that no region starts at',
    told: [
      spawned(),
      process((p) => p.sysMunmap(0xa000), threw('NoSuchEntry'), {
        asked: [asked('munmap', [0xa000n], { threw: 'KernelError.BadAddress' })],
      }),
    ],
  },
  {
    about: 'a descriptor that counts with its lower half only',
    told: [
      spawned(),
      file(),
      opened(),
      process((p) => p.sysMmap({ addr: 0xa000, prot: 1, fd: 0x1_0000_0003n }), returned(0xa000n), {
        asked: [asked('mmap', OF_FILE, 0xa000n)],
        ...alice(page('ru')),
      }),
    ],
  },
];

describe('the rules of MmStruct', () => {
  for (const { rule, about, told: tell } of CASES) {
    it(`should be broken, ${rule} and nothing else, by ${about}`, () => {
      expect(rules(tell(true))).to.deep.equal([rule]);
    });

    it(`should hold for the same steps without ${about}`, () => {
      expect(rules(tell(false))).to.deep.equal([]);
    });
  }

  it('should each have a trace that breaks it', () => {
    const known = new Set(CASES.map(({ rule }) => rule));

    for (let i = 22; i <= 27; i++) expect(known).to.include(`AS-${String(i)}`);
  });

  for (const { about, told: steps } of FREEDOMS) {
    it(`should leave free: ${about}`, () => {
      expect(rules(steps)).to.deep.equal([]);
    });
  }

  describe('whose mistake it is', () => {
    for (const { rule, about, told: tell } of PAGERS) {
      it(`should be the pager’s, ${rule}: ${about}`, () => {
        expect(rules(tell(true))).to.deep.equal([rule]);
        expect(rules(tell(false))).to.deep.equal([]);
      });
    }

    for (const { rule, about, told: tell } of OWN) {
      it(`should be MmStruct’s, ${rule}: ${about}`, () => {
        expect(rules(tell(true))).to.deep.equal([rule]);
        expect(rules(tell(false))).to.deep.equal([]);
      });
    }
  });

  it('should say what the pager was asked for', () => {
    const wrong = asked('mmap', [0xa000n, undefined, 3n, 'file', 0n], 0xa000n);

    const { broken } = judged([spawned(), file(), sysMmap(returned(0xa000n), [wrong])]);

    expect(broken?.observed).to.equal(
      'returned 0xa000; the pager was asked for mmap(0xa000, undefined, 0x3, file, 0x0)',
    );
  });

  it('should go on after a file position that was moved', () => {
    const moved: Outcome = {
      kind: 'bad-value',
      what: 'mmap must not move a file position',
      value: { type: 'bigint', value: '0xa000' },
    };

    const { broken, noted } = judged([
      spawned(),
      sysMmap(moved, [MAPPED], alice(page('rwu'))),
      munmap(),
    ]);

    expect(broken).to.equal(null);
    expect(noted.map(({ summary }) => summary)).to.deep.equal([
      'mmap must not move a file position, and it did',
    ]);
  });
});
