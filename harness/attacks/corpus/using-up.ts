/** Using up what the grader has: time, memory, output, room in an answer. */
import { byLazyPager, byTable, ofKind } from '../define.ts';
import { EVERY_TABLE_CALL } from '../emitted-code.ts';

export const USING_UP = ofKind('using up', [
  byTable('infinite-loop', 'Never come back.', { walk: `for (;;) {}` }),
  byTable('infinite-loop-at-load', 'Never come back while the module is loaded.', {
    top: `for (;;) {}`,
  }),
  byTable('infinite-loop-in-drop', 'Never come back when all is over.', {
    members: `drop() { for (;;) {} }`,
  }),
  byTable('infinite-iterator', 'Hand an endless iterator to a function of the engine.', {
    walk: `return Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });`,
  }),
  byTable(
    'getter-recursion',
    'Use time in getters, which burn no fuel because they call nothing.',
    {
      walk: `const o = { get x() { try { return this.x; } catch { return this.x; } } }; return o.x;`,
    },
  ),
  byTable('heap-bomb', 'Use all memory for objects.', {
    walk: `const a = []; for (;;) a.push(new Array(10000).fill(va));`,
  }),
  byTable('arraybuffer-bomb', 'Use all memory for buffers.', {
    walk: `const a = []; for (;;) { const b = new Uint8Array(64 << 20); b.fill(1); a.push(b); }`,
  }),
  byTable('huge-string', 'Make the longest string there is, and return it.', {
    walk: `return 'x'.repeat(2 ** 28);`,
  }),
  byTable('string-of-strings', 'Double a string until it no longer fits.', {
    walk: `let s = 'x'; for (;;) { s += s; if (s.length > 2 ** 26) s.charCodeAt(1000); }`,
  }),
  byTable('join-bomb', 'Make an enormous text out of few objects that share their parts.', {
    walk: `let a = ['x']; for (let i = 0; i < 60; i++) a = [a, a]; return a.join();`,
  }),
  byTable('replace-bomb', 'Multiply a text by replacing it with itself.', {
    walk: `let s = 'aaaaaaaaaa'; for (let i = 0; i < 12; i++) s = s.replaceAll('a', s.slice(0, 1000)); return s;`,
  }),
  byTable('sparse-array', 'Have the engine go through two thousand million places of an array.', {
    walk: `const a = []; a.length = 2 ** 32 - 1; a[2 ** 32 - 2] = 1; return a.indexOf(2) + a.findLastIndex((x) => x === 3);`,
  }),
  byTable('sort-comparator', 'Use time in the comparator of a sort, and never agree with itself.', {
    walk: `let n = 0n; return Array.from({ length: 1e6 }, (_, i) => i).sort((a, b) => { n = n * 3n + 1n; return n % 2n === 0n ? 1 : -1; });`,
  }),
  byTable('sort-grows', 'Let an array grow while it is sorted.', {
    walk: `const a = [1, 2, 3]; for (;;) a.sort((x, y) => { for (let i = 0; i < 1e5; i++) a.push(i); return 0; });`,
  }),
  byTable('regex-bomb', 'Use time in a regular expression.', {
    walk: `return /^(a+)+$/.test('a'.repeat(40) + 'b');`,
  }),
  byTable('regex-lookahead', 'Use the stack of the regular expressions.', {
    walk: `return new RegExp('(?:' + '(?=a*)'.repeat(50000) + ')*b').test('a'.repeat(1e6));`,
  }),
  byTable('bigint-bomb', 'Use time in one multiplication.', {
    walk: `let x = 3n; for (;;) x = x * x;`,
  }),
  byTable('bigint-power', 'Ask for a number with a thousand million digits.', {
    walk: `return 7n ** (2n ** 30n);`,
  }),
  byTable('bigint-text', 'Have a number with a million digits written down.', {
    walk: `const x = 7n ** 3000000n; for (;;) x.toString(10);`,
  }),
  byTable('bigint-to-machine', 'Give the machine a number with a million digits.', {
    walk: `
      const x = 1n << 30000000n;
      for (let i = 0; i < 50; i++) {
        try { keos.Va.new(x); } catch {}
        try { keos.Page.fromPa(x); } catch {}
        console.log(x, -x);
      }
      return x;`,
  }),
  byTable('json-bomb', 'Have deep text parsed.', {
    walk: `return JSON.parse('['.repeat(1e7) + ']'.repeat(1e7));`,
  }),
  byTable('wasm-bomb', 'Use memory that the limit of the heap does not know.', {
    walk: `const a = []; for (;;) { const m = new WebAssembly.Memory({ initial: 16384 }); new Uint8Array(m.buffer).fill(1); a.push(m); }`,
  }),
  byTable('closure-leak', 'Keep memory in closures, maps and promises at once.', {
    walk: `const m = new Map(); let p = null; for (let i = 0; ; i++) { const q = p; p = () => q; m.set(i, p); Promise.resolve(m); }`,
  }),
  byTable(
    'memory-kept-between-programs',
    'Fill memory a little in each program, on objects that last.',
    {
      walk: `
      class Into { constructor(o) { return o; } }
      class Stamp extends Into { #mark = new Array(4e6).fill(va); }
      try { new Stamp(keos); } catch (error) { console.log('REFUSED ' + error.message); }`,
    },
  ),
  byTable('symbol-registry', 'Fill the registry of symbols, which nothing empties.', {
    walk: `for (let i = 0; ; i++) Symbol.for('x'.repeat(1000) + i);`,
  }),
  byTable('shapes', 'Make the engine keep a million shapes of objects.', {
    walk: `for (let i = 0; ; i++) { const o = {}; for (let j = 0; j < 50; j++) o['k' + i + '_' + j] = j; }`,
  }),
  byTable('frames-bomb', 'Take all frames of the machine, again and again.', {
    walk: `const all = []; for (;;) { try { all.push(keos.Page.new()); } catch { all.splice(0).forEach((p) => p.drop()); } }`,
  }),
  byTable('machine-calls', 'Call the machine for ever, so that its records grow.', {
    walk: `for (;;) { const p = keos.Page.new(); this.root.at(0).setPa(p.pa()); this.root.at(0).clear(); p.drop(); }`,
  }),
  byTable('shootdown-storm', 'Have every processor drop its translations for ever.', {
    walk: `for (;;) keos.tlbShutdown(this.root);`,
  }),
  byTable('log-flood', 'Print without end.', {
    walk: `for (let i = 0; i < 1e7; i++) console.log('x'.repeat(1000));`,
  }),
  byTable('log-lines', 'Print a million empty lines in one text.', {
    walk: `console.log('\\n'.repeat(1e6)); console.log('x');`,
  }),
  byTable('log-huge-values', 'Print values that are long to write down.', {
    walk: `console.log(7n ** 3000000n, 'x'.repeat(2 ** 28), new Array(1e7), new Error('x'.repeat(2 ** 27))); `,
  }),
  byTable('trace-flood', 'Throw an exception with an enormous message.', {
    walk: `throw new Error('y'.repeat(5e7));`,
  }),
  byTable('trace-flood-string', 'Throw an enormous text.', { walk: `throw 'y'.repeat(2 ** 28);` }),
  byTable('trace-flood-stack', 'Throw an exception with an enormous stack.', {
    walk: `
      const name = 'f'.repeat(1e6);
      const o = { [name]() { throw new Error('deep'); } };
      o[name]();`,
  }),
  byTable('trace-flood-names', 'Have enormous names in an exception.', {
    walk: `const e = new Error('x'); e.name = 'N'.repeat(1e7); e.stack = 'S'.repeat(1e7); e.message = 'M'.repeat(1e7); throw e;`,
  }),
  byTable('trace-flood-cause', 'Throw an exception with a chain of causes.', {
    walk: `let e = null; for (let i = 0; i < 1e5; i++) e = new Error('x', { cause: e }); throw new AggregateError([e, e], 'all', { cause: e });`,
  }),
  byTable(
    'trace-flood-leaves',
    'Fill the trace with hundreds of thousands of mapped pages.',
    {
      members: `
        map(va, page) {
          const top = this.root.at(0); if (top.pa() !== null) return;
          const table = () => keos.Page.new().intoRaw();
          const bits = keos.PteFlags.P | keos.PteFlags.RW | keos.PteFlags.US;
          const pa = page.intoRaw();
          top.setPa(table()).setFlags(bits);
          for (const pdpe of top.intoPdpMut()) {
            pdpe.setPa(table()).setFlags(bits);
            for (const pde of pdpe.intoPdMut()) { pde.setPa(table()).setFlags(bits); for (const pte of pde.intoPtMut()) pte.setPa(pa).setFlags(bits); }
          }
        }`,
    },
    EVERY_TABLE_CALL,
  ),
  byLazyPager('fault-storm', 'Say of every fault that it is handled, and handle none.', {
    pager: `handlePageFault() {}`,
  }),
]);
