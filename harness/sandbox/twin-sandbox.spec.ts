import { expect } from 'chai';
import { processProgram } from '../generators/process-scenario.ts';
import { modelFiles } from '../runner/model.ts';
import { SubmissionCompiler } from './compile-process.ts';
import { TwinSandbox } from './twin-sandbox.ts';

describe('TwinSandbox', () => {
  const compiler = new SubmissionCompiler();
  const sut = new TwinSandbox({ spare: false });
  const options = { recordSites: false, wallMs: 20_000 };
  const program = processProgram((p) => {
    p.spawn();
    p.mmap(0x1000, 0x1000, 'rwu');
    p.write(0x1000, 7);
    p.read(0x1000);
  });

  before(async () => {
    await sut.load((await compiler.compileSubmission(modelFiles())).modules);
  });

  after(() => Promise.all([sut.close(), compiler.close()]));

  it('should play two programs at a time, and the same way', async () => {
    const runs = await Promise.all([sut.run(program, options), sut.run(program, options)]);

    expect(runs.map(({ kind }) => kind)).to.deep.equal(['trace', 'trace']);
    expect(runs[0]).to.deep.equal(runs[1]);
  });

  it('should play on what was loaded last, also in the process that is needed later', async () => {
    const files = { ...modelFiles(), 'lazy-pager.ts': 'export class LazyPager {}' };
    await sut.load((await compiler.compileSubmission(files)).modules);

    const runs = await Promise.all([sut.run(program, options), sut.run(program, options)]);

    for (const run of runs)
      expect(
        run.kind === 'trace' && run.trace.steps.some(({ outcome }) => outcome.kind !== 'ok'),
      ).to.equal(true);
  });

  it('should give up a program when it is interrupted, and play the next one in a fresh process', async () => {
    const load = async (files: Record<string, string>): Promise<unknown> =>
      sut.load((await compiler.compileSubmission(files)).modules);
    // One call of a built-in function, whose steps nobody counts.
    const hanging = 'export class LazyPager { hang = /^(a+)+$/.test("a".repeat(60) + "b"); }';
    await load({ ...modelFiles(), 'lazy-pager.ts': hanging });
    const run = sut.run(program, options);

    sut.interrupt();

    expect(await run).to.include({ kind: 'died', why: 'crash' });
    await load(modelFiles());
    expect(await sut.run(program, options)).to.include({ kind: 'trace' });
  });
});
