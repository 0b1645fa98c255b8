/** Mappings, and the files behind them, as the address-space model knows them. */
import { copyFileBytes, type FileSpec, isUnreadable } from '../../reference/contract/file-rule.ts';
import { PageContents } from './page-contents.ts';
import type { Extent } from './region-rules.ts';

const PAGE = 4096;

/** What a file held from some moment on. */
export type FileVersion = Pick<FileSpec, 'size' | 'seed' | 'sparse' | 'unreadable'>;

export interface ModelFile {
  current: FileVersion;
  readonly cached: boolean;
  /** What it held before. */
  readonly past: FileVersion[];
  /** Stores to pages that show the file: place in it, and byte. None of them may reach it. */
  readonly stores: Set<string>;
}

/** A mapping made by `mmap`. */
export interface Region extends Extent {
  readonly prot: number;
  readonly file: ModelFile | null;
  readonly label: string | null;
  readonly offset: number;
  /** As given to `mmap`: the last page goes on after it. */
  readonly size?: number;
  /** Versions of the file since the mapping was made: a page not touched yet may show any of them. */
  readonly versions: FileVersion[];
  /** The call of `mmap` that it comes from, also after a fork: regions of two processes are the same one if their origins are. */
  readonly origin: number;
  /** A failure had been injected into its mapping, or into an attempt before. */
  readonly afterFailure?: boolean;
  /** The process has it from its parent. */
  readonly inherited?: boolean;
}

/** What the page may show at its first touch: zeros, or the block of any version the file had since the mapping was made. */
export function initialContents(region: Region, page: number): PageContents {
  if (region.file === null) return new PageContents([new Uint8Array(PAGE)]);
  const position = blockOf(region, page) * PAGE;
  const readable = readableVersions(region, page);
  const shown = readable.length === 0 ? region.versions : readable;
  return new PageContents(
    shown.map((version) => {
      const bytes = new Uint8Array(PAGE);
      copyFileBytes(version, position, bytes);
      return bytes;
    }),
  );
}

/** Where in its file a region has the byte at `address`. */
export function positionIn(
  { offset, start }: Pick<Region, 'offset' | 'start'>,
  address: number,
): number {
  return offset + (address - start);
}

/** Number of the file block behind a page of a file mapping. */
export function blockOf(region: Region, page: number): number {
  return positionIn(region, page) / PAGE;
}

/** The byte at `position` of a file, as a mapping shows it: zero past the end. */
export function shownByte(version: FileVersion, position: number): number {
  const byte = new Uint8Array(1);
  copyFileBytes(version, position, byte);
  return byte[0]!;
}

/** Whether the address lies behind what was asked of mmap, in the rest of the last page. */
export function isBehindSize({ start, size = Infinity }: Region, address: number): boolean {
  return address >= start + size;
}

/** Whether a page of a file mapping lies wholly past the end that the file has now. False for anonymous memory. */
export function isPastFile(region: Region, page: number): boolean {
  return region.file !== null && blockOf(region, page) * PAGE >= region.file.current.size;
}

export function readableVersions(region: Region, page: number): readonly FileVersion[] {
  return region.versions.filter((version) => !isUnreadable(version, blockOf(region, page)));
}
