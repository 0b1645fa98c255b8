import { expect } from 'chai';
import { fileByte } from '../../reference/contract/file-rule.ts';
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import type { Outcome } from '../protocol/trace.ts';
import { alice, file, munmap, read, SEED, spawned, write } from '../testing/told-alice.ts';
import {
  type Also,
  fault,
  gavePage,
  killed,
  leaf,
  leak,
  noProgress,
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
import { judge } from './judge.ts';
import { divergences, settled, type Verdict } from './verdict.ts';

// Steps that many stories share. `alice` has one region at 0xa000 unless something else is said.

const KERNEL = 0xffff_ff00_0000_1000n;
const skipped: Outcome = { kind: 'skipped' };

const mmap = (
  perm: string,
  size = 0x1000,
  backing: { file?: string; offset?: number } = {},
): Told => process((p) => p.mmap(0xa000, size, perm, backing), returned(0xa000n));
/** The first read of the page at 0xa000, which loads frame 5. */
const load = (perm: string, byte = 0, va = 0xa000): Told =>
  process((p) => p.read(va), saw(byte), {
    ...alice(leaf(va - (va % 4096), 5, perm)),
    faults: [fault(va, 4)],
    frames: 4,
  });

const once = { point: 'frame', nth: 1, mode: 'once' } as const;
const unreadable = { point: 'mmap', nth: 1, mode: 'once' } as const;

function judged(told: readonly Told[], leaks: readonly Fact[] = [], ended = ok): Verdict {
  const { program, trace } = story(told, leaks, ended);
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
  mmap(perm, size, { file: 'file', offset }),
];

/** A file whose second block cannot be read, mapped at 0xa000. */
const damaged = (): readonly Told[] => [
  spawned(),
  process((p) => p.file(9000, 'file', SEED, { unreadable: [1] })),
  mmap('ru', 0x3000, { file: 'file' }),
];

const CASES: readonly Case[] = [
  {
    rule: 'LP-1',
    about: 'mmap that returns the size',
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(0xa000, 0x2000, 'r'), returned(wrong ? 0x2000n : 0xa000n)),
    ],
  },
  {
    rule: 'LP-1',
    about: 'mmap that returns a number',
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(0xa000, 0x2000, 'r'), {
        kind: 'ok',
        value: wrong ? { type: 'number', value: '40960' } : { type: 'bigint', value: '0xa000' },
      }),
    ],
  },
  {
    rule: 'LP-14',
    about: 'munmap that returns the size',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.munmap(0xa000), returned(wrong ? 0x1000n : 0n)),
    ],
  },
  {
    rule: 'LP-1',
    about: 'a region refused because it touches another',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.mmap(0xb000, 0x1000, 'r'),
        wrong ? threw('InvalidArgument') : returned(0xb000n),
      ),
    ],
  },
  {
    rule: 'LP-2',
    about: 'the last page of user space refused',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0x7fff_ffff_f000, 0x1000, 'r'),
        wrong ? threw('InvalidArgument') : returned(0x7fff_ffff_f000n),
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
    rule: 'LP-2',
    about: `${what} that is not refused with InvalidArgument`,
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(addr, size, 'rwu'), threw(wrong ? 'NoMemory' : 'InvalidArgument')),
    ],
  })),
  {
    rule: 'LP-3',
    about: 'an overlap that is accepted',
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      process((p) => p.mmap(0xb000, 0x2000, 'r'), wrong ? returned(0xb000n) : threw('Busy')),
    ],
  },
  {
    rule: 'LP-3',
    about: 'size 0 that is accepted',
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(0xa000, 0, 'r'), wrong ? returned(0xa000n) : threw('BadAddress')),
    ],
  },
  {
    rule: 'LP-3',
    about: 'an empty file that is accepted',
    told: (wrong) => [
      spawned(),
      file(0),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'r', { file: 'file' }),
        wrong ? returned(0xa000n) : threw('NoExec'),
      ),
    ],
  },
  {
    rule: 'LP-4',
    about: 'a permission without READ that is accepted',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'wu'),
        wrong ? returned(0xa000n) : threw('InvalidArgument'),
      ),
    ],
  },
  {
    rule: 'LP-4',
    about: 'an unaligned offset refused with another error',
    told: (wrong) => [
      spawned(),
      file(9000),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'r', { file: 'file', offset: 8 }),
        threw(wrong ? 'InvalidAccess' : 'InvalidArgument'),
      ),
    ],
  },
  {
    rule: 'LP-5',
    about: 'mmap that takes a frame',
    told: (wrong) => [
      spawned(),
      process((p) => p.mmap(0xa000, 0x1000, 'r'), returned(0xa000n), { frames: wrong ? 1 : 0 }),
    ],
  },
  {
    rule: 'LP-5',
    about: 'mmap that reads the file',
    told: (wrong) => [
      spawned(),
      file(9000),
      process((p) => p.mmap(0xa000, 0x1000, 'r', { file: 'file' }), returned(0xa000n), {
        fileReads: wrong ? 1 : 0,
      }),
    ],
  },
  {
    rule: 'LP-5',
    about: 'mmap that loads a page',
    told: (wrong) => [
      spawned(),
      process(
        (p) => p.mmap(0xa000, 0x1000, 'r'),
        returned(0xa000n),
        wrong ? alice(leaf(0xa000, 5, 'r')) : {},
      ),
    ],
  },
  {
    rule: 'LP-6',
    about: 'a first touch that is refused',
    told: (wrong) => [
      ...anonymous(),
      wrong
        ? process((p) => p.read(0xa123), killed(), {
            faults: [fault(0xa123, 4, 'KernelError.InvalidAccess')],
          })
        : load('rwu', 0, 0xa123),
    ],
  },
  {
    rule: 'LP-6',
    about: 'a handler that says all is well and loads nothing',
    told: (wrong) => [
      ...anonymous(),
      wrong
        ? process((p) => p.read(0xa123), noProgress, { faults: [fault(0xa123, 4)] })
        : load('rwu', 0, 0xa123),
    ],
  },
  {
    rule: 'LP-6',
    about: 'an anonymous page that is not zero',
    told: (wrong) => [...anonymous(), load('rwu', wrong ? 0xee : 0)],
  },
  {
    rule: 'LP-7',
    about: 'another block of the file',
    told: (wrong) => [
      ...ofFile('ru', 9000, 0x2000, 0x1000),
      load('ru', fileByte(SEED, wrong ? 0x10 : 0x1010), 0xa010),
    ],
  },
  {
    rule: 'LP-7',
    about: 'zeros instead of the file',
    told: (wrong) => [...ofFile(), load('ru', wrong ? 0 : fileByte(SEED, 0x10), 0xa010)],
  },
  {
    rule: 'LP-7',
    about: 'the wrong byte in what getUserPage returns',
    told: (wrong) => [
      ...ofFile(),
      process(
        (p) => p.getUserPage(0xa010),
        gavePage(5, fileByte(SEED, wrong ? 0 : 0x10), 'ru'),
        alice(leaf(0xa000, 5, 'ru')),
      ),
    ],
  },
  {
    rule: 'LP-8',
    about: 'old bytes past the end of the file',
    told: (wrong) => [...ofFile('ru', 100), load('ru', wrong ? 0xee : 0, 0xa064)],
  },
  {
    rule: 'LP-8',
    about: 'a page past the end of the file that is not zero',
    told: (wrong) => [...ofFile('ru', 100), load('ru', wrong ? fileByte(SEED, 0) : 0, 0xb000)],
  },
  {
    rule: 'LP-9',
    about: 'an access behind a region that works',
    told: (wrong) => [
      ...anonymous('rwu', 0x1001),
      process((p) => p.read(0xc000), wrong ? saw(0) : killed('BadAddress')),
    ],
  },
  {
    rule: 'LP-9',
    about: 'a page loaded for an access outside of all regions',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(0xc000), killed(), wrong ? alice(leaf(0xc000, 5, 'r')) : {}),
    ],
  },
  {
    rule: 'LP-10',
    about: 'a first touch that the region forbids and that works',
    told: (wrong) => [...anonymous('ru'), process((p) => p.write(0xa000), wrong ? ok : killed())],
  },
  {
    rule: 'LP-10',
    about: 'a page that is mapped without WRITE at a first read',
    told: (wrong) => [...anonymous(), load(wrong ? 'ru' : 'rwu')],
  },
  {
    rule: 'LP-10',
    about: 'a page with a right too many after a refused access',
    told: (wrong) => [
      ...anonymous('ru'),
      process((p) => p.write(0xa000), killed(), alice(leaf(0xa000, 5, wrong ? 'rxu' : 'ru'))),
    ],
  },
  {
    rule: 'LP-10',
    about: 'a page that may be executed and cannot',
    told: (wrong) => [
      ...anonymous('rxu'),
      load('rxu'),
      wrong
        ? process((p) => p.execute(0xa000), killed(), {
            faults: [fault(0xa000, 0x15, 'KernelError.InvalidAccess')],
          })
        : process((p) => p.execute(0xa000), saw(0)),
    ],
  },
  {
    rule: 'LP-10',
    about: 'user access to memory of the kernel',
    told: (wrong) => [
      ...anonymous('rw'),
      process((p) => p.read(0xa000), wrong ? saw(0) : killed()),
    ],
  },
  {
    rule: 'LP-11',
    about: 'a write to a read-only page that was read before',
    told: (wrong) => [
      ...anonymous('ru'),
      load('ru'),
      process((p) => p.write(0xa000, 9), wrong ? ok : killed()),
    ],
  },
  {
    rule: 'LP-12',
    about: 'a neighbour that is loaded, too',
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      process(
        (p) => p.read(0xa000),
        saw(0),
        alice(leaf(0xa000, 5, 'rwu'), ...(wrong ? [leaf(0xb000, 6, 'rwu')] : [])),
      ),
    ],
  },
  {
    rule: 'LP-12',
    about: 'a touch that takes six frames',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(0xa000), saw(0), {
        ...alice(leaf(0xa000, 5, 'rwu')),
        frames: wrong ? 6 : 5,
      }),
    ],
  },
  {
    rule: 'LP-13',
    about: 'a written byte that is lost',
    told: (wrong) => [...anonymous(), load('rwu'), write(7), read(wrong ? 0 : 7)],
  },
  {
    rule: 'LP-13',
    about: 'an error for a fault that came late',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      process((p) => p.fault(0xa123, 4), wrong ? threw('InvalidAccess') : ok),
    ],
  },
  {
    rule: 'LP-13',
    about: 'an error for a late fault of a write',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      process((p) => p.fault(0xa123, 7), wrong ? threw('InvalidAccess') : ok),
    ],
  },
  {
    rule: 'LP-14',
    about: 'munmap that leaves a page',
    told: (wrong) => [...anonymous(), load('rwu'), munmap(wrong ? {} : alice())],
  },
  {
    rule: 'LP-14',
    about: 'munmap that refuses',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.munmap(0xa000), wrong ? threw('InvalidArgument') : returned(0n)),
    ],
  },
  {
    rule: 'LP-14',
    about: 'a page that is loaded again after munmap',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      munmap(),
      process((p) => p.read(0xa000), wrong ? saw(0) : killed()),
    ],
  },
  ...(
    [
      ['inside of a region', 0xb000],
      ['that is not aligned', 0xa008],
      ['that was never mapped', 0x5000],
      ['0', 0],
      ['of the kernel half', KERNEL],
    ] as const
  ).map(([what, addr]): Case => ({
    rule: 'LP-15',
    about: `munmap of an address ${what} that succeeds`,
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      process((p) => p.munmap(addr), wrong ? returned(0n) : threw('BadAddress')),
    ],
  })),
  {
    rule: 'LP-16',
    about: 'a processor that keeps an old translation, and an access that uses it',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      munmap({ ...alice(), facts: wrong ? [stale(0xa000, 5)] : [] }),
      process((p) => p.read(0xa000), wrong ? saw(0) : killed()),
    ],
  },
  {
    rule: 'LP-16',
    about:
      'a processor that keeps an old translation, and an access that comes to it from the page below',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.mmap(0x9000, 0x1000, 'rwu'), returned(0x9000n)),
      load('rwu'),
      munmap({ ...alice(), facts: wrong ? [stale(0xa000, 5)] : [] }),
      process((p) => p.read(0x9fff, 'alice', { length: 2 }), wrong ? saw(0, 2) : killed(), {
        ...alice(leaf(0x9000, 6, 'rwu')),
        faults: [
          fault(0x9fff, 4, 'ok'),
          ...(wrong ? [] : [fault(0xa000, 4, 'KernelError.BadAddress')]),
        ],
      }),
    ],
  },
  {
    rule: 'LP-16',
    about: 'a stale entry that is never invalidated',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      wrong ? process((p) => p.munmap(0xa000), panicked('invalidation')) : munmap(),
    ],
  },
  {
    rule: 'LP-17',
    about: 'old bytes in a new region',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      write(7),
      munmap(),
      mmap('rwu'),
      load('rwu', wrong ? 7 : 0),
    ],
  },
  {
    rule: 'LP-17',
    about: 'old bytes in a new mapping of a file',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      write(7),
      munmap(),
      file(9000),
      mmap('ru', 0x1000, { file: 'file' }),
      load('ru', wrong ? 7 : fileByte(SEED, 0)),
    ],
  },
  {
    rule: 'LP-18',
    about: 'a page of the next region that goes with munmap',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      process((p) => p.mmap(0xb000, 0x1000, 'rwu'), returned(0xb000n)),
      process((p) => p.read(0xb000), saw(0), alice(leaf(0xa000, 5, 'rwu'), leaf(0xb000, 6, 'rwu'))),
      munmap(alice(...(wrong ? [] : [leaf(0xb000, 6, 'rwu')]))),
    ],
  },
  {
    rule: 'LP-18',
    about: 'a page of another process that disappears',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      spawned('bob'),
      process((p) => p.exit('bob'), ok, { spaces: { bob: null, ...(wrong ? { alice: [] } : {}) } }),
    ],
  },
  {
    rule: 'LP-19',
    about: 'getUserPage that finds no page',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.getUserPage(0xa123),
        wrong ? returned(null) : gavePage(5, 0, 'rwu'),
        wrong ? {} : alice(leaf(0xa000, 5, 'rwu')),
      ),
    ],
  },
  {
    rule: 'LP-19',
    about: 'the permission of the leaf instead of the region’s',
    told: (wrong) => [
      ...anonymous('rwu'),
      load('rwu'),
      process((p) => p.getUserPage(0xa000), gavePage(5, 0, wrong ? 'ru' : 'rwu')),
    ],
  },
  {
    rule: 'LP-19',
    about: 'an error where nothing is mapped',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.getUserPage(0xc000), wrong ? threw('BadAddress') : returned(null)),
    ],
  },
  {
    rule: 'LP-19',
    about: 'something that is no pair',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.getUserPage(0xa000),
        wrong
          ? { kind: 'bad-value', what: 'no pair', value: { type: 'object', value: 'a Page' } }
          : gavePage(5, 0, 'rwu'),
        alice(leaf(0xa000, 5, 'rwu')),
      ),
    ],
  },
  {
    rule: 'LP-20',
    about: 'accessOk past the end of a region',
    told: (wrong) => [...anonymous(), process((p) => p.accessOk(0xb000, false), returned(wrong))],
  },
  {
    rule: 'LP-20',
    about: 'accessOk that asks for USER',
    told: (wrong) => [
      ...anonymous('rw'),
      process((p) => p.accessOk(0xafff, true), returned(!wrong)),
    ],
  },
  {
    rule: 'LP-20',
    about: 'accessOk that loads the page',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.accessOk(0xa000, true),
        returned(true),
        wrong ? alice(leaf(0xa000, 5, 'rwu')) : {},
      ),
    ],
  },
  {
    rule: 'LP-20',
    about: 'accessOk that takes frames',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.accessOk(0xa000, true), returned(true), { frames: wrong ? 4 : 0 }),
    ],
  },
  {
    rule: 'LP-21',
    about: 'a frame that is never released',
    told: () => [...anonymous(), load('rwu'), munmap()],
    leaks: [leak(5, 2)],
  },
  {
    rule: 'LP-21',
    about: 'a frame released while it is mapped',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      process((p) => p.getUserPage(0xa000), gavePage(5, 0, 'rwu'), {
        facts: wrong ? [{ kind: 'dangling-entry', va: 0xa000, level: 1, frame: 5 }] : [],
      }),
    ],
  },
  {
    rule: 'LP-21',
    about: 'a frame released twice',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      wrong ? process((p) => p.munmap(0xa000), panicked('frames')) : munmap(),
    ],
  },
  {
    rule: 'LP-22',
    about: 'two mappings of a block on one frame, one of them writable',
    told: (wrong) => [
      ...ofFile('ru', 9000, 0x1000),
      load('ru', fileByte(SEED, 0)),
      process((p) => p.mmap(0xb000, 0x1000, 'rwu', { file: 'file' }), returned(0xb000n)),
      process(
        (p) => p.read(0xb000),
        saw(fileByte(SEED, 0)),
        alice(leaf(0xa000, 5, 'ru'), leaf(0xb000, wrong ? 5 : 6, 'rwu')),
      ),
    ],
  },
  {
    rule: 'LP-22',
    about: 'two processes on one writable frame',
    told: (wrong) => [
      ...anonymous(),
      load('rwu'),
      spawned('bob'),
      process((p) => p.mmap(0xa000, 0x1000, 'rwu', {}, 'bob'), returned(0xa000n)),
      process((p) => p.read(0xa000, 'bob'), saw(0), {
        spaces: { bob: [leaf(0xa000, wrong ? 5 : 6, 'rwu')] },
      }),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a panic because memory ran out',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.read(0xa000, 'alice', { fault: once }),
        wrong ? panicked() : killed('NoMemory'),
        { injected: true },
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a double release because memory ran out',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.read(0xa000, 'alice', { fault: once }),
        wrong ? panicked('frames') : killed('NoMemory'),
        { injected: true },
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a handler that hides the failure',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.read(0xa000, 'alice', { fault: once }),
        wrong ? noProgress : killed('NoMemory'),
        { injected: true, faults: [fault(0xa000, 4)] },
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a frame lost by a load that failed',
    told: () => [
      ...anonymous(),
      process((p) => p.read(0xa000, 'alice', { fault: once }), killed('NoMemory'), {
        injected: true,
      }),
    ],
    leaks: [leak(5, 2)],
  },
  {
    rule: 'LP-23',
    about: 'an entry to a freed frame left by a load that failed',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(0xa000, 'alice', { fault: once }), killed('NoMemory'), {
        injected: true,
        facts: wrong ? [{ kind: 'dangling-entry', va: 0xa000, level: 1, frame: 5 }] : [],
      }),
    ],
  },
  {
    rule: 'LP-23',
    about: 'zeros shown because a file could not be read',
    told: (wrong) => [
      ...ofFile(),
      process(
        (p) => p.read(0xa000, 'alice', { fault: unreadable }),
        saw(wrong ? 0 : fileByte(SEED, 0)),
        {
          injected: true,
          ...alice(leaf(0xa000, 5, 'ru')),
        },
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a half-loaded page that stays after the failure',
    told: (wrong) => [
      ...ofFile(),
      process((p) => p.read(0xa000, 'alice', { fault: unreadable }), killed('IOError'), {
        injected: true,
        faults: [fault(0xa000, 4, 'KernelError.IOError')],
        ...(wrong ? alice(leaf(0xa000, 5, 'ru')) : {}),
      }),
      process(
        (p) => p.read(0xa000),
        saw(wrong ? 0 : fileByte(SEED, 0)),
        alice(leaf(0xa000, 5, 'ru')),
      ),
    ],
  },
  {
    rule: 'LP-7',
    about: 'a byte of the file where it has a hole',
    told: (wrong) => [
      spawned(),
      process((p) => p.file(9000, 'file', SEED, { sparse: { data: 0, hole: 1 } })),
      mmap('ru', 0x1000, { file: 'file' }),
      process(
        (p) => p.read(0xa000),
        saw(wrong ? fileByte(SEED, 0) : 0),
        alice(leaf(0xa000, 5, 'ru')),
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a page mapped though its block cannot be read',
    told: (wrong) => [
      ...damaged(),
      process(
        (p) => p.read(0xb000),
        wrong ? saw(0) : killed('IOError'),
        wrong
          ? { injected: true, ...alice(leaf(0xb000, 5, 'ru')) }
          : { injected: true, faults: [fault(0xb000, 4, 'KernelError.IOError')] },
      ),
      load('ru', fileByte(SEED, 0)),
    ],
  },
  {
    rule: 'LP-23',
    about: 'an access that ends at the second block that cannot be read',
    told: (wrong) => [
      spawned(),
      process((p) => p.file(9000, 'file', SEED, { unreadable: [1, 2] })),
      mmap('ru', 0x3000, { file: 'file' }),
      process((p) => p.read(0xbfff, 'alice', { length: 2 }), killed('IOError'), {
        injected: false,
        ...(wrong
          ? {
              ...alice(leaf(0xb000, 5, 'ru')),
              faults: [fault(0xbfff, 4, 'ok'), fault(0xc000, 4, 'KernelError.IOError')],
            }
          : { faults: [fault(0xbfff, 4, 'KernelError.IOError')] }),
      }),
    ],
  },
  {
    rule: 'LP-23',
    about: 'getUserPage of a block that cannot be read',
    told: (wrong) => [
      ...damaged(),
      process((p) => p.getUserPage(0xb000), wrong ? gavePage(5, 0, 'ru') : threw('IOError'), {
        injected: true,
      }),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a frame lost by a block that cannot be read',
    told: () => [
      ...damaged(),
      process((p) => p.read(0xb000), killed('IOError'), {
        injected: true,
        faults: [fault(0xb000, 4, 'KernelError.IOError')],
      }),
    ],
    leaks: [leak(5, 3)],
  },
  {
    rule: 'LP-23',
    about: 'an access that does not work when it is repeated',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(0xa000, 'alice', { fault: once }), killed('NoMemory'), {
        injected: true,
        faults: [fault(0xa000, 4, 'KernelError.NoMemory')],
      }),
      wrong
        ? process((p) => p.read(0xa000), killed(), {
            faults: [fault(0xa000, 4, 'KernelError.InvalidAccess')],
          })
        : load('rwu'),
    ],
  },
  {
    rule: 'LP-23',
    about: 'getUserPage that does not work when it is repeated',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.getUserPage(0xa000, 'alice', { fault: once }), threw('NoMemory'), {
        injected: true,
      }),
      process(
        (p) => p.getUserPage(0xa000),
        wrong ? returned(null) : gavePage(5, 0, 'rwu'),
        wrong ? {} : alice(leaf(0xa000, 5, 'rwu')),
      ),
    ],
  },
  {
    rule: 'LP-23',
    about: 'a loaded page that is lost when memory runs out',
    told: (wrong) => [
      ...anonymous('rwu', 0x2000),
      load('rwu'),
      process((p) => p.read(0xb000, 'alice', { fault: once }), killed('NoMemory'), {
        injected: true,
        ...(wrong ? alice() : {}),
      }),
    ],
  },
  {
    rule: 'LP-24',
    about: 'a store of user code to the kernel half that works',
    told: (wrong) => [...anonymous(), process((p) => p.write(KERNEL), wrong ? ok : killed())],
  },
  {
    rule: 'LP-24',
    about: 'a handler that retries a fault on a kernel address for ever',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.read(KERNEL), wrong ? noProgress : killed(), { faults: [fault(KERNEL, 5)] }),
    ],
  },
  {
    rule: 'LP-9',
    about: 'an access that leaves far more pages present than there are in all regions',
    told: (wrong) => [
      ...anonymous(),
      ...(wrong ? [process((p) => p.read(0xa000), panicked('leaves', 'limit'))] : [load('rwu')]),
    ],
  },
  {
    rule: 'LP-14',
    about: 'a munmap that leaves far more pages present than there are in all regions',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.munmap(0xa000), wrong ? panicked('leaves', 'limit') : returned(0n)),
    ],
  },
  {
    rule: 'LP-24',
    about: 'a slot of the kernel half that changes',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.write(KERNEL), killed(), {
        facts: wrong ? [{ kind: 'kernel-half', slot: 510 }] : [],
      }),
    ],
  },
  {
    rule: 'LP-24',
    about: 'a panic in getUserPage of a kernel address',
    told: (wrong) => [
      ...anonymous(),
      process((p) => p.getUserPage(KERNEL), wrong ? panicked() : returned(null)),
    ],
  },
  {
    rule: 'LP-24',
    about: 'accessOk that says yes to a kernel address',
    told: (wrong) => [...anonymous(), process((p) => p.accessOk(KERNEL, false), returned(wrong))],
  },
  {
    rule: 'LP-25',
    about: 'a PageTableMappingError that leaves munmap',
    told: (wrong) => [
      ...anonymous(),
      process(
        (p) => p.munmap(0x5000),
        threw(wrong ? 'PageTableMappingError.NotExist' : 'BadAddress'),
      ),
    ],
  },
  {
    rule: 'LP-25',
    about: 'a PageTableMappingError that leaves the fault handler',
    told: (wrong) => [
      ...anonymous('ru'),
      load('ru'),
      process(
        (p) => p.write(0xa000),
        killed(wrong ? 'PageTableMappingError.Duplicated' : 'InvalidAccess'),
      ),
    ],
  },
];

