/** What files are made of, and the rule by which their contents are made: known to both the machine and the grader. */
import { PAGE_SIZE } from '../x86/page-table-entry.ts';

/** Which blocks of a sparse file hold data: the first `data` blocks do, the next `hole` blocks read as zero, and so on to the end. */
export interface Sparseness {
  /** Blocks in a row with data, 0 or more. */
  readonly data: number;
  /** Blocks in a row without, 0 or more; not both are 0. */
  readonly hole: number;
}

/** What a file is made of when it is created. Plain data: nothing of it costs memory, whatever the size. */
export interface FileSpec {
  /** Bytes: 0 or more, exact up to 2^53 - 1. */
  readonly size: number;
  /** Chooses the contents; see {@link fileByte}. */
  readonly seed: number;
  /** Inode number, exact, and greater than those of all files made before. Default: the next one. */
  readonly ino?: number;
  /** Contents come from the page cache: `mmap` hands out one shared page a block. */
  readonly cached?: boolean;
  /** Default: no holes. */
  readonly sparse?: Sparseness;
  /** Most bytes that one `read` copies, 1 or more: the rest has to be asked for again. Default: no limit. */
  readonly readLimit?: number;
  /** Blocks (by number) whose bytes can never be read, or all of them. A block past the end has no bytes, so it is never an error. */
  readonly unreadable?: readonly number[] | 'all';
}

/** What decides the bytes of a file. */
type Contents = Pick<FileSpec, 'size' | 'seed' | 'sparse'>;

/**
 * The byte at `position` of a file made with `seed` where it has data: never zero, so that a byte of the file differs from a zero-filled one, and
 * different from block to block.
 */
export function fileByte(seed: number, position: number): number {
  const block = Math.floor(position / PAGE_SIZE);
  const offset = position % PAGE_SIZE;
  const sum = seed * 31 + block * 57 + offset * 7 + (offset >> 8);
  // A remainder has the sign of its dividend, and a seed may be negative.
  return 1 + (((sum % 251) + 251) % 251);
}

/** Whether block `block` of a file is a hole. */
export function isHole(sparse: Sparseness | undefined, block: number): boolean {
  return sparse !== undefined && block % (sparse.data + sparse.hole) >= sparse.data;
}

/** Writes the bytes of a file from `position` on to `target` and returns how many: less than all of `target` only at the end of the file. */
export function copyFileBytes(
  { size, seed, sparse }: Contents,
  position: number,
  target: Uint8Array,
): number {
  const count = Math.max(0, Math.min(target.length, size - position));
  for (let done = 0; done < count;) {
    const offset = (position + done) % PAGE_SIZE;
    const block = (position + done - offset) / PAGE_SIZE;
    const length = Math.min(PAGE_SIZE - offset, count - done);
    const part = target.subarray(done, done + length);
    if (isHole(sparse, block)) part.fill(0);
    else part.set(dataBlock(seed, block).subarray(offset, offset + length));
    done += length;
  }
  return count;
}

/** Blocks by the rest that their first byte leaves: there are no more than 251 different ones. */
const dataBlocks = new Map<number, Uint8Array>();

function dataBlock(seed: number, block: number): Uint8Array {
  const start = block * PAGE_SIZE;
  const kind = fileByte(seed, start);
  let bytes = dataBlocks.get(kind);
  if (bytes === undefined) {
    bytes = new Uint8Array(PAGE_SIZE);
    // An element store is slow where prototypes are frozen: see physical-memory.ts.
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < PAGE_SIZE; i++) view.setUint8(i, fileByte(seed, start + i));
    dataBlocks.set(kind, bytes);
  }
  return bytes;
}

/** Whether reading block `block` of a file is an error. */
export function isUnreadable(
  { size, unreadable }: Pick<FileSpec, 'size' | 'unreadable'>,
  block: number,
): boolean {
  if (unreadable === undefined || block * PAGE_SIZE >= size) return false;
  return unreadable === 'all' || unreadable.includes(block);
}
