/** The walker against a second one, over all controls, page sizes, addresses, and beginnings. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessKind, AccessMode, PagingControls } from '../x86/access.ts';
import { fromLinear, isCanonical } from '../x86/address.ts';
import { type Level, LO } from '../x86/page-table-entry.ts';
import { Cpu } from './cpu.ts';
import { PagingStructureCache } from './paging-structure-cache.ts';
import { peek, physicalOf } from './peek.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { type Ending, type PlainMemory, walkByTheManual } from './testing/naive-walker.ts';
import { FLAG, framesFrom, linearOf, PagingStructures } from './testing/paging-structures.ts';
import { type Access, walk, type WalkResult, type WalkStep } from './walker.ts';

const LEVELS: readonly Level[] = [4, 3, 2, 1];
const ADDRESS = 0x000f_ffff_ffff_f000n;

/** What the tables hold on the way to one address: flags, and an address where the entry is a leaf. */
type Words = readonly { readonly flags: bigint; readonly leafAddress: bigint }[];

/** Tables with these words on the way to `linear`, and the same in the plain memory. Entries that are no leaves lead on. */
function setUp(linear: number, words: Words) {
  const memory = new PhysicalMemory();
  // At 2 MiB boundaries, so that the address of a table sets no bit that a large page reserves.
  const tables = new PagingStructures(memory, framesFrom(512, 512));
  const places = LEVELS.map((level) => ({ level, at: tables.entry(linear, level) }));
  for (const [i, { level, at }] of places.entries()) {
    const { flags, leafAddress } = words[i]!;
    const isLeaf = level === 1 || (level < 4 && (flags & FLAG.PS) !== 0n);
    memory.writeU64(at, flags | (isLeaf ? leafAddress : memory.readU64(at) & ADDRESS));
  }
  const plain = new Map(places.map(({ at }) => [BigInt(at), memory.readU64(at)]));
  const plainMemory: PlainMemory = {
    read: (pa) => plain.get(pa) ?? 0n,
    write: (pa, word) => void plain.set(pa, word),
  };
  const expectSameMemory = () => {
    for (const [pa, word] of plain) expect(memory.readU64(Number(pa))).to.equal(word);
  };
  return { memory, tables, plainMemory, expectSameMemory };
}

/** A walk's result in the words of the second walker. */
function told(result: WalkResult, linear: number): Ending {
  if (typeof result === 'number') return { code: result };
  const { span, writable, user, executable, global } = result;
  const pa = BigInt(physicalOf(result, linear));
  return { pa, pageSize: BigInt(span), writable, user, executable, global };
}

describe('walk, on anything', () => {
  it('should do what a plain reading of the manual does', () => {
    fc.assert(
      fc.property(linears, entries, accesses, controls, (linear, words, access, rules) => {
        const { memory, tables, plainMemory, expectSameMemory } = setUp(linear, words);
        const [root, va] = [BigInt(tables.root), fromLinear(linear)];

        const result = walk(memory, tables.root, linear, access, rules);

        const expected = walkByTheManual(plainMemory, root, va, access, rules);
        expect(told(result, linear)).to.deep.equal(expected);
        expectSameMemory();
      }),
      { numRuns: 2000 },
    );
  });

  it('should come to the same from every structure on the way', () => {
    const depth = fc.integer({ min: 1, max: 3 });
    const before = accesses;
    fc.assert(
      fc.property(linears, entries, before, accesses, controls, depth, (linear, words, ...rest) => {
        const [earlier, access, rules, most] = rest;
        const { memory, tables, plainMemory, expectSameMemory } = setUp(linear, words);
        const [root, va] = [BigInt(tables.root), fromLinear(linear)];
        const steps: WalkStep[] = [];
        const first = walk(memory, tables.root, linear, earlier, rules, null, steps);
        walkByTheManual(plainMemory, root, va, earlier, rules);
        const cache = new PagingStructureCache();
        // What a processor may remember is what a walk that came to its end has used.
        if (typeof first !== 'number') cache.remember(linear, 0, null, steps.slice(0, most));
        const start = cache.lookUp(linear, 0);

        const again = walk(memory, tables.root, linear, access, rules, start);

        const expected = walkByTheManual(plainMemory, root, va, access, rules);
        expect(told(again, linear)).to.deep.equal(expected);
        expectSameMemory();
      }),
      { numRuns: 1000 },
    );
  });

  it('should be foretold by a look that sets nothing', () => {
    fc.assert(
      fc.property(linears, entries, accesses, controls, (linear, words, access, rules) => {
        const { memory, tables } = setUp(linear, words);

        const now = peek(memory, tables.root, linear, rules);

        const result = walk(memory, tables.root, linear, access, rules);
        if (typeof result === 'number') return;
        expect({ ...now, dirty: now!.dirty || access.kind === 'write' }).to.deep.equal(result);
      }),
    );
  });

  it('should not take place for an address that is not canonical', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), accesses, (address, access) => {
        const sut = new Cpu(0, new PhysicalMemory(), RULES, 0x1000);
        const top = address >> 47n;
        const isFit = top === 0n || top === 0x1_ffffn;

        const { kind } = sut.access(address, access);

        expect(kind).to.equal(isFit ? 'page-fault' : 'general-protection');
        expect(isCanonical(address)).to.equal(isFit);
      }),
    );
  });

  it('should be tried on every page size, right, and kind of ending', () => {
    const seen = new Set<string>();
    const samples = fc.sample(fc.tuple(linears, entries, accesses, controls), {
      numRuns: 2000,
      seed: 1,
    });
    for (const [linear, words, access, rules] of samples) {
      const { memory, tables } = setUp(linear, words);
      const result = walk(memory, tables.root, linear, access, rules);
      seen.add(typeof result === 'number' ? `#PF ${String(result & 9)}` : `page ${result.span}`);
      seen.add(linear < 0 ? 'upper half' : 'lower half');
      if (typeof result !== 'number' && result.global) seen.add('global');
      if ((memory.readU32(tables.entry(linear, 4)) & LO.ACCESSED) !== 0) seen.add('accessed');
    }

    expect([...seen]).to.have.members([
      ...['#PF 0', '#PF 1', '#PF 9', 'page 4096', 'page 2097152', 'page 1073741824'],
      ...['upper half', 'lower half', 'global', 'accessed'],
    ]);
  });
});

