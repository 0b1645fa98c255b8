// bits of an entry, see the picture in the handout
export const P = 1n << 0n;
export const RW = 1n << 1n;
export const US = 1n << 2n;
export const XD = 1n << 63n;
export const TABLE = P | RW | US;

export const PAGE = 4096n;
export const END_OF_USER = 0x8000_0000_0000n;
