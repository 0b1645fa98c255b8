/** Which arguments `mmap` must refuse, and how: the published rules, as one table. */
import { hex, isCanonical, LOWER_HALF_END } from '../../reference/x86/address.ts';
import type { Hex } from '../protocol/program.ts';

const PAGE = 4096n;
/** First address beyond user space. */
export const USER_END = BigInt(LOWER_HALF_END);

export interface MmapArguments {
  readonly addr: Hex;
  readonly size: Hex;
  readonly prot: number;
  readonly offset: Hex;
  /** Size of the file in bytes, or `null` for anonymous memory. */
  readonly fileSize: number | null;
}

/** One reason to refuse. `exactly`: the error must be `InvalidArgument`; otherwise any `KernelError` will do. */
export interface Refusal {
  readonly rule: string;
  readonly why: string;
  readonly exactly: boolean;
}

/** First page and number of pages of a region, as numbers (user addresses are exact). */
export interface Extent {
  readonly start: number;
  readonly pages: number;
}

/** Every reason to refuse the call, given the regions there are. Empty: it must succeed. */
export function refusals(call: MmapArguments, regions: Iterable<Extent>): Refusal[] {
  const found: Refusal[] = [];
  const addr = BigInt(call.addr);
  const size = BigInt(call.size);
  const bad = (why: string): void => {
    found.push({ rule: 'LP-2', why, exactly: true });
  };
  if (addr === 0n) bad('the address is 0');
  if (addr % PAGE !== 0n) bad(`${call.addr} is not a multiple of the page size`);
  if (!isCanonical(addr) || addr >= USER_END) bad(`${call.addr} is not a user address`);
  else if (addr + size > USER_END) bad(`the range ends beyond user space, at ${hex(addr + size)}`);
  if ((call.prot & 1) === 0)
    found.push({ rule: 'LP-4', why: 'the permission lacks READ', exactly: true });
  if (BigInt(call.offset) % PAGE !== 0n && call.fileSize !== null) {
    found.push({
      rule: 'LP-4',
      why: `file offset ${call.offset} is not a multiple of the page size`,
      exactly: true,
    });
  }
  if (size === 0n) found.push({ rule: 'LP-3', why: 'the size is 0', exactly: false });
  if (call.fileSize === 0) found.push({ rule: 'LP-3', why: 'the file is empty', exactly: false });
  if (found.length === 0 && overlaps(extentOf(addr, size), regions)) {
    found.push({
      rule: 'LP-3',
      why: 'the range overlaps a region that is mapped already',
      exactly: false,
    });
  }
  return found;
}

/** First address of the page that contains a user address. */
export function pageOf(addr: Hex): number {
  return Number(BigInt(addr) & ~(PAGE - 1n));
}

/** The whole pages that a range of user space covers. */
export function extentOf(addr: bigint, size: bigint): Extent {
  return { start: Number(addr), pages: Number((size + PAGE - 1n) / PAGE) };
}

function overlaps(extent: Extent, regions: Iterable<Extent>): boolean {
  for (const region of regions) if (doOverlap(extent, region)) return true;
  return false;
}

/** Whether the address lies in the range. */
export function contains({ start, pages }: Extent, address: number): boolean {
  return address >= start && address < start + pages * 4096;
}

/** Whether two ranges have a page in common. */
export function doOverlap(one: Extent, other: Extent): boolean {
  return one.start < other.start + other.pages * 4096 && other.start < one.start + one.pages * 4096;
}
