/**
 * What the machine's audit states about itself. Facts are observations, not judgements: the grader decides which of them
 * breaks a rule. All values are plain data (they cross a process boundary); addresses and frames are `number`s.
 */
import type { Level } from '../x86/page-table-entry.ts';

/** Effective rights of a translation: 1 read, 2 write, 4 execute, 8 user (the bits of `Permission`). */
export type Rights = number;

/** One present user page of an address space. */
export interface Leaf {
  /** Signed linear address of the page. */
  readonly va: number;
  /** Frame number behind it. */
  readonly frame: number;
  /** Rights after combining all levels. */
  readonly rights: Rights;
  /** Rights of the leaf entry by itself, where a level above takes some of them away. */
  readonly own?: Rights;
}

/** How an address space differs from what it was. */
export interface SpaceChange {
  /** Pages that are not mapped any more. */
  readonly gone: readonly number[];
  /** Pages that are mapped anew, or to another frame, or with other rights. */
  readonly leaves: readonly Leaf[];
}

/** Where something happened in student code: raw stack text, mapped to source lines by the grader. Empty unless sites are recorded. */
export type Site = string;

/** When something happened, and what student code was doing. */
export interface Origin {
  /** Operation of the program; -1 before the first. */
  readonly op: number;
  readonly site: Site;
}

/** An entry of a paging structure that is not what it was. */
export interface EntryChange {
  readonly level: Level;
  /** Physical address of the entry. */
  readonly at: number;
  /** The words, `0x…`. */
  readonly was: string;
  readonly now: string;
  /** Who stored it last; `null` if that was nobody who is watched. */
  readonly by: Origin | null;
}

/** Where a frame was last allocated, and where it was released since (empty if it was not). */
export interface FrameSites {
  readonly allocated: Site;
  readonly released: Site;
  /** Where an entry that led to it was changed, if that is what matters. */
  readonly changed?: Site;
}

/** Who holds the references to a frame. */
export interface FrameOwners {
  /** Live `Page` handles. */
  readonly pages: number;
  /** Given out as an address (`Page.intoRaw`) and not taken back: normally one for each entry that leads to the frame. */
  readonly outside: number;
  /** The kernel's own reference: that of a page-table root to its PML4, or of the page cache to a block. */
  readonly kernel: 'root' | 'cache' | null;
}

export type Fact =
  | {
      /** A processor holds a translation that the tables no longer give (other frame, more rights, or none at all). */
      readonly kind: 'stale-translation';
      readonly cpu: number;
      readonly va: number;
      readonly frame: number;
      readonly rights: Rights;
      /** What the tables say now. */
      readonly now: { readonly frame: number; readonly rights: Rights } | null;
      /** It was invalidated, but before the entry changed: the processor may have loaded it again. */
      readonly tooEarly?: true;
      /** The access that the processor has it from, if translations are watched. */
      readonly filled?: Origin;
      /** The first entry on the way that is not what it was then, and was never invalidated. */
      readonly change?: EntryChange;
    }
  | {
      /** A processor that caches paging structures can still walk through one whose frame is free. Graded programs do not run on such. */
      readonly kind: 'stale-structure';
      readonly cpu: number;
      /** First linear address that it would serve. */
      readonly va: number;
      /** Level of the structure. */
      readonly level: Level;
      readonly frame: number;
    }
  | {
      /** A present entry points to a frame that is free. `level` is that of the entry. */
      readonly kind: 'dangling-entry';
      readonly va: number;
      readonly level: Level;
      readonly frame: number;
      /** Of the frame, if sites are recorded. */
      readonly sites?: FrameSites;
    }
  | {
      /** One table frame is reached from two entries, or is used as a table and as a page. */
      readonly kind: 'shared-table';
      readonly va: number;
      readonly level: Level;
      readonly frame: number;
    }
  | {
      /** More present entries refer to a frame than references were handed to entries. */
      readonly kind: 'under-owned';
      readonly va: number;
      readonly frame: number;
      readonly references: number;
      readonly owned: number;
    }
  | {
      /** Reserved bits or the page-size bit are set in an entry of the user half. */
      readonly kind: 'bad-entry';
      readonly va: number;
      readonly level: Level;
    }
  | {
      /** A slot of the kernel half differs from the kernel's. */
      readonly kind: 'kernel-half';
      readonly slot: number;
      /** The page table never had the kernel's entry there. */
      readonly missing?: true;
    }
  | {
      /** A frame is still alive after everything that could own it is gone. */
      readonly kind: 'leak';
      readonly frame: number;
      /** Operation of the program in which it was allocated; -1 before the first. */
      readonly op: number;
      readonly site: Site;
      readonly owners?: FrameOwners;
      /** Operation in which the last entry that led to it went; -1: while everything was released. Left out: no entry ever did. */
      readonly lost?: number;
    };

/** What one operation cost the machine. */
export interface Effort {
  /** Page frames taken from the allocator. */
  readonly frames: number;
  /** Blocks or ranges read from files. */
  readonly fileReads: number;
  /** Translations dropped one page at a time, and whole flushes, on any processor. */
  readonly invalidations: number;
}
