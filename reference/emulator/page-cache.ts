/**
 * The page cache: one shared frame for each block of a cached file that was asked for. It owns a reference to each of its frames, as one more
 * user of the page, and lets go of a page when its block changes, when its file is gone, or when memory runs short and nobody else uses it.
 */
import type { Frame } from './frames.ts';

interface CachedPage {
  readonly ino: number;
  readonly block: number;
  readonly frame: Frame;
}

export class PageCache {
  /** By file and block; the page asked for longest ago comes first. */
  readonly #pages = new Map<string, CachedPage>();
  readonly #release: (frame: Frame) => void;

  /** `release` takes away one reference of a frame. */
  constructor(release: (frame: Frame) => void) {
    this.#release = release;
  }

  /** Pages it holds. */
  get size(): number {
    return this.#pages.size;
  }

  /** The blocks of a file that it holds, ascending, each with its frame. Does not count as asking for them. */
  blocksOf(ino: number): readonly { readonly block: number; readonly frame: Frame }[] {
    return [...this.#pages.values()]
      .filter((page) => page.ino === ino)
      .sort((a, b) => a.block - b.block);
  }

  /** The frame of a block, or `undefined`. */
  get(ino: number, block: number): Frame | undefined {
    const key = keyOf(ino, block);
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page.frame;
  }

  /** Keeps `frame` as the page of a block that is not cached. The caller's reference is the cache's from now on. */
  keep(ino: number, block: number, frame: Frame): void {
    frame.kernelOwner = 'cache';
    this.#pages.set(keyOf(ino, block), { ino, block, frame });
  }

  /**
   * Lets go of the pages of a file from block `from` on, because they do not show the file any more. Whoever has mapped one keeps it as it is;
   * the next `mmap` of the block makes a new one.
   */
  forget(ino: number, from = 0): void {
    for (const page of [...this.#pages.values()])
      if (page.ino === ino && page.block >= from) this.#letGo(page);
  }

  /** Frees the page asked for longest ago that nobody but the cache uses. False if there is none. */
  evict(): boolean {
    for (const page of this.#pages.values()) {
      if (page.frame.references > 1) continue;
      this.#letGo(page);
      return true;
    }
    return false;
  }

  /** Lets go of everything. */
  clear(): void {
    for (const page of [...this.#pages.values()]) this.#letGo(page);
  }

  #letGo(page: CachedPage): void {
    this.#pages.delete(keyOf(page.ino, page.block));
    page.frame.kernelOwner = null;
    this.#release(page.frame);
  }
}

function keyOf(ino: number, block: number): string {
  return `${String(ino)}:${String(block)}`;
}
