/** The steps of a program as a person would write them down. */
import { hex } from '../../reference/x86/address.ts';
import type { FileSpec } from '../../reference/contract/file-rule.ts';
import type { FrameUse } from '../../reference/contract/frame-use.ts';
import { injectionText } from '../../reference/contract/injection.ts';
import { TABLE_NAME } from '../../reference/x86/page-table-entry.ts';
import { isManagerOp } from '../protocol/manager-op.ts';
import type { Op } from '../protocol/program.ts';
import { managerSentence } from './describe-manager.ts';
import { byteText, permissionText } from './words.ts';

/** What comes after the last operation. */
export const TEARDOWN_STEP =
  'everything is released: processes exit, page tables and pages are dropped';

/**
 * One line that says what the operation does.
 *
 * @param index place of the operation in its program, from 0
 * @param use what the frame that it is refused is used for when it is not, if that is known
 */
export function describeOp(op: Op, index: number, use?: FrameUse): string {
  const text = sentence(op);
  if (!('fault' in op)) return text;
  const { fault } = op;
  const failure = `${text}, while ${injectionText(fault, index + 1)}`;
  const purpose = use === undefined ? null : useText(use);
  return purpose === null || fault.mode === 'chance'
    ? failure
    : `${failure} (without the failure, allocation ${String(fault.nth)} is ${purpose})`;
}

/** What a frame is used for, as a phrase, or `null` if nobody knows. */
function useText(use: FrameUse): string | null {
  switch (use.kind) {
    case 'table':
      return `the ${TABLE_NAME[use.level]} for ${hex(use.va)} in ${use.space}`;
    case 'page':
      return `the page at ${hex(use.va)} in ${use.space}`;
    case 'released':
      return 'released again in the same operation';
    case 'unknown':
      return null;
  }
}

/** What is special about a file, as clauses after its size. */
function fileText({ ino, cached, sparse, readLimit, unreadable }: FileSpec): string {
  const clauses: string[] = [];
  if (ino !== undefined) clauses.push(`with inode number ${hex(ino)}`);
  if (cached === true) clauses.push('in the page cache');
  if (sparse !== undefined)
    clauses.push(
      `with a hole of ${blocksText(sparse.hole)} after every ${blocksText(sparse.data)} of data`,
    );
  if (readLimit !== undefined)
    clauses.push(`of which read() gives at most ${String(readLimit)} at a time`);
  if (unreadable === 'all') clauses.push('none of which can be read');
  else if (unreadable !== undefined)
    clauses.push(
      `block${unreadable.length === 1 ? '' : 's'} ${unreadable.join(', ')} of which cannot be read`,
    );
  return clauses.map((clause) => `, ${clause}`).join('');
}

function blocksText(count: number): string {
  return count === 1 ? '1 block' : `${String(count)} blocks`;
}

const OPENED = {
  Read: 'for reading',
  Write: 'for writing',
  ReadWrite: 'for reading and writing',
} as const;

function onCpu(cpu: number | undefined): string {
  return cpu === undefined || cpu === 0 ? '' : ` [CPU ${String(cpu)}]`;
}

