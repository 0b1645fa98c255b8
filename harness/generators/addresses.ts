/** Addresses worth trying: around every boundary at which an index changes, and some anywhere. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex } from '../protocol/program.ts';
import type { Draw } from './raw-choices.ts';

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

/**
 * A few neighbourhoods for the addresses of one program. Few, because pages that share tables meet more mistakes than pages that do not, and
 * cost less.
 */
export function neighbourhoods(draw: Draw): readonly number[] {
  return [draw.of(ANCHORS), draw.of(ANCHORS)];
}

/** A page address in user space, not 0: mostly near one of `places`. */
export function pageAddress(draw: Draw, places: readonly number[]): number {
  if (draw.oneIn(10)) {
    const indices = [
      draw.below(256),
      draw.of([0, 1, 255, 256, 510, 511]),
      draw.below(512),
      draw.below(512),
    ] as const;
    const address =
      indices[0] * 2 ** 39 + indices[1] * 2 ** 30 + indices[2] * 2 ** 21 + indices[3] * 2 ** 12;
    return Math.max(0x1000, address);
  }
  const anchor = draw.of(places);
  return Math.max(0x1000, anchor + (draw.below(12) - 6) * 0x1000);
}

/** The address with one of its four indices changed. */
export function neighbour(draw: Draw, address: number): number {
  const unit = 2 ** draw.of([12, 21, 30, 39]);
  const index = Math.floor(address / unit) % 512;
  const limit = unit === 2 ** 39 ? 256 : 512;
  const other = (index + draw.of([1, limit - 1, limit / 2])) % limit;
  return Math.max(0x1000, address + (other - index) * unit);
}
