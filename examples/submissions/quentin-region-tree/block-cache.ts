/**
 * File blocks that a pager has read, so that a block which is mapped twice is read once. Nobody ever maps these pages: what
 * goes into a page table is a private copy.
 */
import { attempt, Page, type FileBlockNumber, type RegularFile } from 'keos';

interface Cached {
  readonly ino: bigint;
  readonly page: Page;
}

/** How many blocks a pager keeps. The oldest makes room. */
const CAPACITY = 32;

export class BlockCache {
  readonly #blocks = new Map<string, Cached>();
  /** The block that {@link copyOf} has just read, until {@link keep} or {@link discard} decides. */
  #fresh: { readonly key: string; readonly cached: Cached } | null = null;

  /**
   * A new page with the contents of a block, the caller's own. A block that had to be read is remembered only when the caller says
   * {@link keep}; it must say that or {@link discard}.
   */
  copyOf(file: RegularFile, block: FileBlockNumber): Page {
    const ino = file.ino();
    const key = `${ino}:${block}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      const copy = Page.new();
      copy.innerMut().copyFrom(known.page.inner());
      return copy;
    }
    const page = file.mmap(block);
    const copy = attempt(() => Page.new());
    if (!copy.ok) {
      page.drop();
      throw copy.error;
    }
    copy.value.innerMut().copyFrom(page.inner());
    this.#fresh = { key, cached: { ino, page } };
    return copy.value;
  }

  /** The load has succeeded. */
  keep(): void {
    if (this.#fresh === null) return;
    const { key, cached } = this.#fresh;
    this.#fresh = null;
    this.#blocks.set(key, cached);
    if (this.#blocks.size > CAPACITY) {
      for (const oldest of this.#blocks.keys()) {
        this.#forget(oldest);
        break;
      }
    }
  }

  /** The load has failed: nothing may be kept of it. */
  discard(): void {
    this.#fresh?.cached.page.drop();
    this.#fresh = null;
  }

  /** A new region maps this file. It must not see what was read before it existed. */
  forgetFile(ino: bigint): void {
    for (const [key, cached] of this.#blocks) if (cached.ino === ino) this.#forget(key);
  }

  /** A cache with the same blocks, which it owns as well. */
  clone(): BlockCache {
    const cache = new BlockCache();
    for (const [key, { ino, page }] of this.#blocks) {
      cache.#blocks.set(key, { ino, page: page.clone() });
    }
    return cache;
  }

  drop(): void {
    this.discard();
    for (const key of this.#blocks.keys()) this.#forget(key);
  }

  #forget(key: string): void {
    this.#blocks.get(key)?.page.drop();
    this.#blocks.delete(key);
  }
}
