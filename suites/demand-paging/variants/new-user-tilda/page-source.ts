/** What the pages of a mapping are filled with: one strategy for each kind of backing. */
import { PAGE_SIZE, readInode, type PageBytes } from 'veridian';
import type { BackingType } from './demand-paging';

export interface PageSource {
  /** Writes every byte of `page` with the contents of page `index` of the mapping. May throw a KernelError; then `page` holds anything. */
  load(index: bigint, page: PageBytes): void;
}

class ZeroSource implements PageSource {
  load(_index: bigint, page: PageBytes): void {
    page.fill(0);
  }
}

class InodeSource implements PageSource {
  readonly #inode: bigint;
  readonly #offset: bigint;

  constructor(inode: bigint, offset: bigint) {
    this.#inode = inode;
    this.#offset = offset;
  }

  load(index: bigint, page: PageBytes): void {
    // The whole page, also if the mapping has only a part of it. A short read means the end of the file, so there is nothing to go on with.
    const read = readInode(this.#inode, this.#offset + index * PAGE_SIZE, page);
    if (read < page.length) page.fill(0, read, page.length);
  }
}

export function sourceOf(backing: BackingType): PageSource {
  switch (backing.kind) {
    case 'Anonymous':
      return new ZeroSource();
    case 'FileBacked':
      return new InodeSource(backing.inode, backing.offset);
  }
}
