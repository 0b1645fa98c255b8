/** How often an operation may have to ask for something that can be refused: what the model pager needs at most. */
import type { InjectionCounts } from '../../reference/contract/injection.ts';
import type { Op, PagerKind } from '../protocol/program.ts';

const PAGE = 4096;
/** Bytes that one table of each level below the root covers. */
const COVERED = [2 ** 21, 2 ** 30, 2 ** 39] as const;
/** The descriptor that asks for anonymous memory: -1. */
const NO_FILE = '0xffffffffffffffff';
const NONE: InjectionCounts = { frame: 0, read: 0, mmap: 0 };

/**
 * Calls that the model pager makes in `op` at most, at each point where a failure can be injected; `null` if nothing can be injected into it. A file's
 * block counts at both points, as a pager gets it by `mmap` or by `read`.
 *
 * @param loaded addresses of the pages that the process has loaded when the operation begins
 */
export function mostCalls(
  op: Op,
  pager: PagerKind,
  loaded: readonly number[],
): InjectionCounts | null {
  switch (op.op) {
    case 'map':
    case 'do-map':
      return { ...NONE, frame: COVERED.length };
    case 'access':
    case 'get-user-page':
    case 'page-fault': {
      const length = op.op === 'access' ? op.length : 1;
      const pages = Math.ceil((Number(BigInt(op.addr) % BigInt(PAGE)) + length) / PAGE);
      return { frame: pages * (1 + COVERED.length), read: pages, mmap: pages };
    }
    case 'mmap':
    case 'sys-mmap': {
      if (pager === 'lazy') return NONE;
      const pages = Math.ceil(Number(BigInt(op.size)) / PAGE);
      const first = Number(BigInt(op.addr));
      const last = first + pages * PAGE - 1;
      const tables = COVERED.map((size) => 1 + Math.floor(last / size) - Math.floor(first / size));
      const isAnonymous = op.op === 'mmap' ? op.file === null : op.fd === NO_FILE;
      const blocks = isAnonymous ? 0 : pages;
      return {
        frame: tables.reduce((sum, count) => sum + count, pages),
        read: blocks,
        mmap: blocks,
      };
    }
    case 'fork': {
      const tables = COVERED.map(
        (size) => new Set(loaded.map((page) => Math.floor(page / size))).size,
      );
      return { ...NONE, frame: tables.reduce((sum, count) => sum + count, 0) };
    }
    case 'demand-page':
      return { ...NONE, frame: 1, read: 1 };
    case 'cow-fault':
      return { ...NONE, frame: 1 };
    default:
      return null;
  }
}
