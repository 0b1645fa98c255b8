/**
 * What any correct pager must let a process see: regions, and the bytes of the pages touched so far. Written from the rules; shares no behaviour with
 * the machine or the model pager.
 */
import { copyFileBytes, type FileSpec, isUnreadable } from '../../reference/contract/file-rule.ts';
import { PageContents } from './page-contents.ts';
import { contains, type Extent } from './region-rules.ts';

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

/** A page that was touched. */
export interface ModelPage {
  readonly contents: PageContents;
  /** Pages of one group share a frame until one of them is written. Grows at fork, changes at a write. */
  group: number;
  /** A fork has made it read-only, or may have before it failed, and it was not written since. */
  shared: boolean;
  /** It went through a fork at some time, be it shared still or copied by now. */
  forked: boolean;
  /** The fork did not give it the frame of the parent: the rule that this broke. */
  apart: string | null;
  /** A copy of it was refused because a failure had been injected, and none has succeeded since. */
  copyFailed: boolean;
  /** An access that was refused has loaded it, so it may have fewer rights than its region. */
  grudging: boolean;
  /** A fault was seen to load it, or an eager `mmap`: it was not there before. */
  isLoadSeen: boolean;
}

/** What a descriptor of a process stands for. */
export interface ModelDescriptor {
  readonly kind: 'file' | 'directory' | 'pipe' | 'stdio';
  /** Label of the file. */
  readonly file: string | null;
}

/** Something that may have changed what a shared frame holds: somebody copied it, or tried to, or gave it up by `munmap` or exit. */
export type FrameEvent = 'copied' | 'left';

/** A page that went with its region. */
export interface FormerPage {
  readonly contents: PageContents;
  readonly anonymous: boolean;
}

/** Pages where `mmap` may have made a region, or changed one, against a rule. */
export interface DoubtfulMapping extends Extent {
  readonly rule: string;
  /** What it was asked for: address, file (`null` for anonymous memory), and offset in it. */
  readonly asked: {
    readonly start: number;
    readonly file: ModelFile | null;
    readonly offset: number;
  };
}

export interface ModelProcess {
  /** Itself and all processes that stem from the same one, gone or not. */
  readonly relatives: Set<ModelProcess>;
  /** The last fork was refused because a failure had been injected. */
  forkFailed: boolean;
  readonly regions: Region[];
  /** Touched pages by page address. */
  readonly pages: Map<number, ModelPage>;
  /** Pages that a refused access may have loaded, or not. What they show is settled when they are touched. */
  readonly maybeLoaded: Set<number>;
  /** Page addresses that were mapped once and unmapped since, with the last page that was touched there. */
  readonly unmapped: Map<number, FormerPage | null>;
  /** Pages whose load was refused because a failure had been injected, and that were not touched since; by the call that was to load them. */
  readonly failed: Map<number, 'access' | 'get-user-page'>;
  /** Mappings that were refused because a failure had been injected: start address and number of pages. */
  readonly failedMappings: Map<number, number>;
  /** Mappings that had to be refused and were: start address and number of pages. */
  readonly refusedMappings: Map<number, number>;
  readonly doubtful: DoubtfulMapping[];
  readonly descriptors: Map<number, ModelDescriptor>;
  /** `getUserPage` was called for it. */
  hasAsked: boolean;
  /** The `origin` that a region made right after its last munmap has: those with a smaller one were there then. */
  lastUnmap: number;
  /** The same for the last munmap that had to be refused and was not: it may have taken any region for the one that was meant. */
  lastWrongUnmap: number;
}

/** Whether the process has unmapped a page of the range at some time. */
export function wasUnmappedIn({ unmapped }: ModelProcess, { start, pages }: Extent): boolean {
  return [...unmapped.keys()].some((page) => contains({ start, pages }, page));
}

export class AddressSpaceModel {
  readonly processes = new Map<string, ModelProcess>();
  readonly files = new Map<string, ModelFile>();
  /** Pages are loaded by `mmap`, not at their first touch. */
  readonly eager: boolean;
  /** A fork has happened: from then on sharing is a matter of copy-on-write. */
  forked = false;
  /** The same for the last time that any process gave up memory. */
  lastRemoval = 0;
  #nextGroup = 1;
  #nextOrigin = 1;
  /** What has happened last to the frame of each group, if anything has since the fork. */
  readonly #last = new Map<number, FrameEvent>();
  /** Groups whose frame somebody has given up. */
  readonly #left = new Set<number>();
  /** Bytes that any process has stored, each with its place in its page. */
  readonly #stored = new Set<number>();