/** A correct but unusual story. */
interface Freedom {
  readonly about: string;
  readonly told: readonly Told[];
}

/** `bob`'s child-to-be: alice has one loaded page and forks. */
const forked = (leaves: readonly Leaf[] = [leaf(0xa000, 5, 'ru')]): readonly Told[] => [
  ...anonymous(),
  load('rwu'),
  write(7),
  process((p) => p.fork('bob'), ok, { spaces: { alice: leaves, bob: leaves }, frames: 4 }),
];

const refusedStore = (also: Also): Told => process((p) => p.write(0xa000, 9), killed(), also);

const FREEDOMS: readonly Freedom[] = [
  ...['InvalidArgument', 'BadAddress', 'Busy', 'NoMemory', 'FileExist'].map((error) => ({
    about: `an overlap refused with ${error}`,
    told: [...anonymous(), process((p) => p.mmap(0xa000, 0x1000, 'r'), threw(error))],
  })),
  ...['InvalidArgument', 'NoSuchEntry'].map((error) => ({
    about: `several reasons to refuse, one of which leaves the error open, and ${error}`,
    told: [spawned(), process((p) => p.mmap(0x1337, 0, 'r'), threw(error))],
  })),
  {
    about: 'a block that cannot be read, refused again and again',
    told: [
      ...damaged(),
      ...Array.from({ length: 2 }, () =>
        process((p) => p.read(0xb000), killed('IOError'), {
          injected: true,
          faults: [fault(0xb000, 4, 'KernelError.IOError')],
        }),
      ),
      process((p) => p.getUserPage(0xb000), returned(null), { injected: true }),
      process((p) => p.accessOk(0xb000, false), returned(true)),
    ],
  },
  {
    about: 'zeros where a block could not be read before it was cut off',
    told: [
      ...damaged(),
      process((p) => p.read(0xb000), killed('IOError'), {
        injected: true,
        faults: [fault(0xb000, 4, 'KernelError.IOError')],
      }),
      process((p) => p.truncate('file', 4096)),
      load('ru', 0, 0xb000),
    ],
  },
  {
    about: 'an access that goes on into a block that cannot be read, refused there',
    told: [
      ...damaged(),
      process((p) => p.read(0xaffc, 'alice', { length: 8 }), killed('IOError'), {
        injected: true,
        faults: [fault(0xaffc, 4), fault(0xb000, 4, 'KernelError.IOError')],
        ...alice(leaf(0xa000, 5, 'ru')),
      }),
      read(fileByte(SEED, 0)),
    ],
  },
  {
    about: 'an unaligned offset without a file',
    told: [
      spawned(),
      process((p) => p.mmap(0xa000, 0x1000, 'r', { offset: 5 }), returned(0xa000n)),
    ],
  },
  {
    about: 'a mapping that is longer than its file and starts past its end',
    told: [...ofFile('ru', 100, 0x1000, 0x5000), load('ru', 0)],
  },
  {
    about: 'a refused store before which the page was loaded',
    told: [
      ...anonymous('ru'),
      refusedStore({
        ...alice(leaf(0xa000, 5, 'ru')),
        faults: [fault(0xa000, 6), fault(0xa000, 7, 'KernelError.InvalidAccess')],
        frames: 4,
      }),
      read(0),
    ],
  },
  {
    about: 'a refused store before which nothing was loaded',
    told: [
      ...anonymous('ru'),
      refusedStore({ faults: [fault(0xa000, 6, 'KernelError.InvalidAccess')] }),
      load('ru'),
    ],
  },
  {
    about:
      'a page loaded by a refused store with the right to read only, in a region that grants more',
    told: [
      ...anonymous('rwu'),
      process((p) => p.execute(0xa000), killed(), alice(leaf(0xa000, 5, 'ru'))),
      process((p) => p.write(0xa000, 3), ok, alice(leaf(0xa000, 5, 'rwu'))),
      read(3),
    ],
  },
  {
    about: 'a refused store whose page is gone again',
    told: [
      ...anonymous('ru'),
      refusedStore(alice(leaf(0xa000, 5, 'ru'))),
      process((p) => p.accessOk(0xa000, true), returned(false), alice()),
    ],
  },
  {
    about: 'user access to kernel memory that faults for ever, with a copy at each fault',
    told: [
      ...anonymous('rw'),
      process((p) => p.write(0xa000), noProgress, {
        ...alice(leaf(0xa000, 12, 'rw')),
        frames: 12,
        faults: [fault(0xa000, 7)],
      }),
    ],
  },
  {
    about: 'supervisor access to kernel memory',
    told: [
      ...anonymous('rw'),
      process(
        (p) => p.write(0xa000, 1, 'alice', { mode: 'supervisor' }),
        ok,
        alice(leaf(0xa000, 5, 'rw')),
      ),
    ],
  },
  {
    about: 'an access across two pages, loaded by two faults',
    told: [
      ...anonymous('rwu', 0x2000),
      process((p) => p.write(0xaffc, 2, 'alice', { length: 8 }), ok, {
        ...alice(leaf(0xa000, 5, 'rwu'), leaf(0xb000, 6, 'rwu')),
        frames: 5,
      }),
      process((p) => p.read(0xaffb, 'alice', { length: 10 }), saw(0, 2, 2, 2, 2, 2, 2, 2, 2, 0)),
    ],
  },
  {
    about: 'a store that is refused at its second page',
    told: [
      ...anonymous('rwu'),
      process((p) => p.write(0xaffc, 2, 'alice', { length: 8 }), killed(), {
        ...alice(leaf(0xa000, 5, 'rwu')),
        faults: [fault(0xaffc, 6), fault(0xb000, 6, 'KernelError.BadAddress')],
      }),
      read(2, 0xafff),
    ],
  },
  {
    about: 'an access that runs into an address that is not canonical',
    told: [
      spawned(),
      process((p) => p.mmap(0x7fff_ffff_f000, 0x1000, 'rwu'), returned(0x7fff_ffff_f000n)),
      process(
        (p) => p.read(0x7fff_ffff_fffc, 'alice', { length: 8 }),
        killed('general protection'),
        {
          ...alice(leaf(0x7fff_ffff_f000, 5, 'rwu')),
          faults: [fault(0x7fff_ffff_fffc, 4)],
        },
      ),
    ],
  },
  {
    about: 'extra invalidations',
    told: [
      ...anonymous(),
      load('rwu'),
      process((p) => p.munmap(0xa000), returned(0n), { ...alice(), invalidations: 99 }),
    ],
  },
  {
    about: 'a late fault of a page that is not loaded',
    told: [
      ...anonymous(),
      process((p) => p.fault(0xa000, 4), ok, alice(leaf(0xa000, 5, 'rwu'))),
      read(0),
    ],
  },
  ...[ok, threw('InvalidAccess')].flatMap((outcome) =>
    [5, 7].map((code) => ({
      about: `a violated right (${String(code)}) reported of a page that is not loaded, and ${outcome.kind}`,
      told: [...anonymous(), process((p) => p.fault(0xa000, code), outcome), load('rwu')],
    })),
  ),
  {
    about: 'a late fault of a read that violates a right',
    told: [
      ...anonymous(),
      load('rwu'),
      process((p) => p.fault(0xa000, 5), threw('InvalidAccess')),
      read(0),
    ],
  },
  {
    about: 'a late fault of a write in a region without WRITE, answered with success',
    told: [...anonymous('ru'), load('ru'), process((p) => p.fault(0xa000, 6), ok)],
  },
  {
    about: 'a page whose copy is on another frame after a late fault of a write',
    told: [
      ...anonymous(),
      load('rwu'),
      write(7),
      process((p) => p.fault(0xa000, 7), ok, { ...alice(leaf(0xa000, 6, 'rwu')), frames: 1 }),
      read(7),
    ],
  },
  // A pager that caches.
  {
    about: 'one page of zeros for two read-only regions',
    told: [
      ...anonymous('ru'),
      load('ru'),
      process((p) => p.mmap(0xb000, 0x1000, 'rxu'), returned(0xb000n)),
      process((p) => p.read(0xb000), saw(0), alice(leaf(0xa000, 5, 'ru'), leaf(0xb000, 5, 'rxu'))),
    ],
  },
  {
    about: 'one frame for a block of a file that two processes only read',
    told: [
      ...ofFile('ru', 9000, 0x1000),
      load('ru', fileByte(SEED, 0)),
      spawned('bob'),
      process((p) => p.mmap(0xb000, 0x1000, 'ru', { file: 'file' }, 'bob'), returned(0xb000n)),
      process((p) => p.read(0xb000, 'bob'), saw(fileByte(SEED, 0)), {
        spaces: { bob: [leaf(0xb000, 5, 'ru')] },
      }),
    ],
  },
  {
    about: 'a first touch that takes no frame, from a cache of the pager’s own',
    told: [
      ...ofFile(),
      process((p) => p.read(0xa000), saw(fileByte(SEED, 0)), {
        ...alice(leaf(0xa000, 5, 'ru')),
        frames: 0,
        fileReads: 0,
      }),
    ],
  },
  {
    about: 'getUserPage from a cache, with nothing mapped',
    told: [
      ...anonymous(),
      process((p) => p.getUserPage(0xa000), gavePage(5, 0, 'rwu')),
      load('rwu'),
    ],
  },
  // Files that change.
  ...[SEED, 99].map((seed) => ({
    about: `a file rewritten before the first touch, seen with seed ${String(seed)}`,
    told: [
      ...ofFile(),
      process((p) => p.rewrite('file', 99)),
      load('ru', fileByte(seed, 3), 0xa003),
      read(fileByte(seed, 4), 0xa004),
    ],
  })),
  ...[0, fileByte(SEED, 0x2003)].map((byte) => ({
    about: `a file cut before the first touch, seen as ${String(byte)}`,
    told: [...ofFile(), process((p) => p.truncate('file', 5000)), load('ru', byte, 0xc003)],
  })),
  {
    about: 'a page loaded by a refused store before the file changed, read afterwards',
    told: [
      ...ofFile(),
      refusedStore(alice(leaf(0xa000, 5, 'ru'))),
      process((p) => p.rewrite('file', 99)),
      read(fileByte(SEED, 0)),
    ],
  },
  {
    about: 'different pages from before and after a change',
    told: [
      ...ofFile(),
      process((p) => p.rewrite('file', 99)),
      load('ru', fileByte(SEED, 0)),
      process(
        (p) => p.read(0xb000),
        saw(fileByte(99, 0x1000)),
        alice(leaf(0xa000, 5, 'ru'), leaf(0xb000, 6, 'ru')),
      ),
    ],
  },
  // Failures.
  ...(['killed', 'ok'] as const).map((kind) => ({
    about: `a failed allocation that ends in ${kind}`,
    told: [
      ...anonymous(),
      process(
        (p) => p.read(0xa000, 'alice', { fault: once }),
        kind === 'ok' ? saw(0) : killed('NoMemory'),
        {
          injected: true,
          ...(kind === 'ok' ? alice(leaf(0xa000, 5, 'rwu')) : {}),
          frames: kind === 'ok' ? 8 : 0,
        },
      ),
      kind === 'ok' ? read(0) : load('rwu'),
    ],
  })),
  ...[returned(null), threw('NoMemory'), threw('IOError'), gavePage(5, 0, 'rwu')].map(
    (outcome, i) => ({
      about: `getUserPage in which an allocation fails (answer ${String(i + 1)})`,
      told: [
        ...anonymous(),
        process((p) => p.getUserPage(0xa000, 'alice', { fault: once }), outcome, {
          injected: true,
          ...(i === 3 ? alice(leaf(0xa000, 5, 'rwu')) : {}),
        }),
        i === 3 ? read(0) : load('rwu'),
      ],
    }),
  ),
  {
    about: 'getUserPage of nothing in which an allocation fails',
    told: [
      ...anonymous(),
      process((p) => p.getUserPage(0xc000, 'alice', { fault: once }), threw('NoMemory'), {
        injected: true,
      }),
    ],
  },
  {
    about: 'a refused store that loads its page in spite of a failed allocation',
    told: [
      ...anonymous('ru'),
      process((p) => p.write(0xa000, 1, 'alice', { fault: once }), killed(), {
        injected: true,
        ...alice(leaf(0xa000, 5, 'ru')),
      }),
      read(0),
    ],
  },
  {
    about: 'a store across two pages whose second page cannot be loaded',
    told: [
      ...anonymous('rwu', 0x2000),
      process((p) => p.write(0xaffc, 2, 'alice', { length: 8, fault: once }), killed('NoMemory'), {
        injected: true,
        ...alice(leaf(0xa000, 5, 'rwu')),
        faults: [fault(0xaffc, 6), fault(0xb000, 6, 'KernelError.NoMemory')],
      }),
      read(2, 0xafff),
      process((p) => p.read(0xb000), saw(0), alice(leaf(0xa000, 5, 'rwu'), leaf(0xb000, 6, 'rwu'))),
    ],
  },
  // Fork.
  {
    about: 'a fork that shares, and a copy at the first store',
    told: [
      ...forked(),
      read(7),
      process((p) => p.write(0xa000, 8), ok, { ...alice(leaf(0xa000, 6, 'rwu')), frames: 1 }),
      process((p) => p.read(0xa000, 'bob'), saw(7)),
      read(8),
    ],
  },
  {
    about: 'a last owner that uses the frame again',
    told: [
      ...forked(),
      process((p) => p.write(0xa000, 8), ok, alice(leaf(0xa000, 6, 'rwu'))),
      process((p) => p.write(0xa000, 9, 'bob'), ok, { spaces: { bob: [leaf(0xa000, 5, 'rwu')] } }),
      process((p) => p.read(0xa000, 'bob'), saw(9)),
    ],
  },
  {
    about: 'getUserPage of a shared page, shared still',
    told: [
      ...forked(),
      process((p) => p.getUserPage(0xa000, 'bob'), gavePage(5, 7, 'rwu')),
      read(7),
    ],
  },
  {
    about: 'getUserPage of a shared page that gives the process a copy first',
    told: [
      ...forked(),
      process((p) => p.getUserPage(0xa000, 'bob'), gavePage(6, 7, 'rwu'), {
        spaces: { bob: [leaf(0xa000, 6, 'rwu')] },
        frames: 1,
      }),
      read(7),
    ],
  },
  {
    about: 'accessOk of a shared page',
    told: [...forked(), process((p) => p.accessOk(0xa000, true, 'bob'), returned(true))],
  },
  {
    about: 'a page that may have been loaded by a refused access before the fork, shared',
    told: [
      ...anonymous('ru'),
      refusedStore(alice(leaf(0xa000, 5, 'ru'))),
      process((p) => p.fork('bob'), ok, { spaces: { bob: [leaf(0xa000, 5, 'ru')] } }),
      read(0),
      process((p) => p.read(0xa000, 'bob'), saw(0)),
    ],
  },
  {
    about: 'a fork in which memory runs out',
    told: [
      ...anonymous(),
      load('rwu'),
      process((p) => p.fork('bob', 'alice', { fault: once }), threw('NoMemory'), {
        injected: true,
      }),
      read(0),
    ],
  },
  {
    about: 'a fork that made a page read-only before memory ran out, and a store to it',
    told: [
      ...anonymous('rwu'),
      load('rwu'),
      process((p) => p.fork('bob', 'alice', { fault: once }), threw('NoMemory'), {
        injected: true,
        ...alice(leaf(0xa000, 5, 'ru')),
      }),
      process((p) => p.write(0xa000, 1), ok, alice(leaf(0xa000, 5, 'rwu'))),
      process((p) => p.fork('bob'), ok, {
        spaces: { alice: [leaf(0xa000, 5, 'ru')], bob: [leaf(0xa000, 5, 'ru')] },
      }),
    ],
  },
  {
    about: 'skipped operations',
    told: [
      ...anonymous(),
      process((p) => p.read(0xa000, 'nobody'), skipped),
      process((p) => p.munmap(0xa000, 'nobody'), skipped),
      load('rwu'),
    ],
  },
];

