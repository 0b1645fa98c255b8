/**
 * The store of regular files. Contents come from a rule (seed and position), so that a file of any size costs nothing until
 * it is written.
 */
import { fileByte } from '../contract/file-rule.ts';

/** What a file is made of when it is created. */
export interface FileSpec {
  /** Bytes, 0 or more. */
  readonly size: number;
  /** Chooses the contents; see `fileByte`. */
  readonly seed: number;
  /** Contents come from the page cache: `mmap` hands out one shared page a block. */
  readonly cached?: boolean;
}

export class StoredFile {
  readonly ino: number;
  readonly cached: boolean;
  #size: number;
  #seed: number;
  readonly #written = new Map<number, number>();

  constructor(ino: number, spec: FileSpec) {
    this.ino = ino;
    this.cached = spec.cached ?? false;
    this.#size = spec.size;
    this.#seed = spec.seed;
  }

  get size(): number {
    return this.#size;
  }

  /** Cuts the file, or lengthens it with the bytes of its rule. */
  truncate(size: number): void {
    this.#size = size;
  }

  /** Replaces all contents, keeping the size. */
  replace(seed: number): void {
    this.#seed = seed;
    this.#written.clear();
  }

  /** Copies up to `target.length` bytes from `position`; returns how many. */
  read(position: number, target: Uint8Array): number {
    const count = Math.max(0, Math.min(target.length, this.#size - position));
    const sparse = this.#written.size > 0;
    for (let i = 0; i < count; i++) {
      const at = position + i;
      target[i] = (sparse ? this.#written.get(at) : undefined) ?? fileByte(this.#seed, at);
    }
    return count;
  }

  /** Copies `source` to `position`, not past the end; returns how many bytes. */
  write(position: number, source: Uint8Array): number {
    const count = Math.max(0, Math.min(source.length, this.#size - position));
    for (let i = 0; i < count; i++) this.#written.set(position + i, source[i] ?? 0);
    return count;
  }
}
