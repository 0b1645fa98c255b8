/** Steps that many stories share: `alice`, her file, and her one region at 0xa000. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { type Also, fault, ok, process, returned, saw, type Told } from './told-traces.ts';

/** Chooses the bytes of {@link file}. */
export const SEED = 7;

export const alice = (...leaves: readonly Leaf[]): Also => ({ spaces: { alice: leaves } });
export const spawned = (name = 'alice'): Told =>
  process((p) => p.spawn(name), ok, { spaces: { [name]: [] } });
export const file = (size = 9000): Told => process((p) => p.file(size, 'file', SEED));
export const munmap = (also: Also = alice()): Told =>
  process((p) => p.munmap(0xa000), returned(0n), also);
export const read = (byte: number, va = 0xa000): Told => process((p) => p.read(va), saw(byte));
export const write = (value: number, va = 0xa000): Told => process((p) => p.write(va, value), ok);
/** The first read of a page, which loads it: `leaves` are all that there are then. */
export const load = (byte: number, va: number, ...leaves: readonly Leaf[]): Told =>
  process((p) => p.read(va), saw(byte), { ...alice(...leaves), faults: [fault(va, 4)], frames: 4 });
