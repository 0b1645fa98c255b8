import { expect } from 'chai';
import fc from 'fast-check';
import type { Leaf } from '../contract/machine-facts.ts';
import { KEOS_CONTROLS } from '../x86/access.ts';
import { accessCode } from './access-code.ts';
import { audit } from './audit.ts';
import type { Frame } from './frames.ts';
import { IncrementalAuditor } from './incremental-audit.ts';
import { DIRECT_MAP_SLOT, Machine } from './machine.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

/** Few pages, so that they meet: some share a page table, some only the root. */
const PAGES = [
  linearOf(0, 0, 0, 1),
  linearOf(0, 0, 0, 2),
  linearOf(0, 0, 1, 2),
  linearOf(0, 3, 0, 0),
  linearOf(255, 511, 511, 511),
];

/** A machine driven by hand: what a pager may do, and what it must not. */
class Hand {
  readonly machine = new Machine({ cpus: 2, policy: 'first-fit' });
  readonly #spaces: PagingStructures[] = [];
  readonly #frames: Frame[] = [];

  #space(i: number): PagingStructures | undefined {
    return this.#spaces.length === 0 ? undefined : this.#spaces[i % this.#spaces.length];
  }

  #take(): Frame {
    const frame = this.machine.allocate(false)!;
    this.#frames.push(frame);
    return frame;
  }

  do({ act, space: i, page, other, flags, level }: Act): void {
    const { machine } = this;
    const space = this.#space(i);
    const linear = PAGES[page % PAGES.length]!;
    const frame = this.#frames[other % Math.max(1, this.#frames.length)];
    if (act === 'new-space') {
      if (this.#spaces.length >= 3) return;
      const made = new PagingStructures(machine.memory, () => this.#take().pa);
      machine.roots.add(made.root);
      const word = machine.memory.readU64(machine.bootRoot + DIRECT_MAP_SLOT * 8);
      // One that nobody has written to yet is empty in a way of its own.
      if (page > 0) machine.memory.writeU64(made.root + DIRECT_MAP_SLOT * 8, word);
      this.#spaces.push(made);
      return;
    }
    if (space === undefined) return;
    const cpu = machine.cpus[other % 2]!;
    switch (act) {
      case 'drop-space':
        this.#spaces.splice(this.#spaces.indexOf(space), 1);
        for (const one of machine.cpus) if (one.cr3 === space.root) one.loadCr3(machine.bootRoot);
        machine.roots.delete(space.root);
        this.#release(machine.frames.get(space.root / 4096));
        return;
      case 'map':
        space.map(linear, this.#take().pa, flags | FLAG.P);
        return;
      case 'share':
        if (frame === undefined || frame.references === 0) return;
        frame.references++;
        space.map(linear, frame.pa, OPEN);
        return;
      case 'steal':
        if (frame !== undefined) space.set(linear, BigInt(frame.pa) | OPEN, level);
        return;
      case 'unmap': {
        const pa = Number(space.word(linear) & 0x000f_ffff_ffff_f000n);
        space.set(linear, 0n);
        for (const one of machine.cpus) one.invalidatePage(linear);
        this.#release(machine.frames.get(pa / 4096));
        return;
      }
      case 'clear':
        space.set(linear, 0n, level);
        return;
      case 'flags':
        space.set(linear, (space.word(linear, level) & ~7n) | flags, level);
        return;
      case 'release':
        this.#release(frame);
        return;
      case 'access':
        if (machine.roots.has(cpu.cr3)) cpu.translate(linear, accessCode(ACCESS));
        return;
      case 'load':
        cpu.loadCr3(space.root);
        return;
      case 'flush':
        cpu.flush();
        return;
      case 'kernel':
        machine.memory.writeU64(space.root + (256 + page) * 8, flags);
        return;
      case 'kernel-owner':
        if (frame !== undefined) frame.kernelOwner = frame.kernelOwner === null ? 'cache' : null;
    }
  }

  #release(frame: Frame | undefined): void {
    if (frame !== undefined && frame.references > 0) this.machine.release(frame);
  }
}

const ACCESS = { kind: 'read', mode: 'user' } as const;
const ACTS = [
  ['new-space', 6],
  ['map', 12],
  ['share', 4],
  ['unmap', 8],
  ['access', 12],
  ['load', 5],
  ['flush', 2],
  ['flags', 3],
  ['drop-space', 2],
  ['clear', 1],
  ['steal', 2],
  ['release', 1],
  ['kernel', 1],
  ['kernel-owner', 1],
] as const;

interface Act {
  readonly act: (typeof ACTS)[number][0];
  readonly space: number;
  readonly page: number;
  readonly other: number;
  readonly flags: bigint;
  readonly level: 1 | 2 | 3 | 4;
}

const act: fc.Arbitrary<Act> = fc.record({
  act: fc.oneof(...ACTS.map(([name, weight]) => ({ arbitrary: fc.constant(name), weight }))),
  space: fc.nat({ max: 2 }),
  page: fc.nat({ max: PAGES.length - 1 }),
  other: fc.nat({ max: 12 }),
  flags: fc.constantFrom(OPEN, OPEN, OPEN, 5n, 1n, 3n, 0n, OPEN | FLAG.XD, OPEN | FLAG.PS),
  level: fc.constantFrom(1, 1, 2, 3, 4),
});

describe('IncrementalAuditor', () => {
  it('should say what the full audit says, after every operation', () => {
    let well = 0;
    let wrong = 0;
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 60 }), (acts) => {
        const hand = new Hand();
        const sut = new IncrementalAuditor(hand.machine);
        const mirror = new Map<number, Map<number, Leaf>>();
        const lost = new Map<number, number>();
        for (const [op, one] of acts.entries()) {
          hand.machine.beginOperation(op);
          hand.do(one);

          const { spaces, facts } = sut.update();

          for (const [root, change] of spaces) {
            if (change === null) {
              expect(mirror.delete(root)).to.equal(true);
              continue;
            }
            const known = mirror.get(root) ?? new Map<number, Leaf>();
            mirror.set(root, known);
            for (const va of change.gone) expect(known.delete(va)).to.equal(true);
            for (const leaf of change.leaves) {
              expect(leaf).to.not.deep.equal(known.get(leaf.va));
              known.set(leaf.va, leaf);
            }
          }
          const full = audit(hand.machine);
          expect(facts).to.deep.equal(full.facts);
          for (const [frame, when] of lost)
            if (when < 0 && !full.linked.has(frame)) lost.set(frame, op);
          for (const frame of full.linked) lost.set(frame, -1);
          for (const [frame, when] of lost) expect(sut.lostIn(frame)).to.equal(when);
          const seen = [...mirror].map(([root, leaves]) => [
            root,
            [...leaves.values()].sort((a, b) => a.va - b.va),
          ]);
          expect(seen).to.have.deep.members([...full.spaces]);
          for (const [root, leaves] of full.spaces)
            expect(sut.leavesOf(root)).to.deep.equal(leaves);
          if (facts.length === 0) well++;
          else wrong++;
        }
      }),
      { numRuns: 1000 },
    );
    // Neither all is well all the time, nor never.
    expect(well).to.be.greaterThan(1000);
    expect(wrong).to.be.greaterThan(1000);
  }).timeout(60_000);

  it('should leave machines to the full audit whose CR3 does not tell what their TLBs are about', () => {
    for (const change of [{ pge: true }, { pcide: true }]) {
      const machine = new Machine({ controls: { ...KEOS_CONTROLS, ...change } });
      const space = new PagingStructures(machine.memory, () => machine.allocate(false)!.pa);
      const other = new PagingStructures(machine.memory, () => machine.allocate(false)!.pa);
      for (const { root } of [space, other]) machine.addRoot(root);
      space.map(4096, machine.allocate(false)!.pa, OPEN | FLAG.G);
      const sut = new IncrementalAuditor(machine);
      const cpu = machine.current;
      cpu.moveToCr3(BigInt(space.root));
      cpu.translate(4096, accessCode(ACCESS));
      sut.update();

      cpu.moveToCr3(BigInt(other.root) | (change.pcide === true ? 1n : 0n));

      expect(sut.update().facts).to.deep.equal(audit(machine).facts);
    }
  });

  it('should cost what has changed, and not what is mapped', () => {
    const machine = new Machine({ frames: 10_000 });
    const space = new PagingStructures(machine.memory, () => machine.allocate(false)!.pa);
    machine.roots.add(space.root);
    for (let i = 0; i < 5_000; i++) space.map(i * 4096, machine.allocate(false)!.pa);
    const sut = new IncrementalAuditor(machine);
    sut.update();
    let reads = 0;
    const { memory } = machine;
    const original = memory.presentEntries.bind(memory);
    memory.presentEntries = (pa) => {
      reads++;
      return original(pa);
    };

    space.map(5_000 * 4096, machine.allocate(false)!.pa);
    const { spaces } = sut.update();

    expect(spaces.get(space.root)?.leaves.map(({ va }) => va)).to.deep.equal([5_000 * 4096]);
    expect(reads).to.be.lessThan(6);
  });
});
