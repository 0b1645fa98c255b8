/** Pagers that are right until something fails. */
import { changedModule } from './model-modules.ts';
import type { Changes } from './model-subject.ts';

/** Nothing is ever given back if a page cannot be mapped. */
export const LEAKS: Changes = {
  'page-table': changedModule(
    'page-table',
    '      Page.fromPa(pa).drop();\n      throw error;',
    '      throw error;',
  ),
};
const LOAD =
  '    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);';
/** A page that could not be loaded is unmapped, whether it was there or not, and another with it. */
export const UNMAPS_ANOTHER: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    LOAD,
    `    if (attempt(() => pageTable.walk(va)).ok) return;
    const loaded = attempt(() => pageTable.map(va, vma.loader.load(va), vma.prot));
    if (loaded.ok) return;
    for (const { start } of this.vmas) attempt(() => pageTable.unmap(start).drop());
    throw KernelError.NoMemory;`,
  ),
};
/** After a page could not be loaded, nothing is allowed any more. */
export const REFUSES_AFTERWARDS: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    LOAD,
    `    if (attempt(() => pageTable.walk(va)).ok) return;
    const loaded = attempt(() => pageTable.map(va, vma.loader.load(va), vma.prot));
    if (loaded.ok) return;
    this.failed = true;
    throw KernelError.NoMemory;
  }
  private failed = false;
  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.vmaAt(va);
    return !this.failed && vma !== null && allows(vma.prot, isWrite);`,
  ).replace(
    `  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.vmaAt(va);
    return vma !== null && allows(vma.prot, isWrite);
  }
`,
    '',
  ),
};
