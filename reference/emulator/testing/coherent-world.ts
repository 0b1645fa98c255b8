/**
 * Processors on two address spaces, and a kernel that follows every change of the tables with the invalidations that the manual asks for: with those no cached
 * translation can be told from a walk, whatever a processor caches.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", sections "Recommended Invalidation", "Optional Invalidation" and "Propagation of Paging-Structure Changes to
 * Multiple Processors".
 */
import type { PagingControls } from '../../x86/access.ts';
import { fromLinear, tableIndex } from '../../x86/address.ts';
import type { Level } from '../../x86/page-table-entry.ts';
import type { Cpu } from '../cpu.ts';
import { Machine, type MachineOptions } from '../machine.ts';
import type { Access } from '../walker.ts';
import { type Ending, type PlainMemory, walkByTheManual } from './naive-walker.ts';
import { FLAG, framesFrom, linearOf, OPEN, PagingStructures } from './paging-structures.ts';

/** Pages of the lower half belong to one space each; those of the upper half are shared by both, and may be global. */
export const PAGES = [
  linearOf(1, 2, 3, 4),
  linearOf(1, 2, 3, 5),
  linearOf(1, 2, 4, 0),
  linearOf(1, 3, 0, 7),
  linearOf(300, 0, 0, 1),
  linearOf(300, 0, 1, 511),
] as const;

/** Ways to make known a change of an entry that leads to a structure or a large page. */
export const WAYS = ['page by page', 'shootdown', 'INVPCID 2', 'PGE', 'MOV to CR3'] as const;

/** The entry of a level on the way to a page: where it is, and which structure it led to at first. */
interface Place {
  readonly at: number;
  readonly link: bigint;
}

/** A change of an entry. */
export interface Store {
  readonly space: number;
  readonly linear: number;
  readonly level: Level;
  readonly flags: bigint;
  /** Physical address of the page, if the flags make it a leaf. */
  readonly page: bigint;
  readonly way: (typeof WAYS)[number];
}

const LEVELS: readonly Level[] = [4, 3, 2, 1];

export class CoherentWorld {
  readonly machine: Machine;
  readonly #roots: readonly number[];
  /** By space, then page. */
  readonly #places: readonly ReadonlyMap<number, Readonly<Record<Level, Place>>>[];

