/** Simpler operations on managers: smaller mappings, addresses at the start of their page, fewer bytes and pages. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ManagerOp } from '../protocol/program.ts';

const PAGE = 0x1000n;
/** `PRESENT | WRITABLE`. */
const PLAIN_FLAGS = '0x3';

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
        ...(op.pages.length > 1 ? op.pages.map((page) => ({ ...op, pages: [page] })) : []),
        ...(op.base === '0x0' ? [] : [{ ...op, base: '0x0' as const }]),
      ];
    case 'write-frame':
    case 'read-frame':
      return op.at === 0 ? [] : [{ ...op, at: 0 }];
    default:
      return [];
  }
}
