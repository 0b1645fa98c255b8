/** A short way to write down a program of processes with a demand pager. */
import type { AccessMode } from '../../reference/x86/access.ts';
import type { FileSpec } from '../../reference/contract/file-rule.ts';
import type { Injection } from '../../reference/contract/injection.ts';
import type { FileMode } from '../../reference/contract/keos.ts';
import type { Hex, Op, PagerKind, Program, World } from '../protocol/program.ts';
import { toHex } from './addresses.ts';
import { rights, type RightsText } from './table-scenario.ts';

type Address = number | bigint;

/** What an operation on a process may add. */
export interface Extra {
  readonly cpu?: number;
  readonly fault?: Injection;
  readonly mode?: AccessMode;
  readonly length?: number;
}

/** Registers of the system call `mmap`; what is left out is an anonymous page that can be read and written. */
export interface Registers {
  readonly addr: Address;
  readonly size?: Address;
  readonly prot?: Address;
  readonly fd?: Address;
  readonly offset?: Address;
}

/** Collects operations; every method adds one. The first process is called `alice` unless another name is given. */
export class ProcessScript {
  readonly ops: Op[] = [];

  spawn(process = 'alice'): string {
    this.ops.push({ op: 'spawn', process });
    return process;
  }

  /** A file of `size` bytes; `more` says what is special about it. */
  file(size: number, file = 'file', seed = 7, more: Omit<FileSpec, 'size' | 'seed'> = {}): string {
    this.ops.push({ op: 'file', file, size, seed, ...more });
    return file;
  }

  truncate(file: string, size: number): void {
    this.ops.push({ op: 'truncate', file, size });
  }

  rewrite(file: string, seed: number): void {
    this.ops.push({ op: 'rewrite', file, seed });
  }

  mmap(
    addr: Address,
    size: Address,
    prot: RightsText | number,
    backing: { file?: string; offset?: Address } = {},
    process = 'alice',
    extra: Extra = {},
  ): void {
    this.ops.push({
      op: 'mmap',
      process,
      addr: toHex(addr),
      size: toHex(size),
      prot: typeof prot === 'number' ? prot : rights(prot),
      file: backing.file ?? null,
      offset: toHex(backing.offset ?? 0),
      ...pick(extra),
    });
  }

  munmap(addr: Address, process = 'alice', extra: Extra = {}): void {
    this.ops.push({
      op: 'munmap',
      process,
      addr: toHex(addr),
      ...(extra.cpu === undefined ? {} : { cpu: extra.cpu }),
    });
  }

  read(addr: Address, process = 'alice', extra: Extra = {}): void {
    this.#access('read', addr, process, extra);
  }

  write(addr: Address, value = 0x5a, process = 'alice', extra: Extra = {}): void {
    this.#access('write', addr, process, extra, value);
  }

  execute(addr: Address, process = 'alice', extra: Extra = {}): void {
    this.#access('fetch', addr, process, extra);
  }

  getUserPage(addr: Address, process = 'alice', extra: Extra = {}): void {
    this.ops.push({ op: 'get-user-page', process, addr: toHex(addr), ...pick(extra) });
  }

  accessOk(addr: Address, write: boolean, process = 'alice'): void {
    this.ops.push({ op: 'access-ok', process, addr: toHex(addr), write });
  }

  /** The fault handler called directly, as after a fault that another thread resolved first. `code`: bits of `PFErrorCode`. */
  fault(addr: Address, code: number, process = 'alice'): void {
    this.ops.push({ op: 'page-fault', process, addr: toHex(addr), code });
  }

  fork(child: string, process = 'alice', extra: Extra = {}): void {
    this.ops.push({ op: 'fork', process, child, ...pick(extra) });
  }

  /** A descriptor for the file called `file`, or one that cannot be mapped. */
  open(
    fd: number,
    what: 'directory' | 'pipe' | { file: string; mode?: FileMode; position?: number },
    process = 'alice',
  ): void {
    if (typeof what === 'string') this.ops.push({ op: 'open', process, fd, kind: what });
    else this.ops.push({ op: 'open', process, fd, kind: 'file', ...what });
  }

  /** The system call `mmap` with these registers; `fd` is taken as a C `int` in 64 bits. */
  sysMmap(
    { addr, size = 0x1000, prot = 3, fd = -1, offset = 0 }: Registers,
    process = 'alice',
    extra: Extra = {},
  ): void {
    this.ops.push({
      op: 'sys-mmap',
      process,
      addr: register(addr),
      size: register(size),
      prot: register(prot),
      fd: register(fd),
      offset: register(offset),
      ...pick(extra),
    });
  }

  sysMunmap(addr: Address, process = 'alice'): void {
    this.ops.push({ op: 'sys-munmap', process, addr: register(addr) });
  }

  /** `MmStruct.accessOk` for the bytes from `start` up to, not including, `end`. */
  accessRange(start: Address, end: Address, write: boolean, process = 'alice'): void {
    this.ops.push({ op: 'access-range', process, addr: toHex(start), end: toHex(end), write });
  }

  exit(process = 'alice'): void {
    this.ops.push({ op: 'exit', process });
  }

  #access(
    kind: 'read' | 'write' | 'fetch',
    addr: Address,
    process: string,
    extra: Extra,
    value?: number,
  ): void {
    this.ops.push({
      op: 'access',
      process,
      addr: toHex(addr),
      length: extra.length ?? 1,
      kind,
      mode: extra.mode ?? 'user',
      ...(value === undefined ? {} : { value }),
      ...pick(extra),
    });
  }
}

/** A register holds the lower 64 bits. */
function register(value: Address): Hex {
  return toHex(BigInt.asUintN(64, BigInt(value)));
}

function pick({ cpu, fault }: Extra): { cpu?: number; fault?: Injection } {
  return { ...(cpu === undefined ? {} : { cpu }), ...(fault === undefined ? {} : { fault }) };
}

/** A program of processes, written by `write`. Frames are quarantined unless `world` says otherwise. */
export function processProgram(
  write: (script: ProcessScript) => void,
  world: Partial<World> = {},
  pager: PagerKind = 'lazy',
): Program {
  const script = new ProcessScript();
  write(script);
  return { world: { cpus: 1, policy: 'quarantine', ...world }, pager, ops: script.ops };
}

/** As {@link processProgram}, with an eager pager. */
export function eagerProgram(
  write: (script: ProcessScript) => void,
  world: Partial<World> = {},
): Program {
  return processProgram(write, world, 'eager');
}