  constructor(options: MachineOptions) {
    this.machine = new Machine(options);
    const { memory } = this.machine;
    const takeFrame = framesFrom(512, 512);
    const [first, second] = [
      new PagingStructures(memory, takeFrame),
      new PagingStructures(memory, takeFrame),
    ];
    for (const [i, linear] of PAGES.entries()) {
      first.map(linear, (i + 1) * 2 ** 32);
      if (linear >= 0) continue;
      // Both hang on one PDPT. The PML4Es never change and are accessed from the start: a global translation that one space filled serves the other, without
      // a walk that would set the flag there.
      for (const { root } of [first, second])
        memory.writeU64(root + tableIndex(linear, 4) * 8, first.word(linear, 4) | FLAG.A);
    }
    second.map(PAGES[0], 99 * 2 ** 32);
    this.#roots = [first.root, second.root];
    this.#places = [first, second].map(
      (tables) => new Map(PAGES.map((linear) => [linear, placesOf(tables, linear)])),
    );
    for (const cpu of this.machine.cpus) this.run(cpu, 0, false);
  }

  /** Loads a space, in a context of its own where there are contexts. */
  run(cpu: Cpu, space: number, keep: boolean): void {
    const context = BigInt(space + 1) | (keep ? 1n << 63n : 0n);
    cpu.moveToCr3(BigInt(this.#roots[space]!) | (cpu.controls.pcide ? context : 0n));
  }

  /** Sets the controls of all processors. As EFER.NXE changes what bit 63 of an entry means, nothing that is cached may outlive that. */
  control(change: Partial<PagingControls>): void {
    for (const cpu of this.machine.cpus) {
      const before = cpu.controls;
      cpu.setControls({ ...before, ...change });
      if (cpu.controls.nxe !== before.nxe) cpu.flush();
    }
  }

  /** Changes an entry, and has it invalidated unless `forget`. PML4Es of the shared half are left alone. */
  store({ space, linear, level, flags, page, way }: Store, forget = false): void {
    if (level === 4 && linear < 0) return;
    const { at, link } = this.#places[space]!.get(linear)![level];
    const { memory } = this.machine;
    const isLeaf = level === 1 || (level < 4 && (flags & FLAG.PS) !== 0n);
    const before = memory.readU64(at);
    // A global page that the other space does not have would be a mistake of the kernel.
    const kept = linear < 0 ? flags : flags & ~FLAG.G;
    memory.writeU64(at, (isLeaf ? page : link) | kept);
    // "Optional Invalidation": what was not present is not cached.
    if (forget || (before & FLAG.P) === 0n) return;
    const covered = PAGES.filter((other) => this.#places[space]!.get(other)![level].at === at);
    const spaces = linear < 0 ? [0, 1] : [space];
    this.#invalidate(covered, spaces, level === 1 && way === 'MOV to CR3' ? 'shootdown' : way);
  }

  #invalidate(pages: readonly number[], spaces: readonly number[], way: Store['way']): void {
    const { cpus, shootdowns } = this.machine;
    switch (way) {
      case 'page by page':
        for (const cpu of cpus)
          for (const linear of pages) {
            if (this.#runs(cpu, spaces)) cpu.invalidatePage(linear);
            this.#invalidateContexts(cpu, 0, spaces, linear);
          }
        return;
      case 'shootdown':
        for (const space of spaces)
          for (const linear of pages) shootdowns.send(cpus[0]!, this.#roots[space]!, linear);
        // A context that no processor runs is reached by no interrupt.
        for (const cpu of cpus)
          for (const linear of pages) this.#invalidateContexts(cpu, 0, spaces, linear);
        return;
      case 'INVPCID 2':
        for (const cpu of cpus) cpu.invalidatePcid(2, 0, 0);
        return;
      case 'PGE':
        for (const cpu of cpus) {
          const { controls } = cpu;
          cpu.setControls({ ...controls, pge: !controls.pge });
          cpu.setControls(controls);
        }
        return;
      case 'MOV to CR3':
        for (const cpu of cpus) {
          // Global translations survive it: where there may be some, INVLPG drops them.
          if (cpu.controls.pge && spaces.length > 1)
            for (const linear of pages) cpu.invalidatePage(linear);
          for (const space of spaces) if (this.#runs(cpu, [space])) this.run(cpu, space, false);
          this.#invalidateContexts(cpu, 1, spaces, 0);
        }
    }
  }

  #runs(cpu: Cpu, spaces: readonly number[]): boolean {
    return spaces.some((space) => this.#roots[space] === cpu.cr3);
  }

  /** INVPCID in the contexts of the spaces. Without contexts, what a processor does not run it does not keep. */
  #invalidateContexts(cpu: Cpu, type: 0 | 1, spaces: readonly number[], linear: number): void {
    if (cpu.controls.pcide) for (const space of spaces) cpu.invalidatePcid(type, space + 1, linear);
  }

  /** What a walk on the present tables would come to, and the entries that it would leave on the way. Changes nothing. */
  foretell(cpu: Cpu, linear: number, access: Access): { ending: Ending; words: Words } {
    const { memory } = this.machine;
    const written = new Map<bigint, bigint>();
    const plain: PlainMemory = {
      read: (pa) => written.get(pa) ?? memory.readU64(Number(pa)),
      write: (pa, word) => void written.set(pa, word),
    };
    const { cr3, controls } = cpu;
    const ending = walkByTheManual(plain, BigInt(cr3), fromLinear(linear), access, controls);
    const words = this.#pathOf(cpu, linear).map((at) => plain.read(BigInt(at)));
    return { ending, words };
  }

  /** The entries on the way to a page, as they are. */
  words(cpu: Cpu, linear: number): Words {
    return this.#pathOf(cpu, linear).map((at) => this.machine.memory.readU64(at));
  }

  #pathOf(cpu: Cpu, linear: number): number[] {
    const page = PAGES.find((start) => linear >= start && linear < start + 4096)!;
    const places = this.#places[this.#roots.indexOf(cpu.cr3)]!.get(page)!;
    return LEVELS.map((level) => places[level].at);
  }
}

/** Words of the entries of a path, top level first. */
type Words = readonly bigint[];

function placesOf(tables: PagingStructures, linear: number): Record<Level, Place> {
  const place = (level: Level): Place => {
    const at = tables.entry(linear, level);
    return { at, link: tables.word(linear, level) & ~(OPEN | FLAG.A) };
  };
  return { 1: place(1), 2: place(2), 3: place(3), 4: place(4) };
}
