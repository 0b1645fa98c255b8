/** Small page tables in TypeScript, and the processes to compile and run them in, for the tests of the sandbox. */
import { Sandbox } from '../child-process.ts';
import { SubmissionCompiler } from '../compile-process.ts';

/** A submission whose `PageTable.walk(va)` has these lines, from line 6 on; `top` stands before the class and moves them down. */
export function walkingTable(
  lines: readonly string[],
  top: readonly string[] = [],
): Record<string, string> {
  const text = [
    `import { PageTableRoot } from 'keos';`,
    ...top,
    'export class PageTable {',
    '  root = PageTableRoot.newBoxedWithKernelAddr();',
    '  drop() { this.root.drop(); }',
    '  walk(va: bigint): unknown {',
    ...lines,
    '  }',
    '}',
  ];
  return { 'page-table.ts': text.join('\n') };
}

/** A sandbox and a compiler, which are there while the tests of the surrounding `describe` run. */
export function processes(): { readonly sandbox: Sandbox; readonly compiler: SubmissionCompiler } {
  const both = {} as { sandbox: Sandbox; compiler: SubmissionCompiler };
  before(() => {
    both.sandbox = new Sandbox();
    both.compiler = new SubmissionCompiler();
  });
  after(() => Promise.all([both.sandbox.close(), both.compiler.close()]));
  return both;
}
