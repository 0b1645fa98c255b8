/** The steps of a program as a person would write them down. */
import { hex } from '../../reference/x86/address.ts';
import type { Fault, Op } from '../protocol/program.ts';
import { byteText, permissionText } from './words.ts';

/** One line that says what the operation does. */
export function describeOp(op: Op): string {
  const text = sentence(op);
  return 'fault' in op ? `${text}, while ${faultText(op.fault)}` : text;
}

function faultText(fault: Fault): string {
  const what = fault.point === 'frame' ? 'frame allocation' : 'file read';
  return fault.mode === 'once'
    ? `${what} ${String(fault.nth)} of this step fails`
    : `every ${what} from number ${String(fault.nth)} of this step on fails`;
}

function onCpu(cpu: number | undefined): string {
  return cpu === undefined || cpu === 0 ? '' : ` [CPU ${String(cpu)}]`;
}

function sentence(op: Op): string {
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
    case 'drop-page':
      return `${op.page}.drop()`;
    case 'load-table':
      return `CPU ${String(op.cpu)} loads ${op.table} into CR3`;
    case 'probe':
      return `CPU ${String(op.cpu)}: ${op.mode === 'user' ? 'user' : 'kernel'} ${op.kind} at ${op.va}${op.kind === 'write' ? ` (stores ${byteText(op.value ?? 0)})` : ''}`;
    case 'spawn':
      return `${op.process} starts with a new PageTable and pager`;
    case 'file':
      return `${op.file} is a file of ${String(op.size)} bytes`;
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
    case 'exit':
      return `${op.process} exits`;
  }
}