describe('judgeProcesses', () => {
  describe('rules', () => {
    for (const { rule, about, told, leaks } of CASES) {
      it(`should name ${rule}, and nothing else, for ${about}`, () => {
        expect(rules(told(true), leaks ?? [])).to.deep.equal([rule]);
      });

      it(`should accept the same steps without ${about}`, () => {
        expect(rules(told(false))).to.deep.equal([]);
      });
    }

    it('should know a trace for every rule of a single call', () => {
      const known = new Set(CASES.map(({ rule }) => rule));

      for (let i = 1; i <= 25; i++) expect(known).to.include(`LP-${String(i)}`);
    });
  });

  describe('freedoms', () => {
    for (const { about, told } of FREEDOMS) {
      it(`should accept ${about}`, () => {
        expect(rules(told)).to.deep.equal([]);
      });
    }
  });

  describe('verdict', () => {
    it('should charge far too many pages to what left the first of them', () => {
      const told = [
        ...anonymous(),
        process((p) => p.read(0xa000), saw(0), {
          ...alice(leaf(0xa000, 5, 'rwu'), leaf(0x6000_0000, 6, 'ru')),
          faults: [fault(0xa000, 4)],
          frames: 4,
        }),
        process((p) => p.munmap(0xa000), panicked('leaves', 'limit')),
      ];

      expect(rules(told)).to.deep.equal(['LP-9']);
    });

    const wrongAnswer = process((p) => p.accessOk(0xa000, true), returned(false));
    const wrongByte = load('rwu', 9);
    const panickedFork = process((p) => p.fork('bob'), panicked());

    it('should note a wrong answer and go on', () => {
      const verdict = judged([...anonymous(), wrongAnswer, panickedFork]);

      expect(verdict.noted.map(({ rule }) => rule)).to.deep.equal(['LP-20']);
      expect(verdict.broken).to.include({ rule: 'CW-1', step: 3 });
    });

    it('should note a wrong byte and say no more of its page', () => {
      const verdict = judged([...anonymous(), wrongByte, wrongByte, wrongAnswer]);

      expect(verdict.noted.map(({ rule, step }) => [rule, step])).to.deep.equal([
        ['LP-6', 2],
        ['LP-20', 4],
      ]);
      expect(verdict.broken).to.equal(null);
    });

    it('should end the comparison at a panic', () => {
      const verdict = judged([...anonymous(), panickedFork, wrongAnswer]);

      expect(verdict.broken?.rule).to.equal('CW-1');
      expect(verdict.noted).to.deep.equal([]);
    });

    it('should note needless work, an old translation and a leak in one trace', () => {
      const told = [
        ...anonymous(),
        process((p) => p.read(0xa000), saw(0), { ...alice(leaf(0xa000, 5, 'rwu')), frames: 9 }),
        munmap({ ...alice(), facts: [stale(0xa000, 5)] }),
      ];

      expect(rules(told, [leak(5, 2)])).to.deep.equal(['LP-12', 'LP-16', 'LP-21']);
    });

    it('should charge the old translation for a store that it has let through, and for all that it leaves', () => {
      const told = [
        ...forked().slice(0, -1),
        process((p) => p.fork('bob'), ok, {
          spaces: { alice: [leaf(0xa000, 5, 'ru')], bob: [leaf(0xa000, 5, 'ru')] },
          facts: [stale(0xa000, 5)],
          frames: 4,
        }),
        process((p) => p.write(0xa000, 8, 'bob'), ok, {
          spaces: { bob: [leaf(0xa000, 6, 'rwu')] },
        }),
        // No fault: the leaf stays as it is.
        process((p) => p.write(0xa000, 9), ok, { faults: [] }),
      ];

      expect(divergences(settled(judged(told), new Set())).map(({ rule }) => rule)).to.deep.equal([
        'CW-6',
      ]);
    });

    const rulesIfKnown = (known: string, told: readonly Told[]): readonly string[] =>
      divergences(settled(judged(told), new Set([known]))).map(({ rule }) => rule);

    it('should charge a page that an access has loaded which was refused, and that cannot be faulted on again, to what is known of such faults', () => {
      const told = [
        ...anonymous(),
        process((p) => p.execute(0xa000), killed(), {
          ...alice(leaf(0xa000, 5, 'rwu')),
          faults: [fault(0xa000, 0x14, 'KernelError.InvalidAccess')],
        }),
        process((p) => p.fault(0xa000, 0x6), threw('Busy')),
      ];

      expect(rules(told)).to.deep.equal(['LP-6']);
      expect(rulesIfKnown('LP-13', told)).to.deep.equal([]);
    });

    it('should charge what a file holds by now, in a page that was loaded before, to what is known of pages that are loaded again', () => {
      const told = [
        spawned(),
        file(),
        mmap('ru', 0x1000, { file: 'file' }),
        load('ru', fileByte(SEED, 0)),
        process((p) => p.truncate('file', 1)),
        read(0, 0xa001),
      ];

      expect(rules(told)).to.deep.equal(['LP-7']);
      expect(rulesIfKnown('LP-13', told)).to.deep.equal([]);
    });

    it('should charge a region that a refused mapping has replaced to what is known of such mappings', () => {
      const replaced = [
        ...anonymous(),
        load('rwu'),
        process((p) => p.mmap(0xa000, 1n << 47n, 'r'), threw('InvalidArgument'), alice()),
      ];
      const forgotten = [
        ...anonymous(),
        process((p) => p.mmap(0xa000, 1n << 47n, 'r'), threw('InvalidArgument')),
        process((p) => p.munmap(0xa000), threw('InvalidArgument')),
      ];

      expect([rules(replaced), rules(forgotten)]).to.deep.equal([['LP-18'], ['LP-14']]);
      expect(rulesIfKnown('LP-3', replaced)).to.deep.equal(['LP-3']);
      // Nothing is different for that, so that it is noted alone.
      expect(rulesIfKnown('LP-3', forgotten)).to.deep.equal([]);
    });

    it('should charge what accessOk and getUserPage say of such a region, too, also where another one was before', () => {
      const overlapping = process((p) => p.mmap(0xa000, 1n << 47n, 'r'), threw('InvalidArgument'));
      const again = [...anonymous(), munmap(), mmap('rwu', 0x1000), overlapping];
      for (const before of [[...anonymous(), overlapping], again]) {
        for (const [told, rule] of [
          [
            process((p) => p.accessOk(0xa000, false), returned(false)),
            before === again ? 'LP-14' : 'LP-20',
          ],
          [process((p) => p.getUserPage(0xa000), returned(null)), 'LP-19'],
          [process((p) => p.getUserPage(0xa000), gavePage(5, 0, 'ru')), 'LP-19'],
        ] as const) {
          expect(rules([...before, told])).to.deep.equal([rule]);
          expect(rulesIfKnown('LP-3', [...before, told])).to.deep.equal([]);
        }
      }
    });

    it('should say of which page the region is gone', () => {
      const told = [...anonymous(), munmap(), process((p) => p.read(0xa000), saw(0))];

      expect(judged(told).broken?.expected).to.equal(
        'the access is refused: the region of 0xa000 was unmapped',
      );
    });

    it('should look at the page that an access must not get past, not at where the access begins', () => {
      const told = [
        ...anonymous(),
        load('rwu'),
        process((p) => p.read(0xafff, 'alice', { length: 2 }), saw(0, 2)),
      ];

      expect(judged(told).broken?.focus?.va).to.equal('0xb000');
    });

    it('should go on after a munmap that was refused: the region is still there', () => {
      const told = [
        ...anonymous(),
        load('rwu'),
        process((p) => p.munmap(0xa000), threw('InvalidArgument')),
        process((p) => p.accessOk(0xa000, false), returned(true)),
        read(9, 0xa001),
      ];

      expect(rules(told)).to.deep.equal(['LP-14', 'LP-6']);
      expect(rules(told.slice(0, -1))).to.deep.equal(['LP-14']);
    });

    it('should go on after a fault outside of all regions that was called handled, and gave nothing', () => {
      const told = [
        ...anonymous(),
        process((p) => p.read(0xc000), noProgress, { faults: [fault(0xc000, 4)] }),
        load('rwu', 9),
      ];

      expect(rules(told)).to.deep.equal(['LP-9', 'LP-6']);
      expect(rules(told.slice(0, -1))).to.deep.equal(['LP-9']);
    });

    it('should end with a fault outside of all regions that has given something', () => {
      const told = [...anonymous(), process((p) => p.read(0xc000), saw(0)), load('rwu', 9)];

      expect(rules(told)).to.deep.equal(['LP-9']);
    });

    it('should blame the operation that left a page behind, not those after it', () => {
      const told = [
        ...anonymous(),
        load('rwu'),
        munmap({}),
        process((p) => p.mmap(0x1_0000, 0x1000, 'r'), returned(0x1_0000n)),
        process((p) => p.accessOk(0x1_0000, false), returned(true)),
        process((p) => p.read(0x2_0000), killed()),
        process((p) => p.getUserPage(0x2_0000), returned(null)),
      ];

      expect(rules(told)).to.deep.equal(['LP-14']);
    });

    it('should not blame an injected failure for a leak that needs none', () => {
      const told = [
        ...anonymous('rwu', 0x2000),
        load('rwu'),
        process((p) => p.read(0xb000, 'alice', { fault: once }), killed('NoMemory'), {
          injected: true,
        }),
        munmap(),
      ];

      expect(rules(told, [leak(6, 3), leak(5, 2)])).to.deep.equal(['LP-21']);
    });

    it('should name the rule of frames when the exit of a process fails', () => {
      expect(rules(anonymous(), [], panicked())).to.deep.equal(['LP-21']);
    });

    it('should name the rule of the operation that a todo stands in, also if memory ran out there', () => {
      const todo = panicked(undefined, 'todo');

      expect(rules([spawned(), process((p) => p.mmap(0xa000, 0x1000, 'r'), todo)])).to.deep.equal([
        'LP-1',
      ]);
      expect(
        rules([
          ...anonymous(),
          process((p) => p.read(0xa000, 'alice', { fault: once }), todo, { injected: true }),
        ]),
      ).to.deep.equal(['LP-6']);
    });

    it('should blame the page that was refused when an access spans two', () => {
      const told = [
        ...anonymous('rwu'),
        process((p) => p.write(0xaffc, 2, 'alice', { length: 8 }), killed(), {
          faults: [fault(0xaffc, 6, 'KernelError.InvalidAccess')],
        }),
      ];

      expect(rules(told)).to.deep.equal(['LP-6']);
    });

    it('should tell both reasons apart when a file mapping follows another at its address', () => {
      const told = [
        ...ofFile(),
        load('ru', fileByte(SEED, 0)),
        munmap(),
        mmap('ru', 0x1000, { file: 'file', offset: 0x1000 }),
        load('ru', fileByte(SEED, 0)),
      ];

      expect(rules(told)).to.deep.equal(['LP-7']);
    });

    it('should point at the address in the process that shows it, but not into the kernel half', () => {
      expect(judged([...anonymous(), wrongByte]).noted[0]?.focus).to.deep.equal({
        space: 'alice',
        va: '0xa000',
      });
      expect(
        judged([...anonymous(), process((p) => p.getUserPage(KERNEL), panicked())]).broken?.focus,
      ).to.equal(null);
    });

    it('should keep the panic for the report', () => {
      const { broken } = judged([
        ...anonymous(),
        process((p) => p.read(0xa000), panicked(undefined, 'exception')),
      ]);

      expect(broken?.panic?.kind).to.equal('exception');
      expect(broken?.summary).to.equal('access did not survive: it broke');
    });
  });
});
