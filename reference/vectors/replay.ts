/** Plays a measured case on an emulated processor and compares. */
import { PhysicalMemory } from '../emulator/physical-memory.ts';
import { Cpu, type CpuOptions } from '../emulator/cpu.ts';
import type { AccessKind, PagingControls } from '../x86/access.ts';
import { fromLinear, hex } from '../x86/address.ts';
import type {
  Controls,
  Hex,
  Outcome,
  SequenceVector,
  Vector,
  VectorAccess,
  WalkVector,
} from './vector.ts';

/** A vector that came out otherwise; both sides in words of the schema. */
export interface Difference {
  readonly id: string;
  readonly expected: string;
  readonly got: string;
}

const KIND: Readonly<Record<VectorAccess['acc'], AccessKind>> = {
  r: 'read',
  w: 'write',
  x: 'fetch',
};
const OFF: Controls = { wp: 0, smep: 0, smap: 0, nxe: 0, pge: 0, pcide: 0 };

/** Plays `vector`: an access on the default processor, a sequence on processors of all kinds. `null`: it conforms. */
export function replay(vector: Vector): Difference | null {
  return vector.t === 'walk' ? replayWalk(vector) : replaySequence(vector);
}

function replayWalk(vector: WalkVector): Difference | null {
  const bench = new Bench(vector.maxphy, vector.ctl, {});
  for (const [pa, value] of vector.mem) bench.store(pa, value);
  bench.cpu.moveToCr3(BigInt(vector.cr3));
  const got = bench.access(
    vector,
    vector.mem.map(([pa]) => pa),
  );
  return isSame(vector.exp, got) ? null : difference(vector.id, vector.exp, got);
}

/** Ways to cache that a processor may have. Which trace each must show; the others may show any that is permitted. */
const CACHES: readonly {
  readonly name: string;
  readonly options: CpuOptions;
  readonly exactly?: (vector: SequenceVector) => readonly number[];
}[] = [
  { name: 'retain', options: {}, exactly: ({ retain }) => retain },
  { name: 'none', options: { tlb: { kind: 'none' } }, exactly: ({ none }) => none },
  { name: 'tiny', options: { tlb: { kind: 'tiny', entries: 2, seed: 1 } } },
  { name: 'structures', options: { cacheStructures: true } },
];

function replaySequence(vector: SequenceVector): Difference | null {
  for (const { name, options, exactly } of CACHES) {
    const shown = trace(vector, options);
    if ('id' in shown) return { ...shown, id: `${vector.id} (${name}), ${shown.id}` };
    const permitted = exactly === undefined ? vector.traces : [exactly(vector)];
    const conforms = [permitted, vector.traces].every((some) =>
      some.some((one) => isEqual(one, shown.indices)),
    );
    if (!conforms) return difference(`${vector.id} (${name})`, permitted, shown.indices);
  }
  return null;
}

/** Which of the allowed outcomes each access had, or the access that had none. */
function trace(
  vector: SequenceVector,
  options: CpuOptions,
): { readonly indices: readonly number[] } | Difference {
  const bench = new Bench(vector.maxphy, OFF, options);
  const indices: number[] = [];
  for (const step of vector.steps) {
    switch (step.op) {
      case 'mem':
        bench.store(step.pa, step.val);
        break;
      case 'ctl':
        bench.cpu.setControls(controlsOf(vector.maxphy, step));
        break;
      case 'cr3':
        bench.cpu.moveToCr3(BigInt(step.val));
        break;
      case 'invlpg':
        bench.cpu.invalidatePage(linearOf(step.va));
        break;
      case 'invpcid':
        bench.cpu.invalidatePcid(step.type, step.pcid ?? 0, linearOf(step.va ?? '0x0'));
        break;
      case 'acc': {
        const got = bench.access(step, vector.peek);
        const index = step.allowed.findIndex((outcome) => isSame(outcome, got));
        if (index < 0) return difference(`access ${String(indices.length)}`, step.allowed, got);
        indices.push(index);
      }
    }
  }
  return { indices };
}

/** A processor and memory in which every aligned word that nobody has stored holds its own address. */
class Bench {
  readonly cpu: Cpu;
  readonly #memory = new PhysicalMemory();
  readonly #stored = new Set<number>();

  constructor(maxphy: number, controls: Controls, options: CpuOptions) {
    this.cpu = new Cpu(0, this.#memory, controlsOf(maxphy, controls), 0, options);
  }

  store(pa: Hex, value: Hex): void {
    this.#stored.add(Number(pa));
    this.#memory.writeU64(Number(pa), BigInt(value));
  }

  access(vector: VectorAccess, peek: readonly Hex[]): Outcome {
    this.cpu.mode = vector.user === 1 ? 'user' : 'supervisor';
    this.cpu.ac = vector.ac === 1;
    const outcome = this.cpu.run(KIND[vector.acc], BigInt(vector.va));
    const after = () => peek.map((pa) => this.#word(Number(pa)));
    switch (outcome.kind) {
      case 'general-protection':
        return { r: 'gp', err: 0, after: after() };
      case 'page-fault':
        return {
          r: 'pf',
          err: outcome.code,
          cr2: hex(fromLinear(outcome.cr2)),
          after: after(),
        };
      case 'done': {
        const { pa } = outcome;
        const val = vector.acc === 'r' ? { val: this.#read(pa, vector.size) } : {};
        if (vector.data !== undefined) this.#write(pa, vector.size, BigInt(vector.data));
        return { r: 'ok', pa: hex(BigInt(pa)), ...val, after: after() };
      }
    }
  }

  #word(pa: number): Hex {
    return hex(this.#stored.has(pa) ? this.#memory.readU64(pa) : BigInt(pa));
  }

  #read(pa: number, size: number): Hex {
    const word = BigInt(this.#word(pa - (pa % 8)));
    return hex(size === 1 ? (word >> BigInt((pa % 8) * 8)) & 0xffn : word);
  }

  #write(pa: number, size: number, value: bigint): void {
    if (size === 1) this.#memory.writeU8(pa, Number(value & 0xffn));
    else this.#memory.writeU64(pa, value);
  }
}

function controlsOf(
  maxPhyAddr: number,
  { wp, smep, smap, nxe, pge, pcide }: Controls,
): PagingControls {
  return {
    wp: wp === 1,
    smep: smep === 1,
    smap: smap === 1,
    nxe: nxe === 1,
    pge: pge === 1,
    pcide: pcide === 1,
    maxPhyAddr,
  };
}

function linearOf(va: Hex): number {
  return Number(BigInt.asIntN(64, BigInt(va)));
}

/** Compares what the expectation speaks of. */
function isSame(expected: Outcome, got: Outcome): boolean {
  if (expected.r !== got.r) return false;
  if (expected.pa !== undefined && BigInt(expected.pa) !== BigInt(got.pa ?? -1)) return false;
  if (expected.val !== undefined && BigInt(expected.val) !== BigInt(got.val ?? -1)) return false;
  if (expected.err !== undefined && expected.err !== got.err) return false;
  if (expected.cr2 !== undefined && BigInt(expected.cr2) !== BigInt(got.cr2 ?? -1)) return false;
  return (expected.after ?? []).every((word, i) => {
    const mine = BigInt(got.after?.[i] ?? -1);
    const optional = expected.a_opt?.includes(i) === true ? ACCESSED : 0n;
    return (BigInt(word) | optional) === (mine | optional);
  });
}

const ACCESSED = 0x20n;

function isEqual(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, i) => value === others[i]);
}

function difference(id: string, expected: unknown, got: unknown): Difference {
  return { id, expected: JSON.stringify(expected), got: JSON.stringify(got) };
}
