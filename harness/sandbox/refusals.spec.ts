import { expect } from 'chai';
import { StackMapper } from './stack-mapper.ts';
import { walkProgram } from './testing/sample-programs.ts';
import { processes, walkingTable } from './testing/walking-table.ts';

/** The line of the code that is refused. */
const LINE = 6;

const CLOCK = 'a pager has no clock and no event loop';
const SYSTEM = 'there is no operating system under a pager';
const TEXT = 'text cannot be run as code here';
const NEEDLESS = 'a pager does not need it';

/** What code says, and what it is told: when it runs, or (`Problem`) when it is compiled. */
const RUNNING: readonly (readonly [code: string, told: string])[] = [
  ['return new Date();', `Error: ${CLOCK}: Date is not available in keos`],
  ['return Date.now();', `Error: ${CLOCK}: Date is not available in keos`],
  ['return performance.now();', `Error: ${CLOCK}: performance is not available in keos`],
  ['setTimeout(() => 1, 1);', `Error: ${CLOCK}: setTimeout is not available in keos`],
  ['setInterval(() => 1, 1);', `Error: ${CLOCK}: setInterval is not available in keos`],
  ['globalThis.setTimeout(() => 1);', `Error: ${CLOCK}: setTimeout is not available in keos`],
  ['queueMicrotask(() => 1);', `Error: ${CLOCK}: queueMicrotask is not available in keos`],
  ['new Promise(() => 1);', `Error: ${CLOCK}: Promise is not available in keos`],
  ['Promise.resolve(1);', `Error: ${CLOCK}: Promise is not available in keos`],
  ['void (async () => { await 1; })();', `${CLOCK}: async code is not available in keos`],
  ['void (async (x = 1) => x)();', `${CLOCK}: async code is not available in keos`],
  ['void (async function* () { yield 1; })();', `${CLOCK}: async code is not available in keos`],
  ['void { async load() { return 1; } }.load();', `${CLOCK}: async code is not available in keos`],
  ['try { void (async () => 1)(); } catch {}', `${CLOCK}: async code is not available in keos`],
  [
    'return Math.random();',
    'Error: a pager leaves nothing to chance: Math.random is not available in keos',
  ],
  ['process.exit(0);', `Error: ${SYSTEM}: process is not available in keos`],
  ['return Buffer.from([]);', `Error: ${SYSTEM}: Buffer is not available in keos`],
  ['fetch("x");', `Error: ${SYSTEM}: fetch is not available in keos`],
  ['return (0, eval)("1");', `Error: ${TEXT}: eval is not available in keos`],
  ['return new Function("return 1")();', `Error: ${TEXT}: Function is not available in keos`],
  [
    'return (() => 1).constructor("return 1");',
    `TypeError: ${TEXT}: the constructor of a function is not available in keos`,
  ],
  [
    'return Object.getPrototypeOf(function* () {}).constructor("yield 1");',
    `TypeError: ${TEXT}: the constructor of a function is not available in keos`,
  ],
  [
    'return nowhere;',
    "ReferenceError: nowhere is not defined: declare it, or import it from 'keos' or the file that has it",
  ],
  [
    'nowhere = 1;',
    "ReferenceError: nowhere is not defined: declare it, or import it from 'keos' or the file that has it",
  ],
  ['return new Proxy({}, {});', `Error: ${NEEDLESS}: Proxy is not available in keos`],
  ['return new Float64Array(1);', `Error: ${NEEDLESS}: Float64Array is not available in keos`],
  ['return new WeakRef({});', `Error: ${NEEDLESS}: WeakRef is not available in keos`],
  ['module.exports = 1;', `Error: ${NEEDLESS}: module is not available in keos`],
];

const COMPILED: readonly (readonly [code: string, told: string])[] = [
  [
    'return eval("1");',
    'the text eval( cannot stand here: it would be taken for code that loads or runs other code',
  ],
  ['return require("fs");', `'require(…)' is not available: write import { … } from '…'`],
  ['return import("fs");', `'import(…)' is not available: import at the top of the file`],
];

describe('what is refused', () => {
  const both = processes();
  const files = (code: string): Record<string, string> =>
    walkingTable([`    ${code}`, '    return va;']);

  for (const [code, told] of RUNNING) {
    it(`should be told in our words, with the line: ${code}`, async () => {
      const { modules, maps, problems } = await both.compiler.compileSubmission(files(code));
      expect(problems).to.deep.equal([]);
      await both.sandbox.load(modules);

      const run = await both.sandbox.run(walkProgram(), { recordSites: false, wallMs: 60_000 });

      const outcome = run.kind === 'trace' ? run.trace.steps.at(-1)?.outcome : undefined;
      if (outcome?.kind !== 'panic') expect.fail(JSON.stringify(run));
      expect(outcome.panic.message).to.equal(told);
      const [place] = new StackMapper(maps).locations(outcome.panic.stack);
      expect(place).to.include({ file: 'page-table.ts', line: LINE });
    });
  }

  for (const [code, told] of COMPILED) {
    it(`should be told before anything runs: ${code}`, async () => {
      const { problems } = await both.compiler.compileSubmission(files(code));

      expect(problems[0]?.message).to.equal(told);
      expect(problems[0]?.location).to.include({ file: 'page-table.ts', line: LINE });
    });
  }

  it('should leave Function for questions, and for nothing that stays', async () => {
    const code =
      'const asked: any = Function; if (!(va as any instanceof Function) && (() => 1) instanceof Function && Object.isFrozen(asked)) throw new Error("asked");';
    const { modules } = await both.compiler.compileSubmission(files(code));
    await both.sandbox.load(modules);

    const run = await both.sandbox.run(walkProgram(), { recordSites: false, wallMs: 60_000 });

    expect(run).to.have.nested.property('trace.steps[1].outcome.panic.message', 'Error: asked');
  });

  it('should not be there for typeof, whatever else is done with it', async () => {
    const code = [
      'if (typeof process !== "undefined" && process.env.DEBUG) throw 1;',
      'if (typeof structuredClone === "function") structuredClone(1);',
      'const answers = [typeof Date, typeof eval, typeof Map, typeof toString];',
      'for (const window of [1]) answers.push(typeof window);',
      'const named = (crypto: number) => typeof crypto, other = (Buffer: number) => Buffer;',
      'answers.push(named(1), typeof (crypto), typeof Buffer, typeof (() => other)());',
      'throw new Error(answers.join());',
    ];
    const { modules } = await both.compiler.compileSubmission(files(code.join(' ')));
    await both.sandbox.load(modules);

    const run = await both.sandbox.run(walkProgram(), { recordSites: false, wallMs: 60_000 });

    expect(run).to.have.nested.property(
      'trace.steps[1].outcome.panic.message',
      'Error: undefined,undefined,function,function,number,number,undefined,undefined,function',
    );
  });

  it('should cost nothing where it is never reached, or only asked for', async () => {
    const code =
      'if (va === 1n) { void (async () => 1)(); void new Date(); } if (typeof Proxy !== "undefined") throw 1;';
    const { modules } = await both.compiler.compileSubmission(files(code));
    await both.sandbox.load(modules);

    const run = await both.sandbox.run(walkProgram(), { recordSites: false, wallMs: 60_000 });

    expect(run).to.have.nested.property('trace.steps[1].outcome.kind', 'bad-value');
  });
});
