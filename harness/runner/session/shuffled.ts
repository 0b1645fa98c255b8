/** Choices that look like chance, and are the same whenever they are made. */

/** A number from 0 to 2^32 - 1 that looks like chance (the finaliser of MurmurHash3): the `nth` one, from 0, of those of `seed`, an integer. */
export function shuffled(seed: number, nth: number): number {
  let hash = (seed ^ Math.imul(nth + 1, 0x9e37_79b9)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
