/** Running when nobody looks: promises, timers, rejections, finalizers, other threads. */
import { byTable, ofKind } from '../define.ts';

export const WAITING = ofKind('waiting', [
  byTable('async-tamper', 'Run between two requests of the grader.', {
    walk: `try { Promise.resolve().then(later('a promise')); } catch {} (async () => { const cry = later('an async function'); await null; cry(); })();`,
  }),
  byTable('async-timer', 'Run after a while.', {
    walk: `gain('a timer', () => setTimeout(() => PWN('timer'), 0));`,
  }),
  byTable('async-microtask', 'Run as soon as the stack is empty.', {
    walk: `gain('a microtask', () => { queueMicrotask(() => PWN('microtask')); return true; });`,
  }),
  byTable('async-generator', 'Run in the queue of an async generator.', {
    walk: `const cry = later('a generator'); (async () => { for await (const x of (async function* () { yield 1; })()) cry(); })();`,
  }),
  byTable('async-thenable', 'Have a thenable called by the queue of promises.', {
    walk: `const cry = later('a thenable'); Promise.resolve({ then() { cry(); } });`,
  }),
  byTable('unhandled-rejection', 'End the process with a rejection that nobody handles.', {
    walk: `later('a rejection'); try { Promise.reject(new Error('boom')); } catch {} (async () => { throw 1; })();`,
  }),
  byTable('atomics-wait', 'Sleep for ever.', {
    walk: `gain('sleep', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`,
  }),
  byTable('sab-timer', 'Make a clock out of a second thread.', {
    top: `gain('a clock', () => new (require('worker_threads').Worker)('0', { eval: true }) && new SharedArrayBuffer(4));`,
  }),
  byTable('weakref-gc', 'See the garbage collector at work.', {
    walk: `
      gain('WeakRef', () => new WeakRef({}).deref());
      gain('FinalizationRegistry', () => new FinalizationRegistry(() => PWN('finalizer')));`,
  }),
  byTable('nondeterminism', 'Know the time, or toss a coin.', {
    walk: `
      for (const tell of [() => Date.now(), () => new Date(), () => performance.now(), () => Math.random(), () => process.hrtime(), () => crypto.getRandomValues(new Uint8Array(1)), () => Temporal.Now.instant()])
        gain('a clock', () => tell() !== undefined);`,
  }),
  byTable('locale-and-zone', 'Learn where the machine stands.', {
    walk: `
      gain('Intl', () => typeof Intl === 'object' && Intl.DateTimeFormat().resolvedOptions());
      gain('a locale', () => (1234.5).toLocaleString() !== '1234.5');
      gain('a collation', () => ['\\u00e4', 'z', 'a'].sort((a, b) => a.localeCompare(b)).join('') !== ['\\u00e4', 'z', 'a'].sort().join(''));`,
  }),
]);
