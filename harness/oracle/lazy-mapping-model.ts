/** A lazy mapping as the rules see it: which pages it has, which of them were faulted in, and what each may show. */
import { copyFileBytes, isUnreadable } from '../../reference/contract/file-rule.ts';
import type { FileVersion, ModelFile } from './model-region.ts';
import { PageContents } from './page-contents.ts';

const PAGE = 0x1000n;
const PAGE_BYTES = 0x1000;

/** First address of the page that `address` is in. */
export function pageOf(address: bigint): bigint {
  return address & ~(PAGE - 1n);
}

export interface Registration {
  readonly start: bigint;
  readonly size: bigint;
  readonly flags: bigint;
  /** `null`: anonymous. */
  readonly file: ModelFile | null;
  readonly offset: bigint;
}

export class LazyMappingModel {
  readonly start: bigint;
  readonly flags: bigint;
  readonly file: ModelFile | null;
  /** Versions of the file since the mapping was registered: a page not faulted in yet may show any of them. */
  readonly versions: FileVersion[];
  /** Pages (by address) that were faulted in. */
  readonly faulted = new Set<bigint>();
  /** Pages whose fault was refused because something had failed on purpose, and that were not faulted in since. */
  readonly failed = new Map<bigint, 'frame' | 'read'>();
  /** Somebody has unregistered an address inside of it, at which it does not start. */
  wasAskedToGo = false;
  readonly #size: bigint;
  readonly #offset: bigint;

  constructor({ start, size, flags, file, offset }: Registration) {
    this.start = start;
    this.flags = flags;
    this.file = file;
    this.versions = file === null ? [] : [file.current];
    this.#size = size;
    this.#offset = offset;
  }

  /** End of the last page, part of which may lie beyond the mapping. */
  get #pagesEnd(): bigint {
    return pageOf(this.start + this.#size + PAGE - 1n);
  }

  /** Whether the page of `address` is one of the mapping. */
  covers(address: bigint): boolean {
    return this.#size > 0n && pageOf(address) >= pageOf(this.start) && address < this.#pagesEnd;
  }

  /** Whether `address` lies behind the last byte of the mapping, in its last page. */
  isBeyond(address: bigint): boolean {
    return this.covers(address) && address >= this.start + this.#size;
  }

  /** Whether `address` is the first byte of the mapping, or the last. */
  isEdge(address: bigint): boolean {
    return address === this.start || address === this.start + this.#size - 1n;
  }

  /** Whether `address` is the first byte behind the mapping. */
  endsAt(address: bigint): boolean {
    return address === this.start + this.#size;
  }

  /** Whether `address` lies in the page before the first one of the mapping, or in the page behind the last one. */
  isNextTo(address: bigint): boolean {
    const page = pageOf(address);
    return page + PAGE === pageOf(this.start) || page === this.#pagesEnd;
  }

  /** Whether only a part of `page` belongs to the mapping: the size is not a multiple of the page size. */
  isPartOf(page: bigint): boolean {
    return page + PAGE > this.start + this.#size;
  }

  /** Whether the two have pages in common, or the start. */
  meets(other: LazyMappingModel): boolean {
    const overlap = pageOf(this.start) < other.#pagesEnd && pageOf(other.start) < this.#pagesEnd;
    return this.start === other.start || (overlap && this.#size > 0n && other.#size > 0n);
  }

  /** Whether the page cannot be had: part of it could be read in no version of the file. */
  cannotBeRead(page: bigint): boolean {
    return this.file !== null && this.#readable(page).length === 0;
  }

  /** What the page shows when it is faulted in now. */
  contentsOf(page: bigint): PageContents {
    if (this.file === null) return new PageContents([new Uint8Array(PAGE_BYTES)]);
    return new PageContents(
      this.#readable(page).map((version) => {
        const bytes = new Uint8Array(PAGE_BYTES);
        copyFileBytes(version, this.#positionOf(page), bytes);
        return bytes;
      }),
    );
  }

  /** Whether byte `at` of the page lies past the end of the file, as it is now. */
  isPastEnd(page: bigint, at: number): boolean {
    return this.#positionOf(page) + at >= (this.versions.at(-1)?.size ?? 0);
  }

  #positionOf(page: bigint): number {
    return Number(this.#offset + (page - this.start));
  }

  #readable(page: bigint): readonly FileVersion[] {
    const first = this.#positionOf(page);
    return this.versions.filter((version) => {
      const last = Math.min(first + PAGE_BYTES, version.size) - 1;
      if (last < first) return true;
      // An offset inside a block makes a page of parts of two blocks.
      return ![first, last].some((at) => isUnreadable(version, Math.floor(at / PAGE_BYTES)));
    });
  }
}
