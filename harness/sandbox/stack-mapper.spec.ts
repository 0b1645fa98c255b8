import { expect } from 'chai';
import { Sandbox } from './child-process.ts';
import { SubmissionCompiler } from './compile-process.ts';
import { StackMapper } from './stack-mapper.ts';
import { walkProgram } from './testing/sample-programs.ts';

const PAGE_TABLE = `import { PageTableRoot, type Va } from 'keos';
import { check } from './lib/check (1).ts';

/** A comment that is not in the code that runs. */
export class PageTable {
  readonly root = PageTableRoot.newBoxedWithKernelAddr();

  walk(va: Va): void {
    [va].forEach((one) => check(one));
  }
}
`;
const CHECK = `export function check(va: bigint): void {
  // Breaks on purpose.
  if (va > 0n) throw new RangeError('no');
}
`;

describe('StackMapper', () => {
  it('should give the places of the submission, innermost first, and nothing else', async () => {
    const compiler = new SubmissionCompiler();
    const sandbox = new Sandbox({ spare: false });

    const { modules, maps, problems } = await compiler.compileSubmission({
      'page-table.ts': PAGE_TABLE,
      'lib/check (1).ts': CHECK,
    });
    await sandbox.load(modules);
    const result = await sandbox.run(walkProgram(), { recordSites: false, wallMs: 20_000 });
    await Promise.all([compiler.close(), sandbox.close()]);

    expect(problems).to.deep.equal([]);
    expect(result)
      .to.have.nested.property('trace.steps[1].outcome.panic.message')
      .that.includes('no');
    const outcome = result.kind === 'trace' ? result.trace.steps[1]?.outcome : undefined;
    const stack = outcome?.kind === 'panic' ? outcome.panic.stack : '';
    expect(new StackMapper(maps).locations(stack)).to.deep.equal([
      { file: 'lib/check (1).ts', line: 3, column: 22 },
      { file: 'page-table.ts', line: 9, column: 32 },
      { file: 'page-table.ts', line: 9, column: 10 },
    ]);
  });

  it('should not be led astray by text that only looks like a place', () => {
    const sut = new StackMapper({});

    expect(
      sut.locations(
        'Error: at submission/page-table.ts:1:1\n at f (submission/%E0%A4.ts:1:1)\n at g (submission/__proto__:1:1)\n at /submission/a.ts',
      ),
    ).to.deep.equal([]);
  });

  it('should take nothing for a place that no engine writes', () => {
    const map = JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' });
    const sut = new StackMapper({ 'a.ts': map });
    const lines = ['0:1', '1:0', '00:01', '-1:1', `${'9'.repeat(400)}:1`, '1:1e9', '1', '1:1'];

    const found = lines.flatMap((line) => sut.locations(`  at f (submission/a.ts:${line})`));

    expect(found).to.deep.equal([{ file: 'a.ts', line: 1, column: 1 }]);
  });
});
