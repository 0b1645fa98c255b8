/** Addresses worth trying: around every boundary at which an index changes, and some anywhere. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex } from '../protocol/program.ts';
import type { Lane } from './lanes.ts';
import type { Draw } from './raw-choices.ts';

const PAGE = 0x1000;
/** The last address of user space. */
const LAST = 0x7fff_ffff_ffff;

/** `0x…` of a number or bigint. */
export function toHex(value: number | bigint): Hex {
  return hex(value) as Hex;
}

/** First page of every interesting neighbourhood of user space. */
const ANCHORS = [
  0x1000,
  0x20_0000, // 2 MiB: the page-table index wraps
  0x4000_0000, // 1 GiB: the page-directory index wraps
  0x80_0000_0000, // 512 GiB: the PDPT index wraps
  0x4747_0000,
  0x7f80_0000_0000, // last PML4 slot of user space
  0x7fff_ffe0_0000,
] as const;

/** Boundaries of tables of every level, near the start, in the middle and near the end of user space. */
const BOUNDARIES = [
  0x1000,
  0x20_0000,
  0x40_0000,
  0x4000_0000,
  0x4020_0000,
  0x8000_0000,
  0x80_0000_0000,
  0x80_4000_0000,
  0x100_0000_0000,
  0x4000_0000_0000,
  0x7f80_0000_0000,
  0x7fff_c000_0000,
  0x7fff_ffe0_0000,
  0x8000_0000_0000, // the end of user space
] as const;

/** Where the addresses of one program are. */
export interface Places {
  readonly anchors: readonly number[];
  /** Pages on either side of an anchor. */
  readonly spread: number;
  /** One address in this many is anywhere. */
  readonly anywhere: number;
}

/**
 * A few neighbourhoods for the addresses of one program. Few, because pages that share tables meet more mistakes than pages that do not, and
 * cost less.
 */
export function drawPlaces(draw: Draw, lane: Lane): Places {
  return lane === 'boundary'
    ? { anchors: [draw.of(BOUNDARIES), draw.of(BOUNDARIES)], spread: 2, anywhere: 40 }
    : { anchors: [draw.of(ANCHORS), draw.of(ANCHORS)], spread: 6, anywhere: 10 };
}

/** A page address in user space, not 0: mostly near one of the anchors. */
export function pageAddress(draw: Draw, { anchors, spread, anywhere }: Places): number {
  if (draw.oneIn(anywhere)) {
    const indices = [
      draw.below(256),
      draw.of([0, 1, 255, 256, 510, 511]),
      draw.below(512),
      draw.below(512),
    ] as const;
    const address =
      indices[0] * 2 ** 39 + indices[1] * 2 ** 30 + indices[2] * 2 ** 21 + indices[3] * 2 ** 12;
    return Math.max(PAGE, address);
  }
  const page = draw.of(anchors) + (draw.below(2 * spread) - spread) * PAGE;
  return Math.min(Math.max(PAGE, page), LAST + 1 - PAGE);
}

/** The address with one of its four indices changed. */
export function neighbour(draw: Draw, address: number): number {
  const unit = 2 ** draw.of([12, 21, 30, 39]);
  const index = Math.floor(address / unit) % 512;
  const limit = unit === 2 ** 39 ? 256 : 512;
  const other = (index + draw.of([1, limit - 1, limit / 2])) % limit;
  return Math.max(PAGE, address + (other - index) * unit);
}

/** The nearest address of user space: the entry points take a `Va`, which the end of user space is not. */
export function userAddress(address: number): number {
  return Math.min(Math.max(0, address), LAST);
}