  constructor(eager = false) {
    this.eager = eager;
  }

  spawn(label: string): void {
    const process: ModelProcess = {
      relatives: new Set(),
      forkFailed: false,
      regions: [],
      pages: new Map(),
      maybeLoaded: new Set(),
      unmapped: new Map(),
      failed: new Map(),
      failedMappings: new Map(),
      refusedMappings: new Map(),
      doubtful: [],
      descriptors: new Map([0, 1, 2].map((fd) => [fd, { kind: 'stdio', file: null }])),
      hasAsked: false,
      lastUnmap: 0,
      lastWrongUnmap: 0,
    };
    process.relatives.add(process);
    this.processes.set(label, process);
  }

  /** A file got a new size or new contents: regions remember what they could have seen. */
  changeFile(file: ModelFile, version: FileVersion): void {
    file.past.push(file.current);
    file.current = version;
    for (const { regions } of this.processes.values()) {
      for (const region of regions) if (region.file === file) region.versions.push(version);
    }
  }

  map(process: ModelProcess, region: Omit<Region, 'versions' | 'origin'>): void {
    const versions = region.file === null ? [] : [region.file.current];
    const made = { ...region, origin: this.#nextOrigin++, versions };
    process.regions.push(made);
    process.failedMappings.delete(made.start);
    if (!this.eager) return;
    for (let i = 0; i < made.pages; i++)
      this.touch(process, made, made.start + i * PAGE).isLoadSeen = true;
  }

  unmap(process: ModelProcess, region: Region): void {
    process.regions.splice(process.regions.indexOf(region), 1);
    process.lastUnmap = this.#nextOrigin;
    this.lastRemoval = this.#nextOrigin;
    for (let i = 0; i < region.pages; i++) {
      const page = region.start + i * PAGE;
      const known = process.pages.get(page);
      if (known !== undefined) this.#leave(known);
      const contents = known?.contents;
      const former =
        contents === undefined
          ? process.unmapped.get(page)
          : { contents, anonymous: region.file === null };
      process.unmapped.set(page, former ?? null);
      process.pages.delete(page);
      process.maybeLoaded.delete(page);
      process.failed.delete(page);
    }
  }

  /** An munmap of something that is no region was accepted. `isOthers`: another process has one there. */
  unmapWrongly(process: ModelProcess, isOthers: boolean): void {
    process.lastWrongUnmap = this.#nextOrigin;
    if (isOthers) this.lastRemoval = this.#nextOrigin;
  }

  /** The process is gone, and gives up its pages. */
  exit(label: string): void {
    for (const page of this.processes.get(label)?.pages.values() ?? []) this.#leave(page);
    this.processes.delete(label);
    this.lastRemoval = this.#nextOrigin;
  }

  #leave({ group }: ModelPage): void {
    this.#last.set(group, 'left');
    this.#left.add(group);
  }

  /** The region that the byte address lies in. */
  regionAt(process: ModelProcess, address: number): Region | undefined {
    return process.regions.find((region) => contains(region, address));
  }

  /** The page at page address `page`, touched now if it was not before. */
  touch(process: ModelProcess, region: Region, page: number): ModelPage {
    const known = process.pages.get(page);
    if (known !== undefined) {
      known.grudging = false;
      return known;
    }
    const fresh: ModelPage = {
      contents: initialContents(region, page),
      group: this.#nextGroup++,
      shared: false,
      forked: false,
      apart: null,
      copyFailed: false,
      grudging: false,
      isLoadSeen: false,
    };
    process.pages.set(page, fresh);
    process.maybeLoaded.delete(page);
    process.failed.delete(page);
    return fresh;
  }

  /** The page was seen to be there, though no access to it has succeeded. */
  adopt(process: ModelProcess, region: Region, page: number): void {
    if (process.pages.has(page)) return;
    const grudging = process.maybeLoaded.has(page);
    this.touch(process, region, page).grudging = grudging;
  }

