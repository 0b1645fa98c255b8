/** Small submissions and programs for the tests of the sandbox. */
import type { Program } from '../../protocol/program.ts';
import type { CompiledModules } from '../compiled-module.ts';

/** Makes a page table and walks it once: runs `page-table.ts`, the constructor of its `PageTable`, and `walk(va)`. */
export function walkProgram(va: `0x${string}` = '0x1000'): Program {
  return {
    world: { cpus: 1, policy: 'first-fit' },
    pager: 'lazy',
    ops: [
      { op: 'new-table', table: 'a', kernel: true },
      { op: 'walk', table: 'a', va },
    ],
  };
}

/** Emitted code of a `page-table.ts`: `top` runs when it is loaded, `walk` is the body of `PageTable.walk(va)`. `keos` is in scope. */
export function pageTableModule({
  top = '',
  walk = 'return null;',
}: {
  top?: string;
  walk?: string;
}): CompiledModules {
  const js = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const keos = require("keos");
${top}
class PageTable {
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  walk(va) { ${walk} }
  drop() { this.root.drop(); }
}
exports.PageTable = PageTable;
`;
  return { 'page-table.ts': { js, freeNames: [] } };
}
