import { expect } from 'chai';
import type { Fact } from '../../reference/contract/machine-facts.ts';
import {
  gave,
  KEPT,
  killed,
  leaf,
  leak,
  ok,
  OUTSIDE,
  panicked,
  rulesOf,
  stale,
  story,
  table,
  threw,
  type Told,
} from '../testing/told-traces.ts';
import type { EntrySeen, Outcome } from '../protocol/trace.ts';
import { judge } from './judge.ts';
import { isCutShort, settled, type Verdict } from './verdict.ts';

const UNALIGNED = threw('PageTableMappingError.Unaligned');
const ABSENT = threw('PageTableMappingError.NotExist');
const DUPLICATED = threw('PageTableMappingError.Duplicated');
const FORBIDDEN = threw('PageTableMappingError.InvalidPermission');
const NO_MEMORY = threw('NoMemory');

const XD = 1n << 63n;
const SPACE = { table: [leaf(0x1000, 5, 'rwu')] };
const EMPTY = { spaces: { table: [] } };

const made = table((t) => t.table(), ok, EMPTY);

/** A page of the driver's on `frame`. */
const page = (name: string, frame: number, fill = 0x41): Told => ({
  ...table((t) => t.page(fill), gave(frame)),
  op: { op: 'new-page', page: name, fill },
});

/** A table with page `a` (frame 5) mapped at 0x1000 as `rwu`. */
const mapped: readonly Told[] = [
  made,
  page('a', 5),
  table((t) => t.map(0x1000, 'rwu', 'a'), ok, { spaces: SPACE }),
];
const running: readonly Told[] = [...mapped, table((t) => t.load())];

function entry(frame: number | null, flags: bigint, live = true): Outcome {
  const seen: EntrySeen = { frame, flags: `0x${flags.toString(16)}`, live };
  return { kind: 'ok', entry: seen };
}

/** The entry of a page that is mapped as `rwu` and was not used. */
const fresh = entry(5, 7n | XD);

function indices(...numbers: readonly number[]): Outcome {
  return {
    kind: 'ok',
    indices: numbers.map((number) => ({ type: 'number', value: String(number) })),
  };
}

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

const failing = { point: 'frame', nth: 1, mode: 'once' } as const;