  /** Whether the page cannot be loaded: it was not touched yet, and its block of the file could be read in no version since it was mapped. */
  cannotLoad(process: ModelProcess, region: Region, page: number): boolean {
    if (process.pages.has(page) || region.file === null) return false;
    return readableVersions(region, page).length === 0;
  }

  /** An access to the page was refused, perhaps after it had been loaded. */
  touchMaybe(process: ModelProcess, page: number): void {
    if (!process.pages.has(page)) process.maybeLoaded.add(page);
  }

  /** An operation is to copy shared pages: it may have done so whatever it comes to. */
  mayCopy(pages: readonly ModelPage[]): void {
    for (const { group } of pages) this.#last.set(group, 'copied');
  }

  /** What has happened last to the frame of a page that went through a fork. */
  lastEventOf({ group }: ModelPage): FrameEvent | null {
    return this.#last.get(group) ?? null;
  }

  /** Some process has stored the byte at the address. */
  store(address: number, value: number): void {
    this.#stored.add((address % PAGE) * 256 + value);
  }

  /** Whether some process has stored the byte at that place in some page. */
  wasStored(address: number, value: number): boolean {
    return this.#stored.has((address % PAGE) * 256 + value);
  }

  /** Whether somebody has given up the frame of the page. */
  wasLeft({ group }: ModelPage): boolean {
    return this.#left.has(group);
  }

  /** The page is written: it has a frame of its own from now on. */
  makePrivate(page: ModelPage): void {
    page.copyFailed = false;
    if (!page.shared) return;
    const wasLeft = this.wasLeft(page);
    page.group = this.#nextGroup++;
    if (wasLeft) this.#left.add(page.group);
    page.shared = false;
    this.#last.set(page.group, 'copied');
  }

  /** A write to one of the pages went to the frame that they share, against the rules: they go on sharing. */
  rejoin(pages: readonly ModelPage[]): void {
    for (const page of pages) {
      page.group = pages[0]?.group ?? page.group;
      page.shared = true;
    }
  }

  /** The child has the same regions and shares the touched pages. */
  fork(parent: ModelProcess, childLabel: string): void {
    this.forked = true;
    const child: ModelProcess = {
      relatives: parent.relatives,
      forkFailed: false,
      regions: parent.regions.map((region) => ({
        ...region,
        versions: [...region.versions],
        inherited: true,
      })),
      pages: new Map(),
      maybeLoaded: new Set(parent.maybeLoaded),
      unmapped: new Map(parent.unmapped),
      failed: new Map(parent.failed),
      failedMappings: new Map(parent.failedMappings),
      refusedMappings: new Map(parent.refusedMappings),
      doubtful: [...parent.doubtful],
      descriptors: new Map(parent.descriptors),
      hasAsked: parent.hasAsked,
      lastUnmap: parent.lastUnmap,
      lastWrongUnmap: parent.lastWrongUnmap,
    };
    child.relatives.add(child);
    parent.forkFailed = false;
    this.processes.set(childLabel, child);
    for (const address of parent.pages.keys()) this.share(parent, childLabel, address);
  }

  /** The page at page address `address` is shared with the child. */
  share(parent: ModelProcess, childLabel: string, address: number): void {
    const page = parent.pages.get(address);
    if (page === undefined) return;
    page.shared = true;
    page.forked = true;
    const child = this.processes.get(childLabel);
    child?.pages.set(address, { ...page, contents: page.contents.copy() });
  }

  /** A fork was refused: there is no child, and the parent's pages may be read-only until they are written. */
  forkFailed(parent: ModelProcess): void {
    parent.forkFailed = true;
    for (const page of parent.pages.values()) page.shared = true;
  }

  /** The child's page is not on the frame of the parent's, which breaks `rule`. */
  setApart(page: ModelPage, rule: string): void {
    page.apart = rule;
    page.group = this.#nextGroup++;
  }
}

/** What the page may show at its first touch: zeros, or the block of any version the file had since the mapping was made. */
function initialContents(region: Region, page: number): PageContents {
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

function readableVersions(region: Region, page: number): readonly FileVersion[] {
  return region.versions.filter((version) => !isUnreadable(version, blockOf(region, page)));
}
