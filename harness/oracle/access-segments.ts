/** The pages that an access touches, and why it must stop at one. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import { unreadableText } from './content-rule.ts';
import type { ModelProcess } from './model-process.ts';
import type { Region } from './model-region.ts';
import { permissionText } from './words.ts';

const PAGE = 4096;

/** Rules whose breach leaves a page mapped where no region is. */
const STRAY = ['LP-3', 'LP-5', 'LP-14', 'LP-23'];
/** What is broken where a page is there whose block cannot be read: another block was read for it, or it is a page of before or of somebody else. */
const UNREAD = ['LP-7', 'LP-17', 'LP-22'];

/** An access, or a fault handed to the pager. */
export type AccessOp = Extract<ProcessOp, { op: 'access' }> & {
  /** Only the fault handler runs: no bytes move, and a fault of the wrong kind is harmless. */
  readonly handlerOnly?: boolean;
  /** The error code that the handler is given. */
  readonly code?: number;
};

/** The part of an access that lies in one page. */
export interface Segment {
  readonly page: number;
  readonly from: number;
  readonly to: number;
  readonly region: Region | undefined;
  /** Why it is forbidden, and the rule that says so; `null` if it is allowed. */
  readonly refusal: Refusal | null;
}

/** Why a page must stop an access. */
export interface Refusal {
  readonly rule: string;
  readonly why: string;
  /** Rules whose breach would have it as a consequence that the access is not refused. */
  readonly perhaps?: readonly string[];
  /** The fault handler cannot tell user mode from kernel mode, so it may answer such a fault with success for ever. */
  readonly mayHang?: boolean;
}

/** The parts of an access, in the order of their addresses. */
export function segmentsOf(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: AccessOp,
): Segment[] {
  const start = Number(BigInt(op.addr));
  const segments: Segment[] = [];
  for (let at = start; at < start + op.length;) {
    const page = at - (at % PAGE);
    const end = Math.min(page + PAGE, start + op.length);
    const region = model.regionAt(process, page);
    segments.push({
      page,
      from: at - page,
      to: end - page,
      region,
      refusal: refusalOf(model, process, region, page, op),
    });
    at = end;
  }
  return segments;
}

function refusalOf(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region | undefined,
  page: number,
  op: AccessOp,
): Segment['refusal'] {
  if (region === undefined) {
    const gone = process.unmapped.has(page);
    return {
      rule: gone ? 'LP-14' : 'LP-9',
      perhaps: gone ? ['LP-9', 'LP-16'] : STRAY,
      why: gone ? `the region of ${hex(page)} was unmapped` : `no region contains ${hex(page)}`,
    };
  }
  const needed = op.kind === 'write' ? 2 : op.kind === 'fetch' ? 4 : 1;
  const rights = permissionText(region.prot);
  if ((region.prot & needed) === 0) {
    const mayBeThere = process.pages.has(page) || process.maybeLoaded.has(page);
    const rule = op.kind === 'write' && mayBeThere ? 'LP-11' : 'LP-10';
    // Once loaded the page may be more than it should be, and that would have been seen then.
    return { rule, perhaps: ['LP-10'], why: `the region has ${rights}` };
  }
  if (op.mode === 'user' && (region.prot & 8) === 0)
    return {
      rule: 'LP-10',
      // Only a leaf with USER lets it work: one that was shared may have got that when it was copied.
      perhaps: process.pages.get(page)?.shared === true ? ['CW-12'] : [],
      why: `the region has ${rights}, not USER`,
      mayHang: true,
    };
  if (model.cannotLoad(process, region, page))
    return { rule: 'LP-23', perhaps: UNREAD, why: unreadableText(region, page) };
  return null;
}

/** Address of the first byte that lies in the segment. */
export function beginOf({ page, from }: Segment): Hex {
  return hex(page + from) as Hex;
}
