/**
 * What a running program has made so far, by label: page tables, pages, files and processes, and the student's modules behind them.
 */
import { PageTableRoot } from '../../../reference/emulator/keos/page-table-root.ts';
import type { Machine } from '../../../reference/emulator/machine.ts';
import type { StoredFile } from '../../../reference/emulator/regular-file.ts';
import type { File } from '../../../reference/contract/keos.ts';
import type { PagerKind } from '../../protocol/program.ts';
import type { PagerCall } from '../../protocol/trace.ts';
import { HeldFrames } from './held-frames.ts';
import { call } from './student-call.ts';
import type { StudentModules } from './student-modules.ts';

/** An object of a student class: only ever used by calling methods on it under `call`. */
export type Student = Record<string, (...args: unknown[]) => unknown>;

/** A process: what `MmStruct` holds. */
export interface Process {
  readonly pageTable: Student;
  readonly pager: Student;
  readonly descriptors: Descriptors;
}

/** Open files of a process by descriptor: what `FileStruct.files` holds. */
export type Descriptors = Map<number, File>;

/** A class that a module of the submission has to export. */
class MissingExport extends Error {
  override readonly name = 'MissingExport';
}

export class World {
  readonly machine: Machine;
  readonly modules: StudentModules;
  readonly pagerKind: PagerKind;
  readonly tables = new Map<string, Student>();
  readonly pages = new Map<string, unknown>();
  readonly files = new Map<string, { readonly stored: StoredFile; readonly handle: unknown }>();
  readonly processes = new Map<string, Process>();
  /** Whether a spy stands between `MmStruct` and the pager; see `pager-spy.ts`. */
  readonly isWatched: boolean;
  /** What was asked of a pager in the operation that runs, as the spy tells it. */
  asked: PagerCall[] = [];
  /** Demand-paging managers, and tables of shared frames without one. */
  readonly managers = new Map<string, Student>();
  readonly cowTables = new Map<string, Student>();
  /** Frames that the driver holds in programs of managers. */
  readonly frames: HeldFrames;
  /** The root of each page table, as it was when the table was made. */
  readonly #roots = new Map<Student, unknown>();

  constructor(machine: Machine, modules: StudentModules, pagerKind: PagerKind, isWatched: boolean) {
    this.machine = machine;
    this.modules = modules;
    this.pagerKind = pagerKind;
    this.isWatched = isWatched;
    this.frames = new HeldFrames(machine);
  }

  /** A function or class that the submission exports. Throws {@link MissingExport}. */
  exported(module: string, name: string): new (...args: unknown[]) => Student {
    const value = this.modules.load(module)[name];
    if (typeof value !== 'function')
      throw new MissingExport(`${module}.ts does not export ${name}`);
    return value as new (...args: unknown[]) => Student;
  }

  /** An object with functions in it that the submission exports. Throws {@link MissingExport}. */
  exportedObject(module: string, name: string): object {
    const value = this.modules.load(module)[name];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
      throw new MissingExport(`${module}.ts does not export ${name}`);
    return value;
  }

  /** Physical address of the root of a student's page table, or `undefined` if it has none (any more). */
  rootOf(table: Student): number | undefined {
    const known = this.#roots.get(table);
    if (known !== undefined) return PageTableRoot.addressOf(known);
    // May be no object at all, or have a getter: read once, so that it cannot show one root to the machine and another to the audit.
    const root = call(() => (table as Record<string, unknown>)['root']);
    const address = root.kind === 'ok' ? PageTableRoot.addressOf(root.value) : undefined;
    if (root.kind === 'ok' && address !== undefined) this.#roots.set(table, root.value);
    return address;
  }

  /** Makes a processor run student code for `table`: the kernel always runs on the page table of its process. */
  enter(table: Student, cpu: number): void {
    this.machine.runOn(cpu);
    const root = this.rootOf(table);
    const { current } = this.machine;
    if (root !== undefined && current.cr3 !== root) current.loadCr3(root);
  }

  /** Moves every processor off the root of `table`. */
  leave(table: Student): void {
    const root = this.rootOf(table);
    for (const cpu of this.machine.cpus) if (cpu.cr3 === root) cpu.loadCr3(this.machine.bootRoot);
  }

  /** Labels of all address spaces with their roots. */
  *spaces(): Iterable<readonly [label: string, root: number | undefined]> {
    for (const [label, table] of this.tables) yield [label, this.rootOf(table)];
    for (const [label, process] of this.processes) yield [label, this.rootOf(process.pageTable)];
  }
}
