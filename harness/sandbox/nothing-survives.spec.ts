import { expect } from 'chai';
import type { Panic } from '../protocol/trace.ts';
import { StackMapper } from './stack-mapper.ts';
import { walkProgram } from './testing/sample-programs.ts';
import { processes, walkingTable } from './testing/walking-table.ts';

/** In line 2 of the module. */
const RECURSE = 'let depth = 0; const recurse = (): number => { depth++; return recurse() + 1; };';

describe('what a program leaves behind', () => {
  const both = processes();
  let mapper: StackMapper;

  /** What a page table made of these lines throws when it walks, in three programs one after the other. */
  async function thrown(top: string, walk: string): Promise<readonly Panic[]> {
    const { sandbox, compiler } = both;
    const { modules, maps, problems } = await compiler.compileSubmission(
      walkingTable([walk], [top]),
    );
    expect(problems).to.deep.equal([]);
    mapper = new StackMapper(maps);
    await sandbox.load(modules);
    const panics: Panic[] = [];
    for (let run = 0; run < 3; run++) {
      const played = await sandbox.run(walkProgram(), { recordSites: false, wallMs: 60_000 });
      const outcome = played.kind === 'trace' ? played.trace.steps.at(-1)?.outcome : undefined;
      expect(outcome?.kind, JSON.stringify(played)).to.equal('panic');
      panics.push((outcome as { readonly panic: Panic }).panic);
    }
    return panics;
  }

  // Each tries to count the programs: `tell` throws what it has found, which must be the same every time.
  for (const [where, top, walk, found] of [
    ['a variable of a module', 'let n = 0;', 'n++; throw new Error(String(n));', '1'],
    [
      'the `this` of a module',
      'const self: any = this;',
      'if (self) self.n = (self.n ?? 0) + 1; throw new Error(typeof self);',
      'undefined',
    ],
    [
      'the `this` of a function',
      'const self: any = (function (this: unknown) { return this; })();',
      'throw new Error(typeof self);',
      'undefined',
    ],
    [
      'the object of a template',
      'const tag = (strings: any) => strings; const site = () => tag`x${1}`;',
      'const s = site(); try { s.n = 1; } catch {} try { s.raw.n = 1; } catch {} throw new Error(`${s.n} ${s.raw.n}`);',
      'undefined undefined',
    ],
    [
      'a map keyed by the object of a template',
      'const tag = (strings: any) => strings; const site = () => tag`x`; const seen = new WeakMap<object, number>();',
      'const n = (seen.get(site()) ?? 0) + 1; seen.set(site(), n); throw new Error(String(n));',
      '1',
    ],
    [
      'a private field put on the object of a template',
      `class Returns { constructor(o: any) { return o; } }
       class Stamp extends Returns { #n = 1; static has(o: any) { return #n in o; } }
       const tag = (strings: any) => strings; const site = () => tag\`x\`;`,
      'const was = Stamp.has(site()); try { new Stamp(site()); } catch {} throw new Error(String(was));',
      'false',
    ],
    [
      'a regular expression',
      'const pattern = /a/g; const inner = () => /a/g;',
      'pattern.test("aaa"); const i = inner(); i.test("aaa"); throw new Error(`${pattern.lastIndex} ${i.lastIndex}`);',
      '1 1',
    ],
    [
      'what the last match was',
      '',
      'const R: any = /x/.constructor; const was = `${R.$1} ${R.lastMatch} ${R["$&"]}`; /(b)/.test("abc"); throw new Error(was);',
      'undefined undefined undefined',
    ],
    [
      'how long stacks are',
      '',
      'const E: any = Error; const was = E.stackTraceLimit; try { E.stackTraceLimit = 2; } catch {} throw new Error(String(was));',
      'undefined',
    ],
    [
      'how stacks are written',
      '',
      'const E: any = Error; const was = typeof new E("a").stack; try { E.prepareStackTrace = () => 1; } catch {} throw new Error(`${was} ${typeof new E("b").stack}`);',
      'string string',
    ],
    [
      'the console',
      '',
      'const c: any = console; try { c.n = 1; } catch {} try { c.log.n = 1; } catch {} throw new Error(`${c.n} ${c.log.n}`);',
      'undefined undefined',
    ],
    [
      'the global object',
      '',
      'const g: any = globalThis; try { g.n = 1; } catch {} throw new Error(String(g.n));',
      'undefined',
    ],
    [
      'shared prototypes',
      '',
      'const p: any = [Object, Array, Map, RegExp, Error, Symbol].map((one) => one.prototype); for (const o of p) try { o.n = 1; } catch {} throw new Error(p.map((o: any) => o.n).join());',
      ',,,,,',
    ],
    [
      'what is imported',
      '',
      'const k: any = PageTableRoot; try { k.n = 1; } catch {} try { k.prototype.n = 1; } catch {} throw new Error(`${k.n} ${k.prototype.n}`);',
      'undefined undefined',
    ],
    [
      'the registry of symbols',
      '',
      'const s: any = Symbol.for("n"); try { s.n = 1; } catch {} throw new Error(String(s.n));',
      'undefined',
    ],
    [
      'what is caller of what',
      '',
      'const f: any = function () { return f.caller; }; let c: any; try { c = f(); } catch { c = null; } throw new Error(String(c ?? "nobody"));',
      'nobody',
    ],
  ] as const) {
    it(`should not be in ${where}`, async () => {
      const messages = (await thrown(top, walk)).map(({ message }) => message);

      expect(messages).to.deep.equal([0, 1, 2].map(() => `Error: ${found}`));
    });
  }

  // The probes throw for an object that does not have the hidden state.
  it('should not be in anything that programs share: all of it is frozen, and nothing in it holds more than its properties', async () => {
    const [panic] = await thrown(
      `import * as keos from 'keos';
       import * as veridian from 'veridian';
       const typed = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!;
       const source = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source')!.get!;
       const bytes = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!;
       const hidden: ((one: any) => unknown)[] = [
         (one) => Map.prototype.has.call(one, 1),
         (one) => Set.prototype.has.call(one, 1),
         (one) => WeakMap.prototype.has.call(one, {}),
         (one) => WeakSet.prototype.has.call(one, {}),
         (one) => bytes.call(one),
         (one) => { if (Object.getPrototypeOf(one) === null) throw 1; return typed.call(one); },
         (one) => { if (one === RegExp.prototype) throw 1; return source.call(one); },
       ];
       function look(): string {
         const found: string[] = [];
         const seen = new Set<unknown>();
         const open: [unknown, string][] = [[keos, 'keos'], [veridian, 'veridian'], [globalThis, 'globalThis'], [console, 'console']];
         for (const made of [function* () {}, [][Symbol.iterator](), new Map().keys(), /x/, () => 1])
           open.push([Object.getPrototypeOf(made), 'what made ' + typeof made]);
         for (let next = open.pop(); next !== undefined; next = open.pop()) {
           const [one, path] = next;
           if (one === null || (typeof one !== 'object' && typeof one !== 'function') || seen.has(one)) continue;
           seen.add(one);
           if (!Object.isFrozen(one)) found.push('not frozen: ' + path);
           for (const probe of hidden) { try { probe(one); } catch { continue; } found.push('has state: ' + path); }
           for (const key of Reflect.ownKeys(one)) {
             const { value, get, set } = Object.getOwnPropertyDescriptor(one, key)!;
             for (const each of [value, get, set]) open.push([each, path + '.' + String(key)]);
           }
           open.push([Object.getPrototypeOf(one), path + '.__proto__']);
         }
         return (seen.size > 500 ? 'many' : 'few') + ' seen; ' + found.join(', ');
       }`.replaceAll('\n', ' '),
      'throw new Error(look());',
    );

    expect(panic?.message).to.equal('Error: many seen; ');
  });

  // How deep a recursion goes tells what the engine has compiled, and that stays.
  for (const [how, walk] of [
    ['catch', 'try { recurse(); } catch { }'],
    ['catch with a name', 'try { recurse(); } catch (error) { }'],
    ['catch with a pattern', 'try { recurse(); } catch ({ message }: any) { message = ""; }'],
    ['finally', '(() => { try { recurse(); } finally { return; } })();'],
    [
      'finally after another catch',
      '(() => { try { throw 1; } catch { recurse(); } finally { return; } })();',
    ],
    [
      'a finally that throws something else',
      'try { try { recurse(); } finally { throw 1; } } catch { }',
    ],
    ['using', 'try { using it = { [Symbol.dispose]() { recurse(); } }; throw it; } catch { }'],
    [
      'many at once of using',
      `try { ${Array.from({ length: 12 }, (_, nth) => `using other${String(nth)} = { [Symbol.dispose]() { throw 1; } };`).join(' ')} using deep = { [Symbol.dispose]() { recurse(); } }; } catch { }`,
    ],
  ] as const) {
    it(`should not be told by a stack that overflows, by way of ${how}`, async () => {
      const panics = await thrown(RECURSE, `${walk} throw new Error(String(depth));`);

      for (const { kind, message, stack } of panics) {
        expect(kind).to.equal('limit');
        expect(message).to.equal('the call stack is used up: is there a recursion without an end?');
        expect(mapper.locations(stack)[0]).to.include({ file: 'page-table.ts', line: 2 });
      }
    });
  }

  it('should not be told by the memory that is left', async () => {
    const panics = await thrown(
      '',
      'try { new ArrayBuffer(2 ** 40); } catch { } throw new Error("caught");',
    );

    for (const { kind, message } of panics)
      expect({ kind, message }).to.deep.equal({
        kind: 'limit',
        message: 'the memory for typed arrays is used up',
      });
  });

  it('should not be told by errors in errors without an end', async () => {
    const [panic] = await thrown(
      '',
      'let all: object = {}; for (let i = 0; i < 2000; i++) all = { error: all }; try { throw all; } catch { } throw new Error("caught");',
    );

    expect(panic).to.include({ kind: 'limit', message: 'an error holds more than 1000 others' });
  });

  it('should leave an error that holds itself to the code that catches it', async () => {
    const [panic] = await thrown(
      '',
      'const own: any = {}; own.error = own; try { throw own; } catch { } throw new Error("caught");',
    );

    expect(panic?.message).to.equal('Error: caught');
  });

  it('should leave other errors to the code that catches them', async () => {
    const [panic] = await thrown(
      '',
      `let told = '';
       try { throw new RangeError('mine'); } catch ({ message }: any) { message += '!'; told = message; }
       try { null!.toString(); } catch { told += ' caught'; } finally { told += ' at last'; }
       throw new Error(told);`,
    );

    expect(panic?.message).to.equal('Error: mine! caught at last');
  });
});
