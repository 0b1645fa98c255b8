/** A measured case: what a real processor, or two independent models of one, made of it. The schema is described in `README.md` beside this file. */

/** `0x…`, up to 64 bits. */
export type Hex = string;
type Flag = 0 | 1;

/** Control bits, as the vectors spell them. */
export interface Controls {
  readonly wp: Flag;
  readonly smep: Flag;
  readonly smap: Flag;
  readonly nxe: Flag;
  readonly pge: Flag;
  readonly pcide: Flag;
}

export interface VectorAccess {
  readonly acc: 'r' | 'w' | 'x';
  readonly size: 0 | 1 | 8;
  readonly user: Flag;
  readonly ac: Flag;
  readonly va: Hex;
  /** What a write stores, if it lands in a paging structure. */
  readonly data?: Hex;
}

/** What an access came to, with the words looked at afterwards. */
export interface Outcome {
  readonly r: 'ok' | 'pf' | 'gp';
  readonly pa?: Hex;
  readonly val?: Hex;
  readonly err?: number;
  readonly cr2?: Hex;
  readonly after?: readonly Hex[];
  /** Indices into `after` where the accessed flag may be set as well. */
  readonly a_opt?: readonly number[];
}

/** One access on empty caches. */
export interface WalkVector extends VectorAccess {
  readonly id: string;
  readonly t: 'walk';
  readonly maxphy: number;
  readonly ctl: Controls;
  readonly cr3: Hex;
  readonly mem: readonly (readonly [address: Hex, value: Hex])[];
  readonly exp: Outcome;
}

export type SequenceStep =
  | { readonly op: 'mem'; readonly pa: Hex; readonly val: Hex }
  | ({ readonly op: 'ctl' } & Controls)
  | { readonly op: 'cr3'; readonly val: Hex }
  | { readonly op: 'invlpg'; readonly va: Hex }
  | {
      readonly op: 'invpcid';
      readonly type: 0 | 1 | 2 | 3;
      readonly pcid?: number;
      readonly va?: Hex;
    }
  | ({ readonly op: 'acc'; readonly allowed: readonly Outcome[] } & VectorAccess);

/** Accesses between changes and invalidations. */
export interface SequenceVector {
  readonly id: string;
  readonly t: 'seq';
  readonly maxphy: number;
  /** Addresses of the words in `after`. */
  readonly peek: readonly Hex[];
  readonly steps: readonly SequenceStep[];
  /** Permitted combinations: for each access, the index of its outcome in `allowed`. */
  readonly traces: readonly (readonly number[])[];
  /** The trace of a machine without a TLB, and of one that keeps every translation until it is invalidated. */
  readonly none: readonly number[];
  readonly retain: readonly number[];
}

export type Vector = WalkVector | SequenceVector;
