/** What the address-space model knows of a process, and of its pages. */
import type { ModelFile, Region } from './model-region.ts';
import type { PageContents } from './page-contents.ts';
import { contains, type Extent } from './region-rules.ts';

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
  /** Where regions may be others than those that there should be. */
  readonly doubtful: DoubtfulMapping[];
  readonly descriptors: Map<number, ModelDescriptor>;
  /** `getUserPage` was called for it. */
  hasAsked: boolean;
  /** The `origin` that a region made right after its last munmap has: those with a smaller one were there then. */
  lastUnmap: number;
  /** The same for the last munmap that had to be refused and was not: it may have taken any region for the one that was meant. */
  lastWrongUnmap: number;
  /** The same of a relative, which may have taken a region of this process. */
  lastOfRelatives: number;
}

/** Whether the process has unmapped a page of the range at some time. */
export function wasUnmappedIn({ unmapped }: ModelProcess, { start, pages }: Extent): boolean {
  return [...unmapped.keys()].some((page) => contains({ start, pages }, page));
}
