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

/** Where something happened in student code: raw stack text, mapped to source lines by the grader. Empty unless sites are recorded. */
export type Site = string;

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
    }
  | {
      /** A present entry points to a frame that is free. `level` is that of the entry. */
      readonly kind: 'dangling-entry';
      readonly va: number;
      readonly level: Level;
      readonly frame: number;
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
    }
  | {
      /** A frame is still alive after everything that could own it is gone. */
      readonly kind: 'leak';
      readonly frame: number;
      /** Operation of the program in which it was allocated; -1 before the first. */
      readonly op: number;
      readonly site: Site;
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
