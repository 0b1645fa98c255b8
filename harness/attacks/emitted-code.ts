/** Emitted code of small submissions that attack from one place: all else in them is as plain as can be. */
import type { Program } from '../protocol/program.ts';
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import { managerProgram } from '../generators/manager-scenario.ts';
import { eagerProgram, processProgram } from '../generators/process-scenario.ts';
import { tableProgram } from '../generators/table-scenario.ts';
import type { CanaryPlaces } from './attack.ts';

/** What attacks are written with. `gain(what, get)`: prints `PWN` if `get` comes back with something, and why not otherwise. */
const HELPERS = `
const PWN = (what) => console.log('PWN ' + what);
const gain = (what, get) => {
  let got;
  try { got = get(); } catch (error) {
    console.log('REFUSED ' + (typeof error?.message === 'string' ? error.message : String(error)).slice(0, 120));
    return undefined;
  }
  if (got) PWN(what + ': ' + String(typeof got === 'object' || typeof got === 'function' ? typeof got : got).slice(0, 60)); else console.log('NOTHING ' + what);
  return got;
};
/** Something is left for the event loop, which prints if it is ever turned. */
const later = (what) => { console.log('LEFT ' + what); return () => PWN(what); };`;

function head({ secretFile, droppedFile, port }: CanaryPlaces): string {
  return `"use strict"; Object.defineProperty(exports, "__esModule", { value: true });
const keos = require("keos");
const CANARIES = ${JSON.stringify({ secretFile, droppedFile, port })};${HELPERS}`;
}

function asModules(texts: Readonly<Record<string, string>>): CompiledModules {
  return Object.fromEntries(
    Object.entries(texts).map(([name, js]) => [name, { js, freeNames: [] }]),
  );
}

/** What an attack from a page table says; the rest does nothing. */
export interface TableCode {
  /** Runs when the module is loaded. */
  readonly top?: string;
  /** Body of the constructor. */
  readonly made?: string;
  /** Bodies of `walk(va)`, and further members of the class. */
  readonly walk?: string;
  readonly members?: string;
}

/** Modules of a submission whose `PageTable` attacks. `freeNames` stay empty, so that a name that is not there reads as `undefined`. */
export function pageTableCode(code: TableCode): (canaries: CanaryPlaces) => CompiledModules {
  const { top = '', made = '', walk = '', members = '' } = code;
  return (canaries) =>
    asModules({
      'page-table.ts': `${head(canaries)}
exports.PtIndices = class PtIndices { static fromVa() { return {}; } };
${top}
exports.PageTable = class PageTable {
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  constructor() { ${made} }
  walk(va) { ${walk}
 throw keos.PageTableMappingError.NotExist; }
  drop() { this.root.drop(); }
  ${members}
};`,
    });
}

/** What an attack from an eager pager or an `MmStruct` says. */
export interface EagerCode {
  readonly top?: string;
  /** Members of `EagerPager`, in place of a pager that answers 0, true and null. */
  readonly pager?: string;
  /** Body of `MmStruct.mmap(fileStruct, abi)`. */
  readonly mmap?: string;
  /** Body of `MmStruct.accessOk(start, end, isWrite)`. */
  readonly accessOk?: string;
}

/** A page table that maps nothing. */
function emptyTable(canaries: CanaryPlaces, members = ''): string {
  return `${head(canaries)}
exports.PageTable = class PageTable {
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  drop() { this.root.drop(); }
  ${members}
};`;
}

/** Members of a pager that answers 0, true and null. */
const PAGER = `mmap() { return 0n; } munmap() { return 0n; } getUserPage() { return null; } accessOk() { return true; }`;

export function eagerPagerCode(code: EagerCode): (canaries: CanaryPlaces) => CompiledModules {
  const { top = '', pager = '', mmap = 'return 0n;', accessOk = 'return true;' } = code;
  return (canaries) =>
    asModules({
      'page-table.ts': emptyTable(canaries),
      'both.ts': `${head(canaries)} ${top}
exports.EagerPager = class EagerPager {
  ${PAGER}
  ${pager}
};
exports.MmStruct = class MmStruct {
  constructor(pageTable, pager) { this.pageTable = pageTable; this.pager = pager; }
  mmap(fileStruct, abi) { ${mmap} }
  munmap(abi) { return this.pager.munmap(this.pageTable, abi.arg1); }
  accessOk(start, end, isWrite) { ${accessOk} }
};`,
      'eager-pager.ts': `exports.EagerPager = require("./both").EagerPager;`,
      'mm-struct.ts': `exports.MmStruct = require("./both").MmStruct;`,
    });
}