const RULES: PagingControls = {
  wp: true,
  smep: true,
  smap: true,
  nxe: true,
  pge: true,
  pcide: false,
  maxPhyAddr: 52,
};

/** Any byte of either half. */
const linears = fc
  .tuple(fc.nat(511), fc.nat(511), fc.nat(511), fc.nat(511), fc.nat(4095))
  .map(([pml4, pdpt, pd, pt, offset]) => linearOf(pml4, pdpt, pd, pt) + offset);

/** A random entry: mostly present, forbidding little, now and then with a bit that is reserved. */
function entry(level: Level): fc.Arbitrary<Words[number]> {
  const often = (bit: bigint, weight: number) =>
    fc.oneof(
      { weight, arbitrary: fc.constant(1n << bit) },
      { weight: 10 - weight, arbitrary: fc.constant(0n) },
    );
  const flags = fc
    .tuple(
      often(0n, 9),
      often(1n, 8),
      often(2n, 8),
      often(3n, 3),
      often(4n, 3),
      often(5n, 3),
      often(6n, 3),
      often(7n, level === 4 ? 1 : 2),
      often(8n, 3),
      fc.constantFrom(0n, 0n, 0n, 1n << 9n, 1n << 11n, 1n << 52n, 1n << 62n),
      fc.constantFrom(0n, 0n, 0n, 0n, 0n, 1n << 36n, 1n << 40n, 1n << 51n),
      often(63n, 2),
    )
    .map((bits) => bits.reduce((word, bit) => word | bit, 0n));
  const aligned = fc.bigInt({ min: 0n, max: 2n ** 22n - 1n }).map((n) => n << 30n);
  const bit = fc.integer({ min: 12, max: 29 }).map((n) => 1n << BigInt(n));
  const stray = fc.oneof({ weight: 3, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: bit });
  return fc.record({
    flags,
    leafAddress: fc.tuple(aligned, stray).map(([base, other]) => (base | other) & ADDRESS),
  });
}

const entries: fc.Arbitrary<Words> = fc.tuple(...LEVELS.map(entry));

const accesses: fc.Arbitrary<Access> = fc.record({
  kind: fc.constantFrom<AccessKind>('read', 'write', 'fetch'),
  mode: fc.constantFrom<AccessMode>('user', 'supervisor'),
  ac: fc.boolean(),
});

const controls: fc.Arbitrary<PagingControls> = fc.record({
  wp: fc.boolean(),
  smep: fc.boolean(),
  smap: fc.boolean(),
  nxe: fc.boolean(),
  pge: fc.boolean(),
  pcide: fc.boolean(),
  maxPhyAddr: fc.oneof(fc.constant(52), fc.integer({ min: 36, max: 52 })),
});
