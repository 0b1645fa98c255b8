/** Names that other places where JavaScript runs have, and a pager has not. */

export const CLOCK = 'a pager has no clock and no event loop';
const SYSTEM = 'there is no operating system under a pager';
export const TEXT_AS_CODE = 'text cannot be run as code here';

/** The names, and why each is refused. */
export const REFUSED: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  setTimeout: CLOCK,
  setInterval: CLOCK,
  setImmediate: CLOCK,
  clearTimeout: CLOCK,
  clearInterval: CLOCK,
  clearImmediate: CLOCK,
  queueMicrotask: CLOCK,
  // Async functions refuse as well: see `compiler/refuse-async.ts`.
  Promise: CLOCK,
  process: SYSTEM,
  Buffer: SYSTEM,
  fetch: SYSTEM,
  crypto: SYSTEM,
  Worker: SYSTEM,
  global: SYSTEM,
  window: SYSTEM,
  eval: TEXT_AS_CODE,
};

/** Globals of the Compartment that nothing a pager does needs. */
export const ABSENT = [
  'Compartment',
  'ModuleSource',
  'lockdown',
  'harden',
  'assert',
  'Proxy',
  'WeakRef',
  'FinalizationRegistry',
  'SharedArrayBuffer',
  'Atomics',
  'WebAssembly',
  'TextEncoder',
  'TextDecoder',
  'URL',
  'Base64',
];

/** Names that exist in other places where JavaScript runs, and those that are absent. */
export const ELSEWHERE: ReadonlySet<string> = new Set([
  ...ABSENT,
  'AbortController',
  'Blob',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'Intl',
  'Iterator',
  'URLSearchParams',
  '__dirname',
  '__filename',
  'alert',
  'atob',
  'btoa',
  'document',
  'gc',
  'localStorage',
  'module',
  'navigator',
  'prompt',
  'self',
  'structuredClone',
]);

/** Whether `name` is one of them: asked for with `typeof`, it is not there. */
export function isRefused(name: string): boolean {
  return Object.hasOwn(REFUSED, name) || ELSEWHERE.has(name);
}
