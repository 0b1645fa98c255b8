/**
 * What any correct pager must let a process see: regions, and the bytes of the pages touched so far. Written from the rules; shares no behaviour with
 * the machine or the model pager.
 */
import type { FrameEvent, ModelPage, ModelProcess } from './model-process.ts';
import {
  type FileVersion,
  initialContents,
  type ModelFile,
  readableVersions,
  type Region,
} from './model-region.ts';
import { contains, doOverlap } from './region-rules.ts';

const PAGE = 4096;

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
      lastOfRelatives: 0,
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
    this.#doubt(process, region);
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

  /** Where mappings are in doubt, another one may have gone instead of `region`. */
  #doubt({ doubtful }: ModelProcess, region: Region): void {
    const { start, pages, file, offset } = region;
    const rules = doubtful.filter((each) => doOverlap(each, region)).map(({ rule }) => rule);
    for (const rule of new Set(rules))
      doubtful.push({ start, pages, rule, asked: { start, file, offset } });
  }

  /** An munmap of something that is no region was accepted. `isOthers`: another process has one there. */
  unmapWrongly(process: ModelProcess, isOthers: boolean): void {
    process.lastWrongUnmap = this.#nextOrigin;
    for (const relative of process.relatives)
      if (relative !== process) relative.lastOfRelatives = this.#nextOrigin;
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
      lastOfRelatives: parent.lastOfRelatives,
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
