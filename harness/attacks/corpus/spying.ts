/** Learning what is none of a student's business: the driver's code and names, the test that runs, what ran before. */
import { byTable, ofKind } from '../define.ts';

/** Says so if it finds a trace of a program that ran before, and leaves one. */
function keptBy(look: string, leave: string): { readonly walk: string } {
  return {
    walk: `gain('an earlier program', () => { ${look} }); try { ${leave} } catch (error) { console.log('REFUSED ' + error.message); }`,
  };
}

export const SPYING = ofKind('spying', [
  byTable('prepareStackTrace', 'See the functions of the driver as objects in a stack.', {
    walk: `
      let sites;
      try { Error.prepareStackTrace = (e, s) => { sites = s; return 'x'; }; } catch (error) { console.log('REFUSED ' + error.message); }
      new Error('x').stack; try { null.x; } catch (e) { e.stack; }
      gain('call sites', () => sites);`,
  }),
  byTable('capture-stack-trace', 'Have the stack written to an object of its own, as objects.', {
    walk: `gain('call sites', () => { const o = {}; Error.captureStackTrace(o); return typeof o.stack === 'object' && o.stack; });`,
  }),
  byTable('stack-trace-limit', 'Keep a number on Error from one program to the next.', {
    walk: `
      gain('a limit', () => Error.stackTraceLimit === 7);
      try { Error.stackTraceLimit = 7; } catch (error) { console.log('REFUSED ' + error.message); }`,
  }),
  byTable('stack-names-of-the-driver', 'Read in a stack which operation of the driver calls.', {
    walk: `gain('a name', () => /invoke|runTableOp|onTable|runProgram|Recorder|executor|answer/.exec(new Error('x').stack)?.[0]);`,
  }),
  byTable('stack-path-of-the-grader', 'Read in a stack where on the machine the grader lies.', {
    walk: `gain('a path', () => /[\\w./-]*(node_modules|\\.cache|\\/tmp|\\.cjs)[\\w./-]*/.exec(new Error('x').stack)?.[0]);`,
  }),
  byTable(
    'stack-of-a-machine-error',
    'Read the path of the grader in an error that the machine makes.',
    {
      walk: `
      const stacks = [];
      for (const f of [() => keos.Va.add(-1n, 1n), () => null.x, () => keos.todo('x'), () => (function f() { f(); })(), () => JSON.parse('{')])
        try { f(); } catch (error) { stacks.push(String(error.stack)); }
      gain('a path', () => /[\\w./-]*(node_modules|\\.cache|\\/tmp|\\.cjs|node:internal)[\\w./-]*/.exec(stacks.join())?.[0]);`,
    },
  ),
  byTable('caller-walk', 'Walk up through the callers of its own function.', {
    walk: `
      gain('the caller', () => arguments.callee.caller);
      gain('the caller', () => this.walk.caller ?? keos.attempt.caller);`,
  }),
  byTable('text-of-the-driver', 'Read the text of functions of the driver and of other modules.', {
    walk: `
      const text = (f) => (() => {}).toString.call(f);
      gain('text', () => [keos.Page, keos.Page.new, keos.attempt, this.walk, console.log, require].find((f) => !/^function [\\w]*\\(\\) \\{ \\[native code\\] \\}$/.test(text(f))));
      gain('text', () => [class A { secret() {} }, () => 'secret'].find((f) => /secret/.test(String(f))));`,
  }),
  byTable(
    'names-of-the-machine',
    'Tell by names and shapes whether this is the machine of the grader.',
    {
      walk: `
      gain('a name', () => /fault|model|grader|test|mutant|reference/i.exec(Object.getOwnPropertyNames(globalThis).join().replace('ReferenceError', '') + Object.keys(keos).join())?.[0]);`,
    },
  ),
  byTable('source-url', 'Pass for a file of the grader in stacks, by naming its own text.', {
    top: `//# sourceURL=given/page-table.ts\n//# sourceMappingURL=data:application/json,{"version":3,"sources":["/etc/passwd"],"mappings":"AAAA"}`,
    walk: `throw new Error('at answer (/opt/grader/main.cjs:1:1)');`,
  }),
  byTable('state-in-module', 'Count programs in a variable of the module.', {
    top: `let programs = 0; programs++;`,
    walk: `gain('an earlier program', () => programs++ > 1);`,
  }),
  byTable(
    'state-on-keos',
    'Leave a mark on the interface for the next program.',
    keptBy(`return keos.Page.seen ?? keos.seen;`, `keos.Page.seen = true; keos.seen = true;`),
  ),
  byTable(
    'state-in-regexp',
    'Leave a mark in what regular expressions remember of the last match.',
    keptBy(
      `return RegExp.$1 === 'mark' || RegExp.lastMatch === 'mark' || RegExp.input === 'mark';`,
      `/(mark)/.exec('mark'); if (RegExp.$1 !== 'mark') throw new Error('RegExp.$1 is not defined');`,
    ),
  ),
  byTable(
    'state-in-last-index',
    'Leave a mark in the place where a regular expression goes on.',
    keptBy(
      `return re().lastIndex > 0; function re() { return /a/g; }`,
      `const r = /a/g; r.exec('aaa');`,
    ),
  ),
  byTable(
    'state-in-template',
    'Leave a mark on the strings of a template, which are made once a place.',
    {
      top: `const tag = (strings) => strings; const site = () => tag\`x\`;`,
      walk: `gain('an earlier program', () => site().mark); try { site().mark = true; } catch (error) { console.log('REFUSED ' + error.message); }`,
    },
  ),
  byTable(
    'state-in-symbol-registry',
    'Leave a mark under a symbol that all programs share.',
    keptBy(
      `return keos[Symbol.for('mark')] ?? globalThis[Symbol.for('mark')] ?? Object[Symbol.for('mark')];`,
      `Object[Symbol.for('mark')] = true;`,
    ),
  ),
  byTable('state-in-weakmap', 'Leave a mark on an object of the driver with a weak map.', {
    top: `const marks = new WeakMap();`,
    walk: `gain('an earlier program', () => marks.has(keos)); marks.set(keos, 1); marks.set(require, 1);`,
  }),
  byTable(
    'state-in-function-properties',
    'Leave a mark on functions that every program is handed.',
    keptBy(
      `return console.log.mark ?? require.mark ?? keos.attempt.mark;`,
      `console.log.mark = 1;`,
    ),
  ),
  byTable(
    'state-in-frame-numbers',
    'Tell from the numbers of frames how many programs ran before.',
    keptBy(
      `const p = keos.Page.new(); const pa = p.pa(); p.drop(); return pa > 0x10000000n;`,
      `for (let i = 0; i < 100; i++) keos.Page.new().drop();`,
    ),
  ),
  byTable(
    'state-in-frame-bytes',
    'Leave a mark in memory that the next program is given.',
    keptBy(
      `const all = Array.from({ length: 40 }, () => keos.Page.new()); const found = all.some((p) => p.inner().readU64(8) === 0xfeedn); all.forEach((p) => p.drop()); return found;`,
      `const p = keos.Page.new(); p.innerMut().writeU64(8, 0xfeedn); p.drop();`,
    ),
  ),
  byTable(
    'state-in-console',
    'Tell from the room that is left for output what was printed before.',
    keptBy(
      `return Reflect.ownKeys(console).length > 5 || console.lines || console.left;`,
      `console.log('x'.repeat(3000));`,
    ),
  ),
  byTable(
    'state-in-veridian',
    'Leave a frame with the allocator of veridian for the next program.',
    {
      walk: `
        const { FRAME_ALLOCATOR } = require('veridian');
        const frame = FRAME_ALLOCATOR.allocateFrame();
        gain('an earlier program', () => frame > 0x100000n);
        FRAME_ALLOCATOR.freeFrame(frame);`,
    },
  ),
]);
