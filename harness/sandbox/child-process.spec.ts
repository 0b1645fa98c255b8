import { expect } from 'chai';
import type { Trace } from '../protocol/trace.ts';
import { Sandbox, SandboxError } from './child-process.ts';
import type { CompiledModules } from './compiled-module.ts';
import { pageTableModule, walkProgram } from './testing/sample-programs.ts';

const OPTIONS = { recordSites: false, wallMs: 20_000 };

describe('Sandbox', () => {
  let sut: Sandbox;

  before(() => {
    // Little memory, so that using it up does not take long.
    sut = new Sandbox({ heapMb: 48, dataMb: 128 });
  });
  after(() => sut.close());

  async function trace(modules: CompiledModules, program = walkProgram()): Promise<Trace> {
    await sut.load(modules);
    const result = await sut.run(program, OPTIONS);
    expect(result.kind, JSON.stringify(result)).to.equal('trace');
    return (result as { trace: Trace }).trace;
  }

  const panicOf = ({ steps }: Trace) => {
    const outcome = steps.at(-1)?.outcome;
    return outcome?.kind === 'panic' ? outcome.panic : undefined;
  };

  describe('load and run', () => {
    it('should run a program and tear everything down', async () => {
      const { steps, loadError, teardown } = await trace(
        pageTableModule({ walk: 'throw keos.PageTableMappingError.NotExist;' }),
      );

      expect(loadError).to.equal(null);
      expect(steps.map(({ outcome }) => outcome.kind)).to.deep.equal(['ok', 'error']);
      expect(teardown).to.deep.equal({ outcome: { kind: 'ok' }, leaks: [] });
    });

    it('should instantiate the modules afresh for every program', async () => {
      await sut.load(
        pageTableModule({
          top: 'let loads = 0; loads++;',
          walk: 'console.log(loads, va); loads++;',
        }),
      );

      for (let i = 0; i < 3; i++) {
        const result = await sut.run(walkProgram(), OPTIONS);
        expect(result).to.have.nested.property('trace.log').that.deep.equals(['1 0x1000']);
      }
    });

    it('should forget a submission when another is loaded', async () => {
      await sut.load({
        ...pageTableModule({}),
        'extra.ts': { js: 'exports.a = 1;', freeNames: [] },
      });

      const { loadError } = await trace(pageTableModule({ top: 'require("./extra");' }));

      expect(loadError?.message).to.include('the file extra.ts is missing or does not compile');
    });

    it('should keep what is loaded already', async () => {
      const modules = pageTableModule({ walk: 'console.log("here");' });
      const first = await sut.load(modules);

      expect(await sut.load({ ...modules })).to.equal(first);
      expect(await sut.run(walkProgram(), OPTIONS)).to.have.nested.property('trace.log[0]', 'here');
    });

    it('should name the walls that are up', async () => {
      await sut.load(pageTableModule({}));

      expect(sut.layers).to.include.members(['process', 'wall-clock', 'node-permission', 'ses']);
    });

    it('should do one thing at a time', async () => {
      await sut.load(pageTableModule({}));
      const first = sut.run(walkProgram(), OPTIONS);

      const second = await sut.run(walkProgram(), OPTIONS).catch((error: unknown) => error);

      expect(second).to.be.instanceOf(SandboxError);
      expect((await first).kind).to.equal('trace');
    });
  });

  describe('modules', () => {
    it('should report what a module throws while it is loaded', async () => {
      const { loadError, steps } = await trace(pageTableModule({ top: 'null.x;' }));

      expect(steps).to.deep.equal([]);
      expect(loadError?.message).to.match(/Cannot read properties of null/);
      expect(loadError?.stack).to.include('submission/page-table.ts:4:');
    });

    it('should report a class built on a name that keos does not have', async () => {
      const { loadError } = await trace(
        pageTableModule({ top: 'class X extends keos.Nothing {}' }),
      );

      expect(loadError?.message).to.match(/undefined is not a constructor|value undefined/);
    });

    it('should let files that import each other be loaded', async () => {
      const { log } = await trace({
        ...pageTableModule({ walk: 'console.log(require("./lazy-pager").ask());' }),
        'fork.ts': {
          js: 'const pager = require("./lazy-pager.js"); exports.isCowFault = () => pager.name();',
          freeNames: [],
        },
        'lazy-pager.ts': {
          js: 'const fork = require("./fork"); exports.name = () => "lazy"; exports.ask = () => fork.isCowFault();',
          freeNames: [],
        },
      });

      expect(log).to.deep.equal(['lazy']);
    });

    it('should supply a fork.ts that refuses and an empty pager.ts', async () => {
      const { log, steps } = await trace(
        pageTableModule({
          walk: 'console.log(Object.keys(require("./pager")).length, require("./fork").isCowFault(1)); require("./fork").doCopyOnWrite();',
        }),
      );

      expect(log).to.deep.equal(['0 false']);
      expect(steps[1]?.outcome).to.deep.equal({
        kind: 'error',
        error: 'KernelError.NotSupportedOperation',
      });
    });

    it('should load the other files when one cannot be evaluated', async () => {
      const loaded = await sut.load({
        ...pageTableModule({}),
        'bad.ts': { js: 'await 1', freeNames: [] },
      });

      expect(loaded).to.have.nested.property('unloadable[0].path', 'bad.ts');
      expect((await sut.run(walkProgram(), OPTIONS)).kind).to.equal('trace');
    });

    it('should show student code no stack but its own', async () => {
      const { log } = await trace(
        pageTableModule({
          walk: 'try { keos.Va.add(-1n, 1n); } catch (error) { console.log(error.stack); } console.log(new TypeError("mine").stack);',
        }),
      );

      const lines = log.join('\n').split('\n');
      expect(lines.filter((line) => /^ {2}at /.test(line)).length).to.be.at.least(2);
      for (const line of lines)
        expect(line).to.match(/^ {2}at .*\(?submission\/page-table\.ts:\d+:\d+\)?$|^\w+: [^/]*$/);
    });

    it('should freeze the exports of a sealed module and keep its lines out of stacks', async () => {
      const { log, steps } = await trace({
        ...pageTableModule({
          walk: 'const { Model } = require("./model"); try { Model.prototype.ask = () => 1; } catch { console.log("frozen"); } new Model().ask();',
        }),
        'model.ts': {
          js: 'exports.Model = class Model { ask() { throw new Error("secret"); } };',
          freeNames: [],
          sealed: true,
        },
      });

      expect(log).to.deep.equal(['frozen']);
      expect(panicOf({ steps } as Trace)?.stack)
        .to.include('submission/page-table.ts:')
        .and.not.include('model.ts');
    });
  });

  describe('the language', () => {
    it('should have the classes, collections and bigints a pager is written with', async () => {
      const { log } = await trace(
        pageTableModule({
          walk: `
            class A { #x = 1n; get x() { return this.#x; } static s = new Map([[1n, 'one']]); }
            class Mine extends Error { constructor(m) { super(m); this.name = 'Mine'; } toString() { return 'mine'; } }
            function* gen() { yield* [3, 1, 2]; }
            const o = {}; o.toString = () => 'own'; o.constructor = 1; o.hasOwnProperty = 2;
            console.log(new A().x, A.s.get(1n), [...gen()].sort().join(), BigInt.asIntN(64, 2n ** 64n - 1n), Math.max(1, 2));
            console.log(String(new Mine('m')), String(o), new Uint8Array(4).fill(7).join(''), Number.MAX_SAFE_INTEGER);
            try { throw new Mine('caught'); } catch (e) { console.log(e instanceof Mine, e.message, e); }`,
        }),
      );

      expect(log).to.deep.equal([
        '0x1 one 1,2,3 -0x1 2',
        'mine own 7777 9007199254740991',
        'true caught [error: caught]',
      ]);
    });

    it('should dispose of a page at the end of a block', async () => {
      const { log } = await trace(
        pageTableModule({
          walk: 'const p = keos.Page.new(); console.log(typeof Symbol.dispose, typeof p[Symbol.dispose]); p[Symbol.dispose]();',
        }),
      );

      expect(log).to.deep.equal(['symbol function']);
    });

    for (const [what, code, words] of [
      [
        'the clock',
        'Date.now()',
        'a pager has no clock and no event loop: Date is not available in keos',
      ],
      [
        'timers',
        'setTimeout(() => 1)',
        'a pager has no clock and no event loop: setTimeout is not available in keos',
      ],
      [
        'chance',
        'Math.random()',
        'a pager leaves nothing to chance: Math.random is not available in keos',
      ],
      [
        'the process',
        'process.exit(0)',
        'there is no operating system under a pager: process is not available in keos',
      ],
      [
        'text as code',
        'new Function("return 1")',
        'text cannot be run as code here: Function is not available in keos',
      ],
    ] as const) {
      it(`should refuse ${what} in its own words, with the student's line`, async () => {
        const panic = panicOf(await trace(pageTableModule({ walk: code })));

        expect(panic?.message).to.include(words);
        expect(panic?.stack).to.include('submission/page-table.ts:7:');
      });
    }

    it('should throw for a name that is declared nowhere', async () => {
      const [[path, module]] = Object.entries(pageTableModule({ walk: 'return nowhere + 1;' })) as [
        [string, CompiledModules[string]],
      ];

      const panic = panicOf(await trace({ [path]: { ...module, freeNames: ['nowhere', 'Map'] } }));

      expect(panic?.message).to.include('nowhere is not defined');
    });
  });

  describe('console', () => {
    it('should show values by type, addresses in hex, errors by name', async () => {
      const { log } = await trace(
        pageTableModule({
          walk: 'console.warn(-1n, "a\\nb", 1.5, true, null, undefined, [1], {}, () => 1, Symbol(), keos.KernelError.IOError);',
        }),
      );

      expect(log).to.deep.equal([
        '-0x1 a',
        'b 1.5 true null undefined [object] [object] [function] [symbol] KernelError.IOError',
      ]);
    });

    it('should keep 200 lines and 4,000 characters', async () => {
      const lines = (
        await trace(pageTableModule({ walk: 'for (let i = 0; i < 1e4; i++) console.log(i);' }))
      ).log;
      const long = (
        await trace(
          pageTableModule({ walk: 'for (;;) { console.log("x".repeat(2 ** 20)); return; }' }),
        )
      ).log;

      expect(lines).to.have.length(201);
      expect(lines[199]).to.equal('199');
      expect(long[0]).to.have.length(4_000);
      expect(long).to.have.length(2);
    });

    it('should run no code of the values it shows', async () => {
      const { log } = await trace(
        pageTableModule({
          walk: 'console.log({ toString() { console.log("ran"); }, get message() { console.log("ran"); return "ran"; } });',
        }),
      );

      expect(log).to.deep.equal(['[object]']);
    });
  });

  describe('programs that do not end well', () => {
    it('should survive endless recursion', async () => {
      const panic = panicOf(await trace(pageTableModule({ walk: 'return this.walk(va) + 1;' })));

      expect(panic?.message).to.include('Maximum call stack size exceeded');
      expect(panic?.stack.match(/submission\//g)).to.have.length(50);
    });

    for (const [what, thrown] of [
      ['a string', '"just text"'],
      ['nothing', 'undefined'],
      [
        'an object that throws when it is looked at',
        '{ get message() { throw 1; }, get stack() { throw 2; }, toString() { throw 3; } }',
      ],
      [
        'an error with a hostile stack',
        'Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("ran"); } })',
      ],
    ]) {
      it(`should survive a throw of ${what!}`, async () => {
        expect(panicOf(await trace(pageTableModule({ walk: `throw ${thrown!};` })))?.kind).to.equal(
          'exception',
        );
      });
    }

    for (const [what, code, why] of [
      ['an endless loop', 'for (;;) {}', 'timeout'],
      ['a regular expression that never ends', '/^(a+)+$/.test("a".repeat(40) + "b")', 'timeout'],
      ['a heap that grows', 'const a = []; for (;;) a.push(new Array(10000).fill(va));', 'memory'],
    ] as const) {
      it(`should kill ${what} and go on with the next program`, async () => {
        await sut.load(
          pageTableModule({ walk: `if (va === 0x1000n) { ${code} } console.log("alive");` }),
        );

        const killed = await sut.run(walkProgram(), {
          ...OPTIONS,
          wallMs: why === 'timeout' ? 300 : 60_000,
        });
        const next = await sut.run(walkProgram('0x2000'), OPTIONS);

        expect(killed).to.include({ kind: 'died', why });
        expect(next).to.have.nested.property('trace.log').that.deep.equals(['alive']);
      });
    }

    it('should bound memory outside the heap', async function () {
      if (!sut.layers.includes('rlimits')) this.skip();

      const panic = panicOf(
        await trace(
          pageTableModule({
            walk: 'const a = []; for (;;) a.push(new Uint8Array(64 << 20).fill(1));',
          }),
        ),
      );

      expect(panic?.message).to.include('Array buffer allocation failed');
    });
  });

  describe('close', () => {
    it('should refuse to be used afterwards', async () => {
      const closed = new Sandbox({ spare: false });
      await closed.close();

      expect(
        await closed.load(pageTableModule({})).catch((error: unknown) => error),
      ).to.be.instanceOf(SandboxError);
    });

    it('should end a run that is under way', async () => {
      const closing = new Sandbox({ spare: false });
      await closing.load(pageTableModule({ walk: 'for (;;) {}' }));
      const running = closing.run(walkProgram(), OPTIONS);

      await closing.close();

      expect(await running).to.include({ kind: 'died' });
    });
  });
});
