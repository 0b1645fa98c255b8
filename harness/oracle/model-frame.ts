/** A page frame that the driver of a manager holds, as the model knows it. */
import type { LazyMappingModel } from './lazy-mapping-model.ts';
import type { RuleId } from './manager-rules.ts';
import type { PageContents } from './page-contents.ts';

/** Where the contents of a frame come from. */
export type FrameOrigin =
  | { readonly kind: 'driver' }
  | { readonly kind: 'page'; readonly mapping: LazyMappingModel; readonly page: bigint }
  /** A copy of frame `of`. `rule`: the one that is broken if it is none. */
  | { readonly kind: 'copy'; readonly of: ModelFrame; readonly rule: RuleId };

/** A frame that the driver holds. */
export interface ModelFrame {
  readonly number: number;
  readonly origin: FrameOrigin;
  /** `null`: nobody can say. */
  contents: PageContents | null;
  /** It was freed. */
  isFree: boolean;
  /** It has been copied for one of its sharers. */
  wasCopied: boolean;
  /** 1 for every byte that the driver has stored, or seen to be right. */
  readonly seen: Uint8Array;
}
