import { expect } from 'chai';
import type { Trace } from '../protocol/trace.ts';
import { Sandbox } from './child-process.ts';
import type { CompiledModules } from './compiled-module.ts';
import { pageTableModule, walkProgram } from './testing/sample-programs.ts';

/**
 * Each attack is the text of student code that goes straight into the child, past the refusals of the compiler, so that what is tested
 * is the walls of the running process alone. It prints `PWN` when it has obtained what it was after.
 */
interface Attack {
  readonly top?: string;
  readonly walk?: string;
}

const GAINED = (what: string) => `console.log('PWN ${what}')`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'exit the process': { top: 'process.exit(0);' },
  'exit through the global object': { top: '(function () { return this; })().process.exit(0);' },
  'exit through a constructor': { walk: `keos.Page.new.constructor('return process')().exit(0);` },
  'reach the process through an error': {
    walk: `try { keos.Va.add(-1n, 1n); } catch (e) { ${GAINED('')}; e.constructor.constructor('return process')().exit(0); }`.replace(
      GAINED(''),
      '1',
    ),
  },
  'require a module of Node': { top: `require('fs'); ${GAINED('fs')};` },
  'require by path': { top: `require('/etc/hostname'); ${GAINED('file')};` },
  'require outside the submission': { top: `require('../../package.json'); ${GAINED('file')};` },
  'import()': { top: `import('fs').then(() => ${GAINED('fs')});` },
  'import.source()': {
    top: `import.source('data:application/wasm;base64,AGFzbQEAAAA=').then(() => ${GAINED('loader')});`,
  },
  'import() in a generated function': {
    walk: `const F = (() => {}).constructor; F('s', 'return im' + 'port(s)')('fs').then(() => ${GAINED('fs')});`,
  },
  'import() in an indirect eval': { walk: `(0, eval)('im' + 'port("fs")'); ${GAINED('eval')};` },
  'generator and async constructors': {
    walk: `
      for (const f of [function* () {}, async () => {}, async function* () {}]) {
        try { f.constructor('return this')(); ${GAINED('constructor')}; } catch {}
      }`,
  },
  'a global of Node': {
    walk: `
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        try { if (globalThis[name]?.getuid || globalThis[name]?.alloc) ${GAINED('node')}; } catch {}
      }`,
  },
  'write on the global object': { walk: `globalThis.kept = 1; ${GAINED('global')};` },
  'patch Array.prototype': { walk: `Array.prototype.push = () => 0; ${GAINED('push')};` },
  'patch Map.prototype': { walk: `Map.prototype.get = () => 'ledger'; ${GAINED('get')};` },
  'patch a method of bigint': {
    walk: `BigInt.prototype.toString = () => '0'; ${GAINED('toString')};`,
  },
  'a setter on Object.prototype': {
    walk: `Object.defineProperty(Object.prototype, 'value', { get: () => 1, set() {} }); ${GAINED('setter')};`,
  },
  'toJSON on Object.prototype': {
    walk: `Object.defineProperty(Object.prototype, 'toJSON', { value: () => ({}) }); ${GAINED('toJSON')};`,
  },
  'patch keos': {
    walk: `
      const page = keos.Page.new();
      for (const o of [keos, keos.Va, keos.Page, Object.getPrototypeOf(page), Object.getPrototypeOf(page.inner()), keos.KernelError]) {
        try { o.added = 1; ${GAINED('property')}; } catch {}
        for (const key of Reflect.ownKeys(o)) {
          try { Object.defineProperty(o, key, { value: () => 0n }); ${GAINED('method')}; } catch {}
          try { if (delete o[key]) ${GAINED('delete')}; } catch {}
        }
      }
      page.drop();`,
  },
  'the helpers of the driver': {
    walk: `
      const page = keos.Page.new();
      const statics = [keos.Page, page.constructor, keos.PageRef, keos.PageTableRoot, this.root.constructor];
      for (const C of statics) for (const key of ['frameOf', 'consume', 'adopt', 'addressOf']) if (C[key]) ${GAINED('helper')};
      page.drop();`,
  },
  'a machine class built by hand': {
    walk: `
      const page = keos.Page.new();
      const entry = this.root.at(0);
      for (const o of [entry, page.inner(), Object.getPrototypeOf(entry), page]) {
        try { if (new o.constructor('x', 0, () => null, null).readU64 ?? new o.constructor('x', 0, () => null, null).word) ${GAINED('view')}; } catch {}
      }
      page.drop();`,
  },
  'the text of another module': {
    walk: `for (const f of [keos.Page, keos.Page.new, keos.attempt, this.walk, console.log, require]) if (!/^function [\\w]*\\(\\) \\{ \\[native code\\] \\}$/.test(Function_(f))) ${GAINED('source')}; function Function_(f) { return (() => {}).toString.call(f); }`,
  },
  'run between two requests': {
    walk: `Promise.resolve().then(() => ${GAINED('async')}); (async () => { await null; ${GAINED('async')}; })();`,
  },
  'an unhandled rejection': {
    walk: `Promise.reject(new Error('boom')); (async () => { throw 1; })();`,
  },
  'a second answer on the pipe': {
    walk: `require('fs').writeSync(4, '\\x02\\0\\0\\0{}'); ${GAINED('pipe')};`,
  },
  'an answer on standard output': {
    walk: `console.log(JSON.stringify({ is: 'trace', trace: {} }));`,
  },
  prepareStackTrace: {
    walk: `
      let sites;
      try { Error.prepareStackTrace = (e, s) => { sites = s; return 'x'; }; } catch {}
      new Error('x').stack; try { null.x; } catch (e) { e.stack; }
      if (sites) ${GAINED('call sites')};`,
  },
  'captureStackTrace of the caller': {
    walk: `try { const o = {}; Error.captureStackTrace(o); if (typeof o.stack === 'object') ${GAINED('sites')}; } catch {}`,
  },
  'the caller of a function': {
    walk: `try { if (arguments.callee.caller) ${GAINED('caller')}; } catch {}`,
  },
  'a detached buffer or shared memory': {
    walk: `if (typeof SharedArrayBuffer === 'function' || typeof Atomics === 'object' || typeof WebAssembly === 'object') ${GAINED('shared')};`,
  },
  'observing the garbage collector': {
    walk: `if (typeof WeakRef === 'function' || typeof FinalizationRegistry === 'function') ${GAINED('gc')};`,
  },
  'a clock': {
    walk: `
      for (const tell of [() => Date.now(), () => new Date(), () => performance.now(), () => Math.random(), () => process.hrtime()]) {
        try { tell(); ${GAINED('clock')}; } catch {}
      }`,
  },
  'the properties of the object of an import': {
    walk: `const m = require('keos'); m.Page = 1; ${GAINED('keos')};`,
  },
};