const CASES: readonly Case[] = [
  {
    rule: 'PT-1',
    about: 'an index that is one off',
    told: (wrong) => [table((t) => t.indices(0x4747_f000), indices(0, 1, 58, wrong ? 126 : 127))],
  },
  {
    rule: 'PT-1',
    about: 'indices that are bigints',
    told: (wrong) => [
      table((t) => t.indices(0), {
        kind: 'ok',
        indices: Array.from({ length: 4 }, () =>
          wrong ? { type: 'bigint', value: '0x0' } : { type: 'number', value: '0' },
        ),
      }),
    ],
  },
  {
    rule: 'PT-2',
    about: 'fromVa of an unaligned address',
    told: (wrong) => [table((t) => t.indices(0x1001), wrong ? indices(0, 0, 0, 1) : UNALIGNED)],
  },
  {
    rule: 'PT-2',
    about: 'a walk that answers NotExist for an unaligned address',
    told: (wrong) => [made, table((t) => t.walk(0x1fff), wrong ? ABSENT : UNALIGNED)],
  },
  {
    rule: 'PT-2',
    about: 'an unaligned physical address',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.doMap(0x1000, 'r', 8, 'a'), wrong ? DUPLICATED : UNALIGNED),
    ],
  },
  {
    rule: 'PT-3',
    about: 'a page that is not there after it was mapped',
    told: (wrong) => [
      made,
      page('a', 5),
      table(
        (t) => t.map(0x1000, 'r', 'a'),
        ok,
        wrong ? {} : { spaces: { table: [leaf(0x1000, 5, 'r')] } },
      ),
    ],
  },
  {
    rule: 'PT-3',
    about: 'a mapping that leads to another frame',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'r', 'a'), ok, {
        spaces: { table: [leaf(0x1000, wrong ? 6 : 5, 'r')] },
      }),
    ],
  },
  {
    rule: 'PT-3',
    about: 'a mapping that is refused',
    told: (wrong) => [
      made,
      page('a', 5),
      table(
        (t) => t.map(0x1000, 'rwu', 'a'),
        wrong ? DUPLICATED : ok,
        wrong ? {} : { spaces: SPACE },
      ),
    ],
  },
  {
    rule: 'PT-4',
    about: 'a right too many',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'r', 'a'), ok, {
        spaces: { table: [leaf(0x1000, 5, wrong ? 'rw' : 'r')] },
      }),
    ],
  },
  {
    rule: 'PT-4',
    about: 'a right that the leaf itself lacks',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'ru', 'a'), ok, {
        spaces: { table: [leaf(0x1000, 5, wrong ? 'r' : 'ru')] },
      }),
    ],
  },
  {
    rule: 'PT-4',
    about: 'a flag that was not asked for',
    told: (wrong) => [
      ...mapped,
      table((t) => t.walk(0x1000), wrong ? entry(5, 7n | XD | 0x200n) : fresh),
    ],
  },
  {
    rule: 'PT-4',
    about: 'A set in an entry that no processor has used',
    told: (wrong) => [
      ...mapped,
      table((t) => t.walk(0x1000), wrong ? entry(5, 0x27n | XD) : fresh),
    ],
  },
  {
    rule: 'PT-4',
    about: 'a reserved bit in an entry',
    told: (wrong) => [
      ...mapped,
      table((t) => t.walk(0x1000), fresh, {
        facts: wrong ? [{ kind: 'bad-entry', va: 0x1000, level: 1 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-4',
    about: 'a permission with READ that is refused',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwx', 'a'), wrong ? FORBIDDEN : ok, {
        spaces: { table: wrong ? [] : [leaf(0x1000, 5, 'rwx')] },
      }),
    ],
  },
  {
    rule: 'PT-7',
    about: 'a reserved bit in the entry of a table',
    told: (wrong) => [
      ...mapped,
      table((t) => t.walk(0x1000), fresh, {
        facts: wrong ? [{ kind: 'bad-entry', va: 0, level: 2 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-5',
    about: 'a permission without READ that is accepted',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'w', 'a'), wrong ? ok : FORBIDDEN),
    ],
  },
  {
    rule: 'PT-5',
    about: 'Duplicated before InvalidPermission',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x1000, 'w', 'b'), wrong ? DUPLICATED : FORBIDDEN),
    ],
  },
  {
    rule: 'PT-6',
    about: 'a second mapping of an address',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table(
        (t) => t.map(0x1000, 'rwu', 'b'),
        wrong ? ok : DUPLICATED,
        wrong ? { spaces: { table: [leaf(0x1000, 6, 'rwu')] } } : {},
      ),
    ],
  },
  {
    rule: 'PT-6',
    about: 'a refused second mapping that replaces the first all the same',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table(
        (t) => t.map(0x1000, 'rwu', 'b'),
        DUPLICATED,
        wrong ? { spaces: { table: [leaf(0x1000, 6, 'rwu')] } } : {},
      ),
    ],
  },
  {
    rule: 'PT-7',
    about: 'a table that takes a right away from a leaf',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x2000, 'rwxu', 'b'), ok, {
        spaces: {
          table: [leaf(0x1000, 5, 'rwu'), leaf(0x2000, 6, wrong ? 'rwu' : 'rwxu', 'rwxu')],
        },
      }),
    ],
  },
  {
    rule: 'PT-7',
    about: 'a store that the mapping allows and the processor refuses',
    told: (wrong) => [
      ...running,
      table(
        (t) => t.probe(0x1008, 'write', 'user', 9),
        wrong ? { kind: 'fault', code: 7 } : { kind: 'ok', bytes: [[9, 1]] },
      ),
    ],
  },
  {
    rule: 'PT-8',
    about: 'another mapping that goes with the one that is unmapped',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x2000, 'r', 'b'), ok, {
        spaces: { table: [leaf(0x1000, 5, 'rwu'), leaf(0x2000, 6, 'r')] },
      }),
      table((t) => t.unmap(0x2000), gave(6), { spaces: wrong ? { table: [] } : SPACE }),
    ],
  },
  {
    rule: 'PT-8',
    about: 'a mapping that turns up in another table',
    told: (wrong) => [
      table((t) => t.table('other'), ok, { spaces: { other: [] } }),
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwu', 'a'), ok, {
        spaces: { ...SPACE, ...(wrong ? { other: [leaf(0x1000, 5, 'rwu')] } : {}) },
      }),
    ],
  },
  {
    rule: 'PT-9',
    about: 'unmap that returns another page',
    told: (wrong) => [...mapped, table((t) => t.unmap(0x1000), gave(wrong ? 6 : 5), EMPTY)],
  },
  {
    rule: 'PT-9',
    about: 'unmap that leaves the mapping',
    told: (wrong) => [...mapped, table((t) => t.unmap(0x1000), gave(5), wrong ? {} : EMPTY)],
  },
  {
    rule: 'PT-10',
    about: 'a walk that returns an empty entry',
    told: (wrong) => [...mapped, table((t) => t.walk(0x2000), wrong ? entry(null, 0n) : ABSENT)],
  },
  {
    rule: 'PT-10',
    about: 'unmap of nothing that answers with another error',
    told: (wrong) => [made, table((t) => t.unmap(0x2000), wrong ? UNALIGNED : ABSENT)],
  },
  {
    rule: 'PT-11',
    about: 'a processor that keeps an old translation',
    told: (wrong) => [
      ...running,
      table((t) => t.unmap(0x1000), gave(5), { ...EMPTY, facts: wrong ? [stale(0x1000, 5)] : [] }),
      table(
        (t) => t.probe(0x1000, 'read'),
        wrong ? { kind: 'ok', bytes: [[0x41, 1]] } : { kind: 'fault', code: 4 },
      ),
    ],
  },
  {
    rule: 'PT-11',
    about: 'an old translation that reaches what is mapped there now',
    told: (wrong) => [
      ...running,
      table((t) => t.unmap(0x1000), gave(5), { ...EMPTY, facts: wrong ? [stale(0x1000, 5)] : [] }),
      page('b', 6, 0x42),
      table((t) => t.map(0x1000, 'rwu', 'b'), ok, { spaces: { table: [leaf(0x1000, 6, 'rwu')] } }),
      table((t) => t.probe(0x1000, 'read'), { kind: 'ok', bytes: [[wrong ? 0x41 : 0x42, 1]] }),
    ],
  },
  {
    rule: 'PT-11',
    about: 'a stale entry that is never invalidated',
    told: (wrong) => [
      ...running,
      table((t) => t.unmap(0x1000), wrong ? panicked('invalidation') : gave(5), wrong ? {} : EMPTY),
    ],
  },
  {
    rule: 'PT-12',
    about: 'a walk that returns a copy',
    told: (wrong) => [...mapped, table((t) => t.walk(0x1000), entry(5, 7n | XD, !wrong))],
  },
  {
    rule: 'PT-12',
    about: 'a walk that takes frames',
    told: (wrong) => [
      made,
      table((t) => t.walk(0x1000), ABSENT, { ...EMPTY, frames: wrong ? 3 : 0 }),
    ],
  },
  {
    rule: 'PT-12',
    about: 'an entry of another table for what is not mapped',
    told: (wrong) => [made, table((t) => t.walk(0x1000), wrong ? entry(5, 7n, false) : ABSENT)],
  },
  {
    rule: 'PT-12',
    about: 'a walk that uses a table which is gone',
    told: (wrong) => [...mapped, table((t) => t.walk(0x1000), wrong ? panicked('frames') : fresh)],
  },
  {
    rule: 'PT-3',
    about: 'a walk that finds nothing where a page is mapped',
    told: (wrong) => [...mapped, table((t) => t.walk(0x1000), wrong ? ABSENT : fresh)],
  },
  {
    rule: 'PT-3',
    about: 'a page that is lost when another one is mapped',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x2000, 'rwu', 'b'), ok, {
        spaces: {
          table: [...(wrong ? [] : [leaf(0x1000, 5, 'rwu')]), leaf(0x2000, 6, 'rwu')],
        },
      }),
    ],
  },
  {
    rule: 'PT-6',
    about: 'a refused mapping that changes the rights of the one that is there',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x1000, 'r', 'b'), DUPLICATED, {
        spaces: { table: [leaf(0x1000, 5, wrong ? 'r' : 'rwu')] },
      }),
      table((t) => t.walk(0x1000), wrong ? entry(5, 1n | XD) : fresh),
    ],
  },
  {
    rule: 'PT-8',
    about: 'rights of another page that change',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x2000, 'rwu', 'b'), ok, {
        spaces: { table: [leaf(0x1000, 5, wrong ? 'ru' : 'rwu'), leaf(0x2000, 6, 'rwu')] },
        facts: wrong ? [stale(0x1000, 5)] : [],
      }),
    ],
  },
  {
    rule: 'PT-9',
    about: 'a page that is mapped still',
    told: (wrong) => [
      ...mapped,
      table((t) => t.unmap(0x1000), gave(5), {
        ...(wrong ? {} : EMPTY),
        facts: wrong
          ? [{ kind: 'under-owned', va: 0x1000, frame: 5, references: 1, owned: 0 }]
          : [],
      }),
    ],
  },
  {
    rule: 'PT-13',
    about: 'setPage with other flags than it was given',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.walkMut(0x1000, 'replace', 'b', 'r'), { ...fresh, frame: 5 } as Outcome, {
        spaces: { table: [leaf(0x1000, 6, wrong ? 'rwu' : 'r')] },
      }),
      table((t) => t.walk(0x1000), wrong ? entry(6, 7n | XD) : entry(6, 1n | XD)),
    ],
  },
  {
    rule: 'PT-13',
    about: 'a handle on another entry',
    told: (wrong) => [...mapped, table((t) => t.walkMut(0x1000), entry(5, 7n | XD, !wrong))],
  },
  {
    rule: 'PT-13',
    about: 'a handle that clears another page',
    told: (wrong) => [
      ...mapped,
      table(
        (t) => t.walkMut(0x1000, 'clear'),
        { ...fresh, frame: wrong ? 6 : 5 } as Outcome,
        EMPTY,
      ),
    ],
  },
  {
    rule: 'PT-13',
    about: 'a handle that invalidates another address',
    told: (wrong) => [
      ...running,
      table((t) => t.probe(0x1000, 'read'), { kind: 'ok', bytes: [[0x41, 1]] }),
      table((t) => t.walkMut(0x1000, 'clear'), { ...entry(5, 0x27n | XD), frame: 5 } as Outcome, {
        ...EMPTY,
        facts: wrong ? [stale(0x1000, 5)] : [],
      }),
    ],
  },
  {
    rule: 'PT-14',
    about: 'a mapped page that clear does not release',
    told: () => [...mapped, table((t) => t.drop(), ok, { spaces: { table: null } })],
    leaks: [leak(5, 1, { lost: 3, owners: OUTSIDE })],
  },
  {
    rule: 'PT-14',
    about: 'a table that clear does not release',
    told: () => mapped,
    leaks: [leak(9, 2, { lost: -1, owners: OUTSIDE })],
  },
  {
    rule: 'PT-14',
    about: 'an entry that clear leaves behind',
    told: (wrong) => [
      ...mapped,
      table((t) => t.clear(), ok, {
        ...EMPTY,
        facts: wrong ? [{ kind: 'dangling-entry', va: 0, level: 4, frame: 9 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-15',
    about: 'a mapped page that somebody keeps a Page of',
    told: () => [...mapped, table((t) => t.drop(), ok, { spaces: { table: null } })],
    leaks: [leak(5, 1, { lost: 3, owners: KEPT })],
  },
  {
    rule: 'PT-15',
    about: 'a table that unmap loses',
    told: () => [...mapped, table((t) => t.unmap(0x1000), gave(5), EMPTY)],
    leaks: [leak(9, 2, { lost: 3, owners: OUTSIDE })],
  },
  {
    rule: 'PT-14',
    about: 'clear that leaves a mapping',
    told: (wrong) => [
      ...mapped,
      table((t) => t.clear(), wrong ? panicked() : ok, wrong ? {} : EMPTY),
    ],
  },
  {
    rule: 'PT-15',
    about: 'a page lost in a refused map',
    told: () => [...mapped, page('b', 6), table((t) => t.map(0x1000, 'r', 'b'), DUPLICATED)],
    leaks: [leak(6, 3)],
  },
  {
    rule: 'PT-15',
    about: 'a frame released while it is mapped',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x1000, 'r', 'b'), DUPLICATED, {
        facts: wrong ? [{ kind: 'dangling-entry', va: 0x1000, level: 1, frame: 5 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-15',
    about: 'a frame with too few owners',
    told: (wrong) => [
      ...mapped,
      table((t) => t.walk(0x1000), fresh, {
        facts: wrong
          ? [{ kind: 'under-owned', va: 0x1000, frame: 5, references: 2, owned: 1 }]
          : [],
      }),
    ],
  },
  {
    rule: 'PT-15',
    about: 'a page released twice',
    told: (wrong) => [
      ...mapped,
      table((t) => t.unmap(0x1000), wrong ? panicked('frames') : gave(5), wrong ? {} : EMPTY),
    ],
  },
  {
    rule: 'PT-16',
    about: 'a slot of the kernel half that changes',
    told: (wrong) => [
      ...mapped,
      table((t) => t.clear(), ok, {
        ...EMPTY,
        facts: wrong ? [{ kind: 'kernel-half', slot: 510 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-8',
    about: 'a map that leaves far more pages present than were mapped',
    told: (wrong) => [
      made,
      page('a', 5),
      table(
        (t) => t.map(0x1000, 'rwu', 'a'),
        wrong ? panicked('leaves', 'limit') : ok,
        wrong ? {} : { spaces: SPACE },
      ),
    ],
  },
  {
    rule: 'PT-16',
    about: 'a new table that does not have the kernel half',
    told: (wrong) => [
      table((t) => t.table(), ok, {
        ...EMPTY,
        facts: wrong ? [{ kind: 'kernel-half', slot: 510, missing: true }] : [],
      }),
    ],
  },
  {
    rule: 'PT-16',
    about: 'a clear that goes into the kernel half',
    told: (wrong) => [
      ...mapped,
      table((t) => t.clear(), wrong ? panicked('kernel-half') : ok, wrong ? {} : EMPTY),
    ],
  },
  {
    rule: 'PT-17',
    about: 'a table that goes missing in a call that ran out of memory',
    told: () => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x8000_0000, 'r', 'b', 'table', failing), NO_MEMORY, { injected: true }),
    ],
    leaks: [leak(9, 2, { lost: 4, owners: OUTSIDE })],
  },
  {
    rule: 'PT-17',
    about: 'a shortage that there is not',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwu', 'a'), wrong ? NO_MEMORY : ok, {
        spaces: wrong ? { table: [] } : SPACE,
      }),
    ],
  },
  {
    rule: 'PT-17',
    about: 'another error than the one of the allocation',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwu', 'a', 'table', failing), wrong ? ABSENT : NO_MEMORY, {
        injected: true,
      }),
    ],
  },
  {
    rule: 'PT-17',
    about: 'a panic because memory ran out',
    told: (wrong) => [
      made,
      page('a', 5),
      table(
        (t) => t.map(0x1000, 'rwu', 'a', 'table', failing),
        wrong ? panicked('frames') : NO_MEMORY,
        { injected: true },
      ),
    ],
  },
  {
    rule: 'PT-17',
    about: 'a page that is mapped by a call that ran out of memory',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwu', 'a', 'table', failing), NO_MEMORY, {
        injected: true,
        spaces: wrong ? SPACE : {},
      }),
    ],
  },
  {
    rule: 'PT-17',
    about: 'another mapping lost by a call that ran out of memory',
    told: (wrong) => [
      ...mapped,
      page('b', 6),
      table((t) => t.map(0x2000, 'r', 'b', 'table', failing), NO_MEMORY, {
        injected: true,
        spaces: wrong ? { table: [] } : {},
      }),
    ],
  },
  {
    rule: 'PT-17',
    about: 'an entry to a freed table left by a call that ran out of memory',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'r', 'a', 'table', failing), NO_MEMORY, {
        injected: true,
        facts: wrong ? [{ kind: 'dangling-entry', va: 0, level: 4, frame: 9 }] : [],
      }),
    ],
  },
  {
    rule: 'PT-17',
    about: 'a table lost by a call that ran out of memory',
    told: () => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'r', 'a', 'table', failing), NO_MEMORY, { injected: true }),
    ],
    leaks: [leak(9, 2)],
  },
  {
    rule: 'PT-17',
    about: 'a call that does not work when it is repeated',
    told: (wrong) => [
      made,
      page('a', 5),
      table((t) => t.map(0x1000, 'rwu', 'a', 'table', failing), NO_MEMORY, { injected: true }),
      page('b', 6),
      table(
        (t) => t.map(0x1000, 'rwu', 'b'),
        wrong ? DUPLICATED : ok,
        wrong ? {} : { spaces: { table: [leaf(0x1000, 6, 'rwu')] } },
      ),
    ],
  },
];

