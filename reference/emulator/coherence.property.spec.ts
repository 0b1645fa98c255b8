/** What processors cache against "walk every time": after the invalidations that the manual asks for, nobody can tell. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessKind, AccessMode, PagingControls } from '../x86/access.ts';
import { fromLinear } from '../x86/address.ts';
import type { Level } from '../x86/page-table-entry.ts';
import type { MachineOptions } from './machine.ts';
import { CoherentWorld, PAGES, type Store, WAYS } from './testing/coherent-world.ts';
import { FLAG } from './testing/paging-structures.ts';
import type { TlbPolicy } from './tlb.ts';
import type { Access } from './walker.ts';

type Step =
  | ({ readonly kind: 'store' } & Store)
  | {
      readonly kind: 'run';
      readonly cpu: number;
      readonly space: number;
      readonly keep: boolean;
    }
  | { readonly kind: 'control'; readonly change: Partial<PagingControls> }
  | {
      readonly kind: 'access';
      readonly cpu: number;
      readonly linear: number;
      readonly access: Access;
    };

/** Plays the steps, comparing every access with a walk. `forget`: without any invalidation. Returns how many accesses the TLB answered. */
function play(options: MachineOptions, steps: readonly Step[], forget = false): number {
  let hits = 0;
  const world = new CoherentWorld(options);
  const { cpus } = world.machine;
  for (const step of steps) {
    switch (step.kind) {
      case 'store':
        world.store(step, forget);
        break;
      case 'run':
        world.run(cpus[step.cpu % cpus.length]!, step.space, step.keep);
        break;
      case 'control':
        world.control(step.change);
        break;
      case 'access': {
        const cpu = cpus[step.cpu % cpus.length]!;
        const { linear, access } = step;
        const { ending, words } = world.foretell(cpu, linear, access);
        if (cpu.tlb.lookUp(linear, cpu.pcid) !== undefined) hits++;

        const outcome = cpu.access(fromLinear(linear), access);

        expect(outcome).to.deep.equal(
          'code' in ending
            ? { kind: 'page-fault', code: ending.code, cr2: linear }
            : { kind: 'done', pa: Number(ending.pa) },
        );
        expect(world.words(cpu, linear)).to.deep.equal(words);
      }
    }
  }
  return hits;
}

const space = fc.nat(1);
const cpu = fc.nat(2);
const linear = fc.constantFrom(...PAGES);

/** Flags of an entry: mostly present and forbidding little. */
const flags = fc
  .tuple(
    ...[FLAG.P, FLAG.RW, FLAG.US].map((flag) => fc.constantFrom(flag, flag, flag, flag, 0n)),
    ...[FLAG.A, FLAG.D, FLAG.G].map((flag) => fc.constantFrom(flag, 0n)),
    ...[FLAG.PS, FLAG.XD].map((flag) => fc.constantFrom(flag, 0n, 0n, 0n)),
  )
  .map((bits) => bits.reduce((word, bit) => word | bit, 0n));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      space,
      linear,
      level: fc.constantFrom<Level>(1, 1, 1, 1, 2, 2, 3, 4),
      flags,
      // Any page size fits these; bit 50 is reserved.
      page: fc.constantFrom(1n << 30n, 5n << 30n, 1n << 40n, 1n << 30n, 1n << 50n),
      way: fc.constantFrom(...WAYS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      cpu,
      space,
      keep: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('control' as const),
      change: fc
        .constantFrom('wp', 'smep', 'smap', 'nxe', 'pge', 'pcide' as const)
        .chain((name) => fc.boolean().map((value) => ({ [name]: value }))),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('access' as const),
      cpu,
      linear: fc.tuple(linear, fc.nat(4095)).map(([start, offset]) => start + offset),
      access: fc.record({
        kind: fc.constantFrom<AccessKind>('read', 'write', 'fetch'),
        mode: fc.constantFrom<AccessMode>('user', 'supervisor'),
        ac: fc.boolean(),
      }),
    }),
  },
);
const steps = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });

const controls: fc.Arbitrary<PagingControls> = fc.record({
  wp: fc.boolean(),
  smep: fc.boolean(),
  smap: fc.boolean(),
  nxe: fc.boolean(),
  pge: fc.boolean(),
  pcide: fc.boolean(),
  maxPhyAddr: fc.constant(48),
});

const CACHES: readonly (readonly [string, TlbPolicy, boolean])[] = [
  ['a TLB that retains everything', { kind: 'retain' }, false],
  ['that and paging-structure caches', { kind: 'retain' }, true],
  ['a tiny TLB', { kind: 'tiny', entries: 2, seed: 1 }, false],
  ['a tiny TLB and paging-structure caches', { kind: 'tiny', entries: 3, seed: 2 }, true],
  ['no TLB', { kind: 'none' }, false],
  ['paging-structure caches only', { kind: 'none' }, true],
];

describe('Processors whose kernel invalidates what it changes', () => {
  for (const [name, tlb, cacheStructures] of CACHES) {
    it(`should behave as if they walked every time, with ${name}`, () => {
      let hits = 0;
      fc.assert(
        fc.property(controls, fc.integer({ min: 1, max: 3 }), steps, (rules, cpus, list) => {
          hits += play({ cpus, controls: rules, tlb, cacheStructures }, list);
        }),
        { numRuns: 250 },
      );

      // Otherwise the test would be about nothing.
      if (tlb.kind === 'none') expect(hits).to.equal(0);
      else expect(hits).to.be.greaterThan(200);
    });

    it(`should${tlb.kind === 'none' && !cacheStructures ? ' not' : ''} be found out without invalidations, with ${name}`, () => {
      const { failed } = fc.check(
        fc.property(controls, steps, (rules, list) => {
          play({ controls: rules, tlb, cacheStructures }, list, true);
        }),
        { numRuns: 300, endOnFailure: true },
      );

      expect(failed).to.equal(tlb.kind !== 'none' || cacheStructures);
    });
  }
});