function sentence(op: Op): string {
  if (isManagerOp(op)) return managerSentence(op);
  switch (op.op) {
    case 'new-table':
      return `${op.table} = new PageTable(${op.kernel ? '' : 'PageTableRoot.newBoxed()'})`;
    case 'new-page':
      return `${op.page} = Page.new(), filled with ${byteText(op.fill)}`;
    case 'map':
      return `${op.table}.map(${op.va}, ${op.page}, ${permissionText(op.perm)})`;
    case 'do-map': {
      const skew = op.skew === 0 ? '' : ` + ${hex(op.skew)}`;
      return `${op.table}.doMap(${op.va}, address of ${op.page}${skew}, ${permissionText(op.perm)})`;
    }
    case 'unmap':
      return `${op.page} = ${op.table}.unmap(${op.va})`;
    case 'walk':
      return `${op.table}.walk(${op.va})`;
    case 'walk-mut':
      switch (op.then) {
        case 'look':
          return `${op.table}.walkMut(${op.va})`;
        case 'clear':
          return `${op.table}.walkMut(${op.va}).clear(), then invalidate()`;
        case 'replace':
          return `${op.table}.walkMut(${op.va}): clear(), invalidate(), setPage(${op.page ?? '?'}, ${permissionText(op.perm ?? 0)})`;
      }
      break;
    case 'indices':
      return `PtIndices.fromVa(${op.va})`;
    case 'clear-table':
      return `${op.table}.clear()`;
    case 'drop-table':
      return `${op.table}.drop()`;
    case 'clone-page':
      return `${op.page} = ${op.of}.clone()`;
    case 'drop-page':
      return `${op.page}.drop()`;
    case 'load-table':
      return `CPU ${String(op.cpu)} loads ${op.table} into CR3`;
    case 'probe':
      return `CPU ${String(op.cpu)}: ${op.mode === 'user' ? 'user' : 'kernel'} ${op.kind} at ${op.va}${op.kind === 'write' ? ` (stores ${byteText(op.value ?? 0)})` : ''}`;
    case 'spawn':
      return `${op.process} starts with a new PageTable and pager`;
    case 'file':
      return `${op.file} is a file of ${String(op.size)} bytes${fileText(op)}`;
    case 'truncate':
      return `${op.file} is cut to ${String(op.size)} bytes`;
    case 'rewrite':
      return `${op.file} gets new contents`;
    case 'mmap': {
      const backing = op.file === null ? 'anonymous' : `${op.file} from offset ${op.offset}`;
      return `${op.process}: mmap(${op.addr}, size ${op.size}, ${permissionText(op.prot)}, ${backing})${onCpu(op.cpu)}`;
    }
    case 'munmap':
      return `${op.process}: munmap(${op.addr})${onCpu(op.cpu)}`;
    case 'get-user-page':
      return `${op.process}: getUserPage(${op.addr})${onCpu(op.cpu)}`;
    case 'access-ok':
      return `${op.process}: accessOk(${op.addr}, ${op.write ? 'write' : 'read'})${onCpu(op.cpu)}`;
    case 'access': {
      const what = op.length === 1 ? 'a byte' : `${String(op.length)} bytes`;
      const who = op.mode === 'user' ? '' : ' in kernel mode';
      const verb = { read: 'reads', write: 'writes', fetch: 'executes' }[op.kind];
      const stored = op.kind === 'write' ? ` of ${byteText(op.value ?? 0)}` : '';
      return `${op.process} ${verb} ${what}${stored} at ${op.addr}${who}${onCpu(op.cpu)}`;
    }
    case 'page-fault':
      return `${op.process}: handlePageFault at ${op.addr}, error code ${hex(op.code)}${onCpu(op.cpu)}`;
    case 'fork':
      return `${op.process} forks ${op.child}${onCpu(op.cpu)}`;
    case 'open': {
      const at = (op.position ?? 0) === 0 ? '' : `, at position ${hex(op.position ?? 0)}`;
      const file =
        op.kind === 'file'
          ? `${op.file ?? '?'}, ${OPENED[op.mode ?? 'ReadWrite']}${at}`
          : op.kind === 'pipe'
            ? 'a pipe'
            : 'a directory';
      return `${op.process} opens descriptor ${String(op.fd)}: ${file}`;
    }
    case 'sys-mmap':
      return `${op.process}: system call mmap(arg1 ${op.addr}, arg2 ${op.size}, arg3 ${op.prot}, arg4 ${op.fd}, arg5 ${op.offset})${onCpu(op.cpu)}`;
    case 'sys-munmap':
      return `${op.process}: system call munmap(arg1 ${op.addr})${onCpu(op.cpu)}`;
    case 'access-range':
      return `${op.process}: MmStruct.accessOk(${op.addr}, ${op.end}, ${op.write ? 'write' : 'read'})${onCpu(op.cpu)}`;
    case 'exit':
      return `${op.process} exits`;
  }
}