describe('judgePageTable', () => {
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

      for (let i = 1; i <= 17; i++) expect(known).to.include(`PT-${String(i)}`);
    });
  });

  describe('freedoms', () => {
    it('should accept any KernelError of a call that ran out of memory', () => {
      for (const error of ['NoMemory', 'NoSpace', 'Busy']) {
        const told = [
          made,
          page('a', 5),
          table((t) => t.map(0x1000, 'r', 'a', 'table', failing), threw(error), { injected: true }),
        ];
        expect(rules(told)).to.deep.equal([]);
      }
    });

    it('should accept a call that copes with a failed allocation', () => {
      const told = [
        made,
        page('a', 5),
        table((t) => t.map(0x1000, 'rwu', 'a', 'table', failing), ok, {
          injected: true,
          spaces: SPACE,
          frames: 9,
        }),
        table((t) => t.walk(0x1000), fresh),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should accept the usual refusal of a call in which an allocation failed', () => {
      const told = [
        ...mapped,
        page('b', 6),
        table((t) => t.map(0x1000, 'r', 'b', 'table', failing), DUPLICATED, { injected: true }),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should accept each error that fits an unaligned physical address', () => {
      for (const error of [UNALIGNED, FORBIDDEN, DUPLICATED]) {
        const told = [...mapped, page('b', 6), table((t) => t.doMap(0x1000, 'w', 8, 'b'), error)];
        expect(rules(told)).to.deep.equal([]);
      }
    });

    it('should not look at accessed and dirty once a processor has used the entry', () => {
      for (const flags of [0x7n, 0x27n, 0x47n, 0x67n]) {
        const told = [
          ...running,
          table((t) => t.probe(0x1000, 'write', 'user', 9), { kind: 'ok', bytes: [[9, 1]] }),
          table((t) => t.walk(0x1000), entry(5, flags | XD)),
        ];
        expect(rules(told)).to.deep.equal([]);
      }
    });

    it('should accept any number of invalidations and frames', () => {
      const told = [
        ...mapped,
        table((t) => t.unmap(0x1000), gave(5), { ...EMPTY, invalidations: 500, frames: 3 }),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should accept a frame that is used again for another page', () => {
      const told = [
        ...running,
        table((t) => t.unmap(0x1000, 'a'), gave(5), EMPTY),
        table((t) => t.dropPage('a')),
        page('b', 5, 0x77),
        table((t) => t.map(0x1000, 'rwu', 'b'), ok, { spaces: SPACE }),
        table((t) => t.probe(0x1000, 'read'), { kind: 'ok', bytes: [[0x77, 1]] }),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should expect a fault of any code on a processor whose page table was dropped', () => {
      const told = [
        ...running,
        table((t) => t.drop(), ok, { spaces: { table: null } }),
        table((t) => t.table(), ok, EMPTY),
        page('b', 6),
        table((t) => t.map(0x1000, 'rwu', 'b'), ok, {
          spaces: { table: [leaf(0x1000, 6, 'rwu')] },
        }),
        table((t) => t.probe(0x1000, 'read'), { kind: 'fault', code: 4 }),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should pass over skipped operations', () => {
      const told = [
        ...mapped,
        table((t) => t.unmap(0x1000, 'a', 'other'), { kind: 'skipped' }),
        table((t) => t.walkMut(0x1000, 'replace', 'gone', 'r'), { kind: 'skipped' }),
        table((t) => t.walk(0x1000), fresh),
      ];

      expect(rules(told)).to.deep.equal([]);
    });

    it('should accept any user-mode rights from every mapping that has them', () => {
      for (const [perm, kind] of [
        ['ru', 'read'],
        ['rwu', 'write'],
        ['rxu', 'fetch'],
      ] as const) {
        const told = [
          made,
          page('a', 5),
          table((t) => t.map(0x1000, perm, 'a'), ok, {
            spaces: { table: [leaf(0x1000, 5, perm)] },
          }),
          table((t) => t.load()),
          table((t) => t.probe(0x1000, kind, 'user', 0x41), { kind: 'ok', bytes: [[0x41, 1]] }),
          table((t) => t.probe(0x1000, kind, 'supervisor', 0x41), {
            kind: 'ok',
            bytes: [[0x41, 1]],
          }),
        ];
        expect(rules(told)).to.deep.equal([]);
      }
    });
  });

  describe('verdict', () => {
    const wrongWalk = table((t) => t.walk(0x1000), entry(5, 7n | XD, false));
    const lost = table((t) => t.unmap(0x1000), ABSENT);
    const spoilt = table((t) => t.unmap(0x1000), ABSENT, { spaces: { table: [] } });

    it('should note a wrong answer to a question and go on', () => {
      const verdict = judged([...mapped, wrongWalk, spoilt]);

      expect(verdict.noted.map(({ rule }) => rule)).to.deep.equal(['PT-12']);
      expect(verdict.broken?.rule).to.equal('PT-9');
      expect(verdict.broken?.step).to.equal(4);
    });

    it('should end the comparison at a result that is wrong', () => {
      const verdict = judged([...mapped, spoilt, wrongWalk]);

      expect(verdict.broken?.rule).to.equal('PT-9');
      expect(verdict.noted).to.deep.equal([]);
    });

    it('should note a refusal that has changed no table, and go on', () => {
      const verdict = judged([...mapped, lost, wrongWalk]);

      expect(verdict.broken).to.equal(null);
      expect(verdict.noted.map(({ rule }) => rule)).to.deep.equal(['PT-9', 'PT-12']);
    });

    it('should note each rule once', () => {
      const verdict = judged([...mapped, wrongWalk, wrongWalk]);

      expect(verdict.noted.map(({ step }) => step)).to.deep.equal([3]);
    });

    it('should note a leak and an old translation in one trace', () => {
      const told = [
        ...running,
        table((t) => t.unmap(0x1000), gave(5), { ...EMPTY, facts: [stale(0x1000, 5)] }),
      ];

      expect(rules(told, [leak(5, 1)])).to.deep.equal(['PT-11', 'PT-15']);
    });

    it('should take a walk that panics for one that has not found the page', () => {
      expect(rules([...mapped, table((t) => t.walk(0x1000), panicked())])).to.deep.equal(['PT-3']);
    });

    it('should take a page that stays for one that a refused call has kept only if one was refused', () => {
      const refused = [page('b', 5), table((t) => t.map(0x1000, 'rwu', 'b'), DUPLICATED)];
      const left = [leak(9, 2, { lost: -1, owners: OUTSIDE })];
      const withKnown = (told: readonly Told[]): readonly string[] =>
        rulesOf(settled(judged(told, left), new Set(['PT-15'])));

      expect(withKnown(mapped)).to.deep.equal(['PT-14']);
      expect(withKnown([...mapped, ...refused])).to.deep.equal([]);
    });

    it('should not blame a shortage of memory for a leak that needs none', () => {
      const told = [
        ...mapped,
        page('b', 6),
        table((t) => t.map(0x8000_0000, 'r', 'b', 'table', failing), NO_MEMORY, { injected: true }),
      ];

      const owners = OUTSIDE;

      expect(rules(told, [leak(8, 4), leak(9, 2, { lost: -1, owners })])).to.deep.equal(['PT-14']);
    });

    it('should say who still owns a leaked frame', () => {
      const owners = { pages: 0, outside: 1, kernel: null };
      const [found] = judged(mapped, [{ kind: 'leak', frame: 9, op: 2, site: '', owners }]).noted;

      expect(found?.observed).to.equal(
        'the frame was allocated in step 3 and is still owned by an address from intoRaw that fromPa did not take back',
      );
    });

    it('should place a leak after the last step, with where it was allocated', () => {
      const [found] = judged(mapped, [{ kind: 'leak', frame: 9, op: 2, site: 'at map' }]).noted;

      expect(found).to.include({ step: 3, rule: 'PT-15' });
      expect(found?.sites).to.deep.equal({ allocated: 'at map', released: '' });
      expect(found?.observed).to.equal('the frame was allocated in step 3 and is still owned');
    });

    it('should name the rule of clear when releasing everything fails', () => {
      expect(rules(mapped, [], panicked())).to.deep.equal(['PT-14']);
      expect(rules(mapped, [], panicked('frames'))).to.deep.equal(['PT-15']);
      expect(rules(mapped, [], panicked('kernel-half'))).to.deep.equal(['PT-16']);
    });

    it('should leave open only what is judged at the end when releasing everything fails', () => {
      const verdict = judged(mapped, [], panicked('frames'));

      for (const rule of ['PT-14', 'PT-15', 'PT-17'])
        expect(isCutShort(verdict, rule), rule).to.equal(true);
      for (const rule of ['PT-3', 'PT-11', 'PT-16'])
        expect(isCutShort(verdict, rule), rule).to.equal(false);
    });

    it('should go on after a refusal with the wrong error', () => {
      const told = [
        ...mapped,
        page('b', 6),
        table((t) => t.map(0x1000, 'r', 'b'), ABSENT),
        table((t) => t.unmap(0x1001), ABSENT),
        table((t) => t.walk(0x1000), fresh),
      ];
      const verdict = judged(told);

      expect(rulesOf(verdict)).to.deep.equal(['PT-6', 'PT-2']);
      expect(verdict.broken).to.equal(null);
    });

    it('should go on with the page that unmap returned in place of the one that was mapped', () => {
      const told = [
        ...running,
        table((t) => t.unmap(0x1000, 'back'), gave(6), EMPTY),
        table((t) => t.map(0x2000, 'rwu', 'back'), ok, {
          spaces: { table: [leaf(0x2000, 6, 'rwu')] },
        }),
        table((t) => t.probe(0x2000, 'read'), { kind: 'ok', bytes: [[0x41, 1]] }),
      ];

      expect(rules(told)).to.deep.equal(['PT-9']);
    });

    it('should go on with a page whose frame is free while frames are not used again', () => {
      const dangling = { kind: 'dangling-entry', va: 0x1000, level: 1, frame: 5 } as const;
      const told = [
        made,
        page('a', 5),
        table((t) => t.map(0x1000, 'rwu', 'a'), ok, { spaces: SPACE, facts: [dangling] }),
        table((t) => t.load()),
        table((t) => t.walk(0x1000), fresh),
        table((t) => t.probe(0x1000, 'read'), { kind: 'ok', bytes: [[0xdb, 1]] }),
      ];
      const { program, trace } = story(told);
      const reusing = { ...program, world: { ...program.world, policy: 'first-fit' } as const };

      expect(judge(program, trace).noted.map(({ rule }) => rule)).to.deep.equal(['PT-15']);
      expect(judge(program, trace).broken).to.include({ rule: 'PT-15', step: 5 });
      expect(judge(reusing, trace).broken).to.include({ rule: 'PT-15', step: 2 });
    });

    it('should blame what was wrong with a page before for an access that is refused', () => {
      const told = [
        made,
        page('a', 5),
        table((t) => t.map(0x1000, 'rwu', 'a'), ok, {
          spaces: { table: [leaf(0x1000, 5, 'rw')] },
        }),
        table((t) => t.load()),
        table((t) => t.probe(0x1000, 'read'), { kind: 'fault', code: 5 }),
      ];

      expect(rules(told)).to.deep.equal(['PT-4']);
    });

    it('should name the rule of the operation that a todo stands in', () => {
      const verdict = judged([
        made,
        page('a', 5),
        table((t) => t.map(0x1000, 'r', 'a'), panicked(undefined, 'todo')),
      ]);

      expect(verdict.broken?.rule).to.equal('PT-3');
      expect(verdict.broken?.panic?.kind).to.equal('todo');
    });

    it('should take an outcome that no operation on page tables has for a wrong one', () => {
      const value = { type: 'undefined', value: 'undefined' } as const;

      expect(
        rules([
          ...mapped,
          table((t) => t.unmap(0x1000), { kind: 'bad-value', what: 'no Page', value }),
        ]),
      ).to.deep.equal(['PT-9']);
      expect(rules([...mapped, table((t) => t.walk(0x1000), killed())])).to.deep.equal(['PT-12']);
    });

    it('should point at the address in the table that shows it', () => {
      const [found] = judged([...mapped, wrongWalk]).noted;

      expect(found?.focus).to.deep.equal({ space: 'table', va: '0x1000' });
    });

    it('should tell a page that never came from one that vanished', () => {
      const map = (va: number, ...leaves: readonly ReturnType<typeof leaf>[]): Told =>
        table((t) => t.map(va, 'rwu', 'a'), ok, { spaces: { table: [...leaves] } });
      const never = judged([made, page('a', 5), map(0x1000)]);
      const vanished = judged([...mapped, page('a', 6), map(0x2000, leaf(0x2000, 6, 'rwu'))]);

      expect(never.broken?.summary).to.equal('0x1000 is not mapped');
      expect(vanished.broken?.summary).to.equal('0x1000 is not mapped any more');
    });

    it('should stop where the trace stops', () => {
      const { program, trace } = story([...mapped, lost]);

      expect(
        rulesOf(judge(program, { ...trace, steps: trace.steps.slice(0, 3), teardown: null })),
      ).to.deep.equal([]);
    });
  });
});
