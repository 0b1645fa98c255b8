/** Simpler operations on managers: smaller mappings, addresses at the start of their page, fewer bytes and pages. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ManagerOp } from '../protocol/program.ts';

const PAGE = 0x1000n;
/** `PRESENT | WRITABLE`. */
const PLAIN_FLAGS = '0x3';
/** Up to so many pages of a range, each is left out in turn. */
const FEW = 8;

/** Operations like `op` with one field closer to its simplest value, but for the fields that it has in common with others. */
export function simplerManagerOps(op: ManagerOp): ManagerOp[] {
  switch (op.op) {
    case 'register-lazy': {
      const pages = (BigInt(op.size) + PAGE - 1n) / PAGE;
      const sizes = pages > 1n ? [PAGE, (pages / 2n) * PAGE, (pages - 1n) * PAGE] : [];
      if (BigInt(op.size) % PAGE !== 0n) sizes.push(BigInt(op.size) % PAGE, pages * PAGE);
      return [
        ...sizes
          .filter((size) => size !== BigInt(op.size))
          .map((size) => ({ ...op, size: hex(size) as Hex })),
        ...(op.file === null ? [] : [{ ...op, file: null, offset: '0x0' as const }]),
        ...(op.offset === '0x0' ? [] : [{ ...op, offset: '0x0' as const }]),
        ...(op.flags === PLAIN_FLAGS ? [] : [{ ...op, flags: PLAIN_FLAGS as Hex }]),
      ];
    }
    case 'demand-page':
    case 'cow-fault': {
      const offset = BigInt(op.va) % PAGE;
      return offset === 0n ? [] : [{ ...op, va: hex(BigInt(op.va) - offset) as Hex }];
    }
    case 'mark-cow-range':
      return [
        ...fewerPages(op.pages).map((pages) => ({ ...op, pages })),
        ...(op.base === '0x0' ? [] : [{ ...op, base: '0x0' as const }]),
      ];
    case 'write-frame':
    case 'read-frame': {
      const shorter = op.length > 1 ? [1, Math.ceil(op.length / 2)] : [];
      return [
        ...shorter.map((length) => ({ ...op, length })),
        ...(op.at === 0 ? [] : [{ ...op, at: 0 }]),
      ];
    }
    default:
      return [];
  }
}

/** Without half of the pages, a quarter, …, one, from the end or from the front; of a few, without any single one. */
function fewerPages<T>(pages: readonly T[]): (readonly T[])[] {
  const ends: (readonly T[])[] = [];
  for (let less = pages.length >> 1; less > 0; less >>= 1)
    ends.push(pages.slice(0, -less), pages.slice(less));
  const inside = pages.length > FEW ? [] : pages.slice(1, -1);
  return [...ends, ...inside.map((_, at) => pages.toSpliced(at + 1, 1))];
}
