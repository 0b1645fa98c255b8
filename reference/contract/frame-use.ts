/** What a page frame is used for. Plain data; it crosses a process boundary. */
import type { Level } from '../x86/page-table-entry.ts';

/** The use of a frame that an operation took, when the operation is over. */
export type FrameUse =
  | {
      /** A paging structure of address space `space` (its label). */
      readonly kind: 'table';
      /** 3 = PDPT, 2 = PD, 1 = PT. */
      readonly level: Exclude<Level, 4>;
      /** Signed linear address of the lowest page mapped through it, or, if there is none, the lowest one that could be. */
      readonly va: number;
      readonly space: string;
    }
  | {
      /** The page mapped at `va` (signed linear address) in address space `space`. */
      readonly kind: 'page';
      readonly va: number;
      readonly space: string;
    }
  /** The operation has let go of it again. */
  | { readonly kind: 'released' }
  /** It is owned, but no table leads to it. */
  | { readonly kind: 'unknown' };
