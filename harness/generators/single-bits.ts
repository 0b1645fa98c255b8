/** Numbers with one bit set, for programs that try high bits one by one. */

/** The numbers whose only bit is one of those from `first` to `last`, ascending. */
export function singleBits(first: number, last: number): bigint[] {
  return Array.from({ length: last - first + 1 }, (_, i) => 1n << BigInt(first + i));
}