const OPTIONS = { recordSites: false, wallMs: 2_000 };

describe('attacks on the running process', () => {
  let sut: Sandbox;

  before(() => {
    sut = new Sandbox({ heapMb: 48, dataMb: 128 });
  });
  after(() => sut.close());

  describe('each in a program of its own', () => {
    const names = Object.keys(ATTACKS);
    const number = (name: string) => `0x${(names.indexOf(name) + 1).toString(16)}000` as const;

    before(async () => {
      // One submission: the address walked chooses the attack.
      const modules = Object.entries(ATTACKS).map(([name, attack]) => [
        `attack-${number(name)}.ts`,
        pageTableModule(attack)['page-table.ts'],
      ]);
      const walk = `
        const attack = require('./attack-0x' + va.toString(16));
        const table = new attack.PageTable();
        try { return table.walk(va); } finally { table.drop(); }`;
      await sut.load({
        ...pageTableModule({ walk }),
        ...(Object.fromEntries(modules) as CompiledModules),
      });
    });

    for (const name of names) {
      it(`should gain nothing by: ${name}`, async () => {
        const attacked = await sut.run(walkProgram(number(name)), OPTIONS);
        const again = await sut.run(walkProgram(number(name)), OPTIONS);

        expect(attacked.kind, JSON.stringify(attacked)).to.equal('trace');
        expect(JSON.stringify((attacked as { trace: Trace }).trace)).not.to.include('PWN');
        expect(again).to.deep.equal(attacked);
      });
    }

    it('should have left the process as it was', async () => {
      await sut.run(walkProgram('0xff000'), OPTIONS);
      const result = await sut.run(walkProgram(number('an answer on standard output')), OPTIONS);

      expect(result).to.have.nested.property('trace.log[0]').that.includes('"is":"trace"');
    });
  });

  it('should not be fooled by values that change between two looks', async () => {
    const results: unknown[] = [];
    for (const value of [
      '{ valueOf() { return 1n; }, toJSON() { return { is: "trace" }; }, [Symbol.toPrimitive]() { return 1n; } }',
      '{ get frame() { console.log("PWN read"); return 1; }, then(f) { console.log("PWN then"); f(1); } }',
      'Object.create(keos.Page.new())',
    ]) {
      await sut.load(pageTableModule({ walk: `return ${value};` }));
      results.push(await sut.run(walkProgram(), OPTIONS));
    }

    for (const result of results) {
      expect(result).to.have.nested.property('trace.steps[1].outcome.kind', 'bad-value');
      expect(JSON.stringify(result)).not.to.include('PWN');
    }
  });

  it('should stop the machine when the stack overflows inside it, whatever is caught', async () => {
    await sut.load(
      pageTableModule({
        walk: `
          const f = () => { try { keos.Page.new().drop(); } catch {} f(); };
          for (let i = 0; i < 20; i++) { const g = (k) => { if (k) g(k - 1); else f(); }; try { g(i); } catch {} }`,
      }),
    );

    const result = await sut.run(walkProgram(), { ...OPTIONS, wallMs: 10_000 });

    expect(result.kind, JSON.stringify(result)).to.equal('trace');
    // Either no call was cut short, then nothing leaked; or one was, and the machine says so.
    const { steps, teardown } = (result as { trace: Trace }).trace;
    const outcome = steps[1]?.outcome;
    if (outcome?.kind === 'panic') expect(outcome.panic.kind).to.be.oneOf(['torn', 'limit']);
    else expect(teardown?.leaks).to.deep.equal([]);
  });

  it('should have every object of veridian frozen', async () => {
    await sut.load(
      pageTableModule({
        walk: `
          const veridian = require('veridian');
          const frame = veridian.FRAME_ALLOCATOR.allocateFrame();
          const error = veridian.KernelError.InvalidAddress({ addr: 1n });
          const seen = new Set();
          const visit = (o, path) => {
            if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return;
            seen.add(o);
            if (!Object.isFrozen(o)) console.log('PWN open: ' + path);
            visit(Object.getPrototypeOf(o), path + '.__proto__');
            for (const key of Reflect.ownKeys(o)) visit(Object.getOwnPropertyDescriptor(o, key).value, path + '.' + String(key));
          };
          visit(veridian, 'veridian');
          visit(error, 'error');
          visit(Object.getPrototypeOf(veridian.physToVirtAddr(frame * veridian.PAGE_SIZE)), 'bytes');
          if (veridian.physToVirtAddr(frame * veridian.PAGE_SIZE).constructor !== Object) console.log('PWN constructor');
          for (const make of [() => ({ ...error }), () => Object.create(error), () => Object.create(Object.getPrototypeOf(error))])
            if (veridian.attempt(() => { try { throw make(); } catch (e) { return e; } }).ok !== true) console.log('PWN attempt');
          veridian.FRAME_ALLOCATOR.freeFrame(frame);
          console.log('visited', seen.size > 40);`,
      }),
    );

    const result = await sut.run(walkProgram(), OPTIONS);

    expect(result, JSON.stringify(result))
      .to.have.nested.property('trace.log')
      .that.deep.equals(['visited true']);
  });

  it('should have every object of the interface frozen', async () => {
    await sut.load(
      pageTableModule({
        walk: `
          const page = keos.Page.new();
          const seen = new Set();
          const visit = (o, path, sample) => {
            if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return;
            seen.add(o);
            if (!sample && !Object.isFrozen(o)) console.log('PWN open: ' + path);
            visit(Object.getPrototypeOf(o), path + '.__proto__');
            for (const key of Reflect.ownKeys(o)) {
              const d = Object.getOwnPropertyDescriptor(o, key);
              for (const part of [d.value, d.get, d.set]) visit(part, path + '.' + String(key));
            }
          };
          const samples = { keos, page, bytes: page.inner(), ref: keos.PageRef.fromPa(page.pa()), root: this.root };
          let entry = (samples.pml4e = this.root.at(0).setPa(page.pa()));
          for (const into of ['intoPdp', 'intoPd', 'intoPt']) entry = samples['of ' + into] = (samples[into] = entry[into]()).at(0).setPa(page.pa());
          for (const [name, sample] of Object.entries(samples)) visit(sample, name, true);
          visit(globalThis, 'globalThis'); visit(console, 'console'); visit(require('./fork'), 'fork'); visit(require, 'require');
          console.log('visited', seen.size > 300);
          this.root.at(0).clear();
          page.drop();`,
      }),
    );

    const result = await sut.run(walkProgram(), OPTIONS);

    expect(result, JSON.stringify(result))
      .to.have.nested.property('trace.log')
      .that.deep.equals(['visited true']);
  });
});
