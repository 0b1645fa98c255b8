/**
 * A regular file. Contents come from a rule (seed and position), so that a file of any size costs nothing until it is written.
 */
import {
  copyFileBytes,
  type FileSpec,
  isUnreadable,
  type Sparseness,
} from '../contract/file-rule.ts';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';

/** Told that a file has changed: no block from `fromBlock` on is what it was. */
type OnChange = (file: StoredFile, fromBlock: number) => void;

export class StoredFile {
  readonly ino: number;
  /** Contents come from the page cache. */
  readonly cached: boolean;
  readonly #sparse: Sparseness | undefined;
  readonly #readLimit: number;
  readonly #unreadable: FileSpec['unreadable'];
  readonly #onChange: OnChange;
  /** Bytes that differ from the rule, by position. */
  readonly #written = new Map<number, number>();
  #size: number;
  #seed: number;

  /** Throws a `RangeError` if `spec` makes no sense: a size that is not exact, a limit below 1, blocks without end. */
  constructor(ino: number, spec: FileSpec, onChange: OnChange = () => undefined) {
    const { sparse, readLimit = Infinity } = spec;
    checkSize(spec.size);
    if (!(readLimit >= 1)) throw new RangeError('a read copies at least one byte');
    if (
      sparse !== undefined &&
      !(sparse.data >= 0 && sparse.hole >= 0 && sparse.data + sparse.hole >= 1)
    )
      throw new RangeError('a sparse file has blocks with data, or holes, or both');
    this.ino = ino;
    this.cached = spec.cached ?? false;
    this.#sparse = sparse;
    this.#readLimit = readLimit;
    this.#unreadable = spec.unreadable;
    this.#onChange = onChange;
    this.#size = spec.size;
    this.#seed = spec.seed;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Cuts the file to `size` bytes, which forgets what was written past them, or lengthens it with the bytes of its rule. */
  truncate(size: number): void {
    checkSize(size);
    const kept = Math.min(size, this.#size);
    for (const at of this.#written.keys()) if (at >= kept) this.#written.delete(at);
    this.#size = size;
    this.#onChange(this, Math.floor(kept / PAGE_SIZE));
  }

  /** Replaces all contents, keeping the size and what `spec` said beside the seed. */
  replace(seed: number): void {
    this.#seed = seed;
    this.#written.clear();
    this.#onChange(this, 0);
  }

  /** Whether the byte at `position` is one that can never be read. False at the end of the file and past it. */
  failsAt(position: number): boolean {
    if (position >= this.#size) return false;
    const spec = {
      size: this.#size,
      ...(this.#unreadable === undefined ? {} : { unreadable: this.#unreadable }),
    };
    return isUnreadable(spec, Math.floor(position / PAGE_SIZE));
  }

  /**
   * Copies bytes from `position` on to the beginning of `target` and returns how many: 0 at the end of the file and past it, and where
   * {@link failsAt}. It may be fewer than fit: as many as the file gives at a time, and none from a block that cannot be read.
   */
  read(position: number, target: Uint8Array): number {
    const most = Math.min(target.length, this.#readLimit, Math.max(0, this.#size - position));
    let count = 0;
    while (count < most && !this.failsAt(position + count)) {
      const blockEnd = (Math.floor((position + count) / PAGE_SIZE) + 1) * PAGE_SIZE;
      count = Math.min(most, blockEnd - position);
    }
    return this.#copy(position, target.subarray(0, count));
  }

  /** Copies block `block` to `target` (4096 bytes, all zero) as far as it lies in the file. The caller has looked at {@link failsAt}. */
  readBlock(block: number, target: Uint8Array): void {
    this.#copy(block * PAGE_SIZE, target);
  }

  /** Copies `source` to `position`, not past the end; returns how many bytes. */
  write(position: number, source: Uint8Array): number {
    const count = Math.max(0, Math.min(source.length, this.#size - position));
    for (let i = 0; i < count; i++) this.#written.set(position + i, source[i] ?? 0);
    return count;
  }

  #copy(position: number, target: Uint8Array): number {
    const contents = {
      size: this.#size,
      seed: this.#seed,
      ...(this.#sparse === undefined ? {} : { sparse: this.#sparse }),
    };
    const count = copyFileBytes(contents, position, target);
    if (this.#written.size === 0) return count;
    for (let i = 0; i < count; i++) {
      const byte = this.#written.get(position + i);
      if (byte !== undefined) target[i] = byte;
    }
    return count;
  }
}

function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`a file cannot have ${String(size)} bytes`);
}
