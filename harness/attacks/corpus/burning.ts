/** Around the fuel that compiled code burns, and the memory that is looked at as it does. */
import { ofKind } from '../define.ts';
import { source } from '../typescript-code.ts';

export const BURNING = ofKind('burning', [
  source(
    'ts-fuel-name',
    'Replace what counts its steps.',
    `const __faultline_fuel = () => {}; for (;;) __faultline_fuel();`,
  ),
  source(
    'ts-fuel-name-escaped',
    'Replace what counts its steps, with the name spelled by escapes.',
    String.raw`const __faultline_fue\u006c = () => {}; for (;;) { console.log('x'); }`,
  ),
  source(
    'ts-fuel-argument',
    'Replace what counts its steps in the arguments of the wrapper.',
    `(arguments as any)[2] = () => {}; for (;;) {}`,
  ),
  source('ts-fuel-loop', 'Loop for ever.', '', `for (;;) {}`),
  source(
    'ts-fuel-while-empty',
    'Loop for ever with the condition alone.',
    '',
    `let i = 0; while (i++ < Infinity); do ; while (i);`,
  ),
  source(
    'ts-fuel-for-head',
    'Loop for ever with all the work in the head.',
    '',
    `for (let i = 0; keos.contains(3n, 1n); i++);`,
  ),
  source(
    'ts-fuel-labels',
    'Loop for ever by going on with an outer loop.',
    '',
    `outer: for (;;) { for (;;) { continue outer; } }`,
  ),
  source(
    'ts-fuel-recursion',
    'Recur for ever.',
    `function f(n: number): number { return f(n + 1) + 1; }`,
    `f(0);`,
  ),
  source(
    'ts-fuel-recursion-caught',
    'Recur for ever, and catch what ends that.',
    `function f(): void { try { f(); } catch {} f(); }`,
    `f();`,
  ),
  source(
    'ts-fuel-getter',
    'Recur in getters, which call nothing.',
    `const o = { get x(): any { try { return o.x; } catch { return o.x; } } };`,
    `o.x;`,
  ),
  source(
    'ts-fuel-conversions',
    'Recur in conversions, which call nothing.',
    `const o: any = { valueOf() { try { return +o; } catch { return +o; } } };`,
    `+o;`,
  ),
  source(
    'ts-fuel-generators',
    'Go on for ever in generators that delegate to themselves.',
    `function* g(): any { for (;;) yield* [1, 2, 3]; }`,
    `for (const x of g()) ;`,
  ),
  source(
    'ts-fuel-iterator',
    'Hand an endless iterator to the engine.',
    `const it: any = { [Symbol.iterator]: () => it, next: () => ({ done: false, value: 1n }) };`,
    `new Map(it);`,
  ),
  source(
    'ts-fuel-spread',
    'Spread an endless iterator.',
    `const it: any = { [Symbol.iterator]: () => it, next: () => ({ done: false, value: 1 }) };`,
    `[...it];`,
  ),
  source(
    'ts-fuel-sort',
    'Sort with a comparator that works for long.',
    '',
    `Array.from({ length: 1e6 }, (_, i) => i).sort((a, b) => (a * 7919) % 1009 - (b * 7919) % 1009 || Number(keos.contains(3n, 1n)));`,
  ),
  source(
    'ts-fuel-replace',
    'Replace with a function, a million times.',
    '',
    `'x'.repeat(1e7).replace(/x/g, () => 'xx'.repeat(2));`,
  ),
  source(
    'ts-fuel-static-block',
    'Loop for ever while a class is made.',
    `class A { static { for (;;) {} } }`,
  ),
  source(
    'ts-fuel-initializer',
    'Loop for ever in the initialiser of a field.',
    `class A { x = (() => { for (;;) {} })(); }`,
    `new A();`,
  ),
  source(
    'ts-fuel-caught',
    'Catch what ends a loop, and loop on.',
    '',
    `for (;;) { try { for (;;) {} } catch {} finally { continue; } }`,
  ),
  source(
    'ts-fuel-finally',
    'Loop for ever in finally.',
    '',
    `try { for (;;) {} } finally { for (;;) {} }`,
  ),
  source(
    'ts-memory-array',
    'Use all memory, a little at a time.',
    '',
    `const a: any[] = []; for (;;) a.push(new Array(1000).fill(va));`,
  ),
  source(
    'ts-memory-strings',
    'Use all memory for texts.',
    '',
    `const a: string[] = []; for (let i = 0; ; i++) a.push(String(i).repeat(1000));`,
  ),
  source(
    'ts-memory-buffers',
    'Use all memory for buffers.',
    '',
    `const a: any[] = []; for (;;) a.push(new Uint8Array(1 << 24).fill(1));`,
  ),
  source(
    'ts-frames',
    'Take frames for ever, and catch that there are none.',
    '',
    `for (;;) { try { keos.Page.new(); } catch {} }`,
  ),
]);
