import { expect } from 'chai';
import { eagerProgram } from '../generators/process-scenario.ts';
import type { Panic } from '../protocol/trace.ts';
import { modelFiles } from '../runner/model.ts';
import type { RunResult } from './child-process.ts';
import { FUEL } from './fuel-name.ts';
import { StackMapper } from './stack-mapper.ts';
import { walkProgram } from './testing/sample-programs.ts';
import { processes, walkingTable } from './testing/walking-table.ts';

/** Lines before the body of `walk`. */
const BEFORE = 5;

describe('fuel', () => {
  const both = processes();
  let mapper: StackMapper;

  /** Compiles a page table whose `walk` is `lines`, and walks. */
  async function walk(
    lines: readonly string[],
    trail: 'last' | 'deepest' | null = null,
  ): Promise<RunResult> {
    const { sandbox, compiler } = both;
    const { modules, maps, problems } = await compiler.compileSubmission(walkingTable(lines));
    expect(problems).to.deep.equal([]);
    mapper = new StackMapper(maps);
    await sandbox.load(modules);
    return sandbox.run(walkProgram(), {
      recordSites: false,
      ...(trail === null ? {} : { trail }),
      wallMs: 60_000,
    });
  }

  async function panicOf(lines: readonly string[]): Promise<Panic & { readonly lines: number[] }> {
    const run = await walk(lines);
    expect(run.kind, JSON.stringify(run)).to.equal('trace');
    const outcome = run.kind === 'trace' ? run.trace.steps.at(-1)?.outcome : undefined;
    expect(outcome?.kind).to.equal('panic');
    const { panic } = outcome as { panic: Panic };
    return { ...panic, lines: mapper.locations(panic.stack).map(({ line }) => line - BEFORE) };
  }

  for (const [what, ...lines] of [
    ['for without an end', 'let n = 0;', 'for (;;) n++;'],
    ['while', 'let n = 0;', 'while (true) { n += 1; }'],
    ['do', 'let n = 0;', 'do n++; while (n > 0);'],
    [
      'for of',
      'function* ones() { while (true) yield 1; }',
      'for (const one of ones()) va += BigInt(one);',
    ],
    ['a labelled loop', 'let n = 0;', 'outer: for (;;) for (;;) { n++; continue outer; }'],
    [
      'a switch in a loop',
      'let n = 0;',
      'for (;;) switch (n) { case 0: continue; default: break; }',
    ],
  ] as const) {
    it(`should stop ${what} at its line`, async () => {
      const { kind, message, lines: places } = await panicOf(lines);

      expect(kind).to.equal('limit');
      expect(message).to.match(/^more than 500,000 steps in one operation/);
      expect(places[0]).to.be.oneOf([1, 2]);
      expect(places).to.include(2);
    });
  }

  it('should stop functions that call each other without end, but not deeply', async () => {
    const { kind, lines } = await panicOf([
      'const twice = (n: number): number => n === 0 ? 1 : twice(n - 1) + twice(n - 1);',
      'return twice(40);',
    ]);

    expect(kind).to.equal('limit');
    expect(lines).to.include.members([1, 2]);
  });

  it('should stop code that catches being stopped', async () => {
    const { kind } = await panicOf([
      'for (;;) {',
      '  try { for (;;) { va++; } } catch { va--; } finally { continue; }',
      '}',
    ]);

    expect(kind).to.equal('limit');
  });

  it('should stop code that goes on when the machine has stopped', async () => {
    const run = await walk([
      'for (let n = 0; ; n++) {',
      '  try { this.root.at(-1); } catch { if (n === 100_000) console.log("went on"); }',
      '}',
    ]);

    expect(run).to.have.nested.property('trace.steps[1].outcome.panic.kind', 'panic');
    expect(run).to.have.nested.property('trace.log').that.deep.equals([]);
  });

  it('should stop code that keeps too much memory, at its line', async () => {
    const { message, lines } = await panicOf([
      'const all: unknown[] = [];',
      'for (let i = 0; ; i++) all.push({ i, list: [i, i, i, i, i, i, i, i, i, i, i, i, i, i] });',
    ]);

    expect(message).to.equal('more than 64 MiB of memory are in use');
    expect(lines[0]).to.equal(2);
  });

  it('should let code go on that only makes garbage', async () => {
    const run = await walk([
      'let last: unknown = null;',
      'for (let i = 0; i < 200_000; i++) last = new Array(100).fill(i);',
      'return null;',
    ]);

    expect(run).to.have.nested.property('trace.steps[1].outcome.kind').that.is.not.equal('panic');
  });

  it('should say where the code was when one call takes all memory', async () => {
    const run = await walk(
      ['const fill = () => new Array(2 ** 27).fill(va);', '', 'return [fill(), fill()];'],
      'last',
    );

    expect(run).to.include({ kind: 'died', why: 'memory' });
    const { lastSeen = '' } = run as { lastSeen?: string };
    expect(mapper.locations(lastSeen).map(({ line }) => line - BEFORE)).to.deep.equal([1, 3]);
  });

  it('should leave what code does as it is', async () => {
    const run = await walk([
      'const said: unknown[] = [];',
      'class Base { readonly at: string; constructor(at: string) { this.at = at.trim(); } }',
      'class Derived extends Base { #n = 1; constructor(readonly extra = String(2)) { super(" x "); }',
      '  get twice() { return Math.max(this.#n, 0) * 2; } set twice(n) { this.#n = Math.min(n, 9); } }',
      'const derived = new Derived(); derived.twice = 4; said.push(derived.at, derived.extra, derived.twice);',
      'outer: for (let i = 0; i < 3; i++) for (const j of [0, 1, 2]) { if (j === i) continue outer; if (i === 2) break outer; said.push(i * 10 + j); }',
      'const closures: (() => number)[] = []; for (let i = 0; i < 2; i++) closures.push(() => Number(i)); said.push(...closures.map((f) => f()));',
      'function* count(): Generator<number> { let n = 0; do yield n++; while (n < 2); } said.push(...count());',
      'for (const key in { a: 1, b: 2 }) said.push(key);',
      'if (said.length > 0) for (;;) break; else said.push("never");',
      'console.log(said.join());',
      'return null;',
    ]);

    expect(run).to.have.nested.property('trace.log').that.deep.equals(['x,2,8,10,0,1,0,1,a,b']);
  });

  it('should stop a loop of many calls to the machine as an endless loop, too', async () => {
    const { kind } = await panicOf([`for (;;) { ${'this.root.at(0).pa(); '.repeat(10)}}`]);

    expect(kind).to.equal('limit');
  });

  it('should be enough to look for the last page of a table after every page of 64 MiB', async function () {
    this.timeout(120_000);
    const model = modelFiles();
    const unmapped = 'return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();';
    expect(model['page-table.ts']).to.include(unmapped);
    const { modules, problems } = await both.compiler.compileSubmission({
      ...model,
      'page-table.ts': (model['page-table.ts'] ?? '').replace(
        unmapped,
        `const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
         const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
         const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
         const table = pde.intoPt();
         let first = 0;
         while (first < 512 && table.at(first).pa() === null) first++;
         if (first === 512) Page.fromPa(pde.clear()!).drop();
         return page;`,
      ),
    });
    expect(problems).to.deep.equal([]);
    await both.sandbox.load(modules);

    const run = await both.sandbox.run(
      eagerProgram((p) => {
        p.spawn();
        p.mmap(0x1000_0000, 2 ** 26, 'rwu');
        p.munmap(0x1000_0000);
      }),
      { recordSites: false, wallMs: 100_000 },
    );

    expect(run.kind).to.equal('trace');
    expect(run).to.have.nested.property('trace.steps[2].outcome.kind', 'ok');
  });

  it('should name the line of a field that hangs, although no constructor is written', async () => {
    const { modules, maps } = await both.compiler.compileSubmission({
      'page-table.ts': [
        'export class PageTable {',
        '  drop() {}',
        '  slow = /(a+)+b/.test("a".repeat(40));',
        '}',
      ].join('\n'),
    });
    await both.sandbox.load(modules);

    const run = await both.sandbox.run(
      { ...walkProgram(), ops: walkProgram().ops.slice(0, 1) },
      { recordSites: false, trail: 'last', wallMs: 500 },
    );

    const { lastSeen = '' } = run as { lastSeen?: string };
    expect(new StackMapper(maps).locations(lastSeen)[0]).to.include({ line: 3 });
  });

  it('should refuse code that meddles with it, however it is spelled', async () => {
    for (const name of [FUEL, FUEL.replace('f', '\\u0066')]) {
      const { problems } = await both.compiler.compileSubmission({
        'a.ts': `export const a = 1;\nfunction ${name}() {}`,
      });
      expect(problems[0]?.message).to.equal(
        `the name '${FUEL}' is taken: it counts the steps of your code`,
      );
      expect(problems[0]?.location).to.include({ line: 2 });
    }
  });
});