/** What an attack from a lazy pager says. */
export interface LazyCode {
  readonly top?: string;
  /** Members of `LazyPager`, in place of one that answers 0, true and null and handles no fault. */
  readonly pager?: string;
  /** Body of `writeProtectPtes(mm)`. */
  readonly fork?: string;
  /** Members of `PageTable`. */
  readonly table?: string;
}

export function lazyPagerCode(code: LazyCode): (canaries: CanaryPlaces) => CompiledModules {
  const { top = '', pager = '', fork = 'throw keos.KernelError.NoMemory;', table = '' } = code;
  return (canaries) =>
    asModules({
      'page-table.ts': emptyTable(canaries, table),
      'lazy-pager.ts': `${head(canaries)} ${top}
exports.PageFaultReason = class PageFaultReason { constructor(code, va) { this.faultAddr = va; } };
exports.LazyPager = class LazyPager {
  ${PAGER}
  handlePageFault() { throw keos.KernelError.InvalidAccess; }
  clone() { return this; }
  ${pager}
};`,
      'mm-struct.ts': `exports.MmStruct = class MmStruct { constructor(pageTable, pager) { this.pageTable = pageTable; this.pager = pager; } };`,
      'fork.ts': `${head(canaries)}
exports.isCowFault = () => false; exports.doCopyOnWrite = () => {}; exports.writeProtectPtes = (mm) => { ${fork} };`,
    });
}

/** What an attack from a demand-paging manager says. */
export interface ManagerCode {
  readonly top?: string;
  /** Members of `DemandPagingManager`. */
  readonly manager?: string;
  /** Members of `CowTable`. */
  readonly table?: string;
}

export function managerCode(code: ManagerCode): (canaries: CanaryPlaces) => CompiledModules {
  const { top = '', manager = '', table = '' } = code;
  return (canaries) =>
    asModules({
      'demand-paging.ts': `${head(canaries)}
const veridian = require("veridian");
${top}
exports.BackingType = { Anonymous: {}, FileBacked: (fields) => fields, equals: () => true };
exports.LazyMapping = class LazyMapping { contains() { return true; } };
exports.CowTable = class CowTable { markCow() {} isCow() { return false; } release() { return false; } ${table} };
exports.DemandPagingManager = class DemandPagingManager {
  cowTable = new exports.CowTable();
  registerLazy() {} unregisterLazy() {} tryDemandPage() { return null; } handleCowFault() { return null; } addCowEntry() {}
  ${manager}
};`,
    });
}

/** Makes a page table and walks it: runs `page-table.ts`, the constructor of its `PageTable`, and `walk(va)`. */
export const WALK: Program = {
  world: { cpus: 1, policy: 'first-fit' },
  pager: 'lazy',
  ops: [
    { op: 'new-table', table: 'a', kernel: true },
    { op: 'walk', table: 'a', va: '0x1000' },
  ],
};

/** Asks a page table for everything that it can return. */
export const EVERY_TABLE_CALL: Program = tableProgram((t) => {
  t.table();
  t.indices(0x1000);
  t.map(0x1000, 'rwu');
  t.walk(0x1000);
  t.walkMut(0x1000);
  t.walkMut(0x1000, 'clear');
  t.unmap(0x1000);
  t.clear();
});

/** Two processes that use all of an eager pager and its `MmStruct`. */
export const EAGER: Program = eagerProgram((p) => {
  p.spawn();
  p.spawn('bob');
  p.file(9000);
  for (const process of ['alice', 'bob']) {
    p.open(3, { file: 'file' }, process);
    p.accessRange(0xa000, 0xa001, false, process);
    p.sysMmap({ addr: 0xa000, fd: 3 }, process);
    p.sysMmap({ addr: 0xa000, fd: 3 }, process);
    p.mmap(0xa000, 0x1000, 'rwu', {}, process);
    p.sysMunmap(0xa000, process);
  }
  p.accessRange(0xa000, 0xa001, true);
});

/** One process that asks its lazy pager for everything that it can return. */
export const LAZY: Program = processProgram((p) => {
  p.spawn();
  p.file(9000);
  p.mmap(0xa000, 0x1000, 'rwu', { file: 'file' });
  p.accessOk(0xa000, true);
  p.getUserPage(0xa000);
  p.fork('bob');
  p.munmap(0xa000);
  p.read(0xa000);
});

/** A manager that is asked for everything that it can return. */
export const MANAGER: Program = managerProgram((m) => {
  m.manager();
  m.register(0xa000, 0x1000);
  m.fault(0xa000);
  m.mark(0xa000, m.frame(0x41));
  m.isCow(0xa000);
  m.release(0xa000, 'frame1');
  m.cowFault(0xa000);
  m.contains(0xa000, 0x1000, 0xa000);
  m.sameBacking('anonymous', 'anonymous');
  m.unregister(0xa000);
});
