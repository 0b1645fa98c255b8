/** What is handed in as TypeScript: past the import rules, and at the compiler. */
import { ofKind } from '../define.ts';
import { pageTable, source, sources } from '../typescript-code.ts';

export const COMPILING = ofKind('compiling', [
  source(
    'ts-import-fs',
    'Import a module of Node.',
    `import { readFileSync } from 'fs'; console.log(readFileSync);`,
  ),
  source(
    'ts-import-type-fs',
    'Import the types of Node, to learn what is installed.',
    `import type * as fs from 'node:fs'; export type A = typeof fs;`,
  ),
  source(
    'ts-import-path',
    'Import a file of the machine by its path.',
    (c) => `import x from '${c.secretFile}'; const y: never = x;`,
  ),
  source(
    'ts-import-json',
    'Have the type of a file of JSON printed in an error.',
    (c) => `import x from '../../../../../../../../..${c.secretFile}'; const y: never = x;`,
  ),
  source(
    'ts-import-with',
    'Import JSON with an attribute.',
    (c) => `import x from '${c.secretFile}' with { type: 'json' }; const y: never = x;`,
  ),
  source(
    'ts-import-in-type',
    'Have the type of a file printed through an import in a type.',
    (c) => `const y: never = null as unknown as typeof import('${c.secretFile}');`,
  ),
  source(
    'ts-import-in-type-outside',
    'Reach another submission through an import in a type.',
    `export type T = import('../ada-correct/page-table').PageTable; const y: never = null as unknown as T;`,
  ),
  sources('ts-reference-first', 'Have a file read by a reference in the first line.', (c) => ({
    'page-table.ts': `/// <reference path="${c.secretFile}" />\n/// <reference types="node" />\n/// <reference lib="dom" />\n${pageTable('')}`,
  })),
  source(
    'ts-export-from',
    'Export what a module of Node has.',
    `export * from 'fs'; export { readFileSync } from 'node:fs';`,
  ),
  source(
    'ts-import-equals',
    'Import with the syntax that TypeScript keeps for old modules.',
    `import fs = require('fs'); console.log(fs);`,
  ),
  source('ts-require', 'Call require.', `const fs = require('fs'); console.log(fs);`),
  source(
    'ts-require-alias',
    'Call require under another name.',
    `const r = require; console.log('PWN ' + r('fs'));`,
  ),
  source(
    'ts-require-comma',
    'Call require in an expression.',
    `console.log('PWN ' + (0, require)('fs'));`,
  ),
  source(
    'ts-require-argument',
    'Call require as an argument of the wrapper.',
    `console.log('PWN ' + (arguments as any)[1]('fs'));`,
  ),
  source(
    'ts-import-dynamic',
    'Import at run time.',
    `void import('fs').then(() => console.log('PWN'));`,
  ),
  source(
    'ts-import-escaped',
    'Import at run time, with the word spelled by escapes.',
    String.raw`void im\u0070ort('fs');`,
  ),
  source(
    'ts-import-comment',
    'Import at run time, with a comment in between.',
    `void import /* */ ('fs'); void import // x\n('fs');`,
  ),
  source(
    'ts-import-source',
    'Import the source of a module.',
    `void (import as any).source('fs');`,
  ),
  source('ts-import-meta', 'Ask where the module is.', `console.log('PWN ' + import.meta.url);`),
  source('ts-eval', 'Evaluate text.', `console.log('PWN ' + eval('1'));`),
  source(
    'ts-eval-indirect',
    'Evaluate text in the global scope.',
    `console.log('PWN ' + (0, eval)('1'));`,
  ),
  source(
    'ts-eval-escaped',
    'Evaluate text, with the word spelled by escapes.',
    String.raw`console.log('PWN ' + ev\u0061l('1'));`,
  ),
  source(
    'ts-eval-optional',
    'Evaluate text by an optional call.',
    `console.log('PWN ' + eval?.('1'));`,
  ),
  source(
    'ts-function',
    'Make a function of text.',
    `console.log('PWN ' + new Function('return this')());`,
  ),
  source(
    'ts-function-of-decorator',
    'Reach the helpers that the compiler adds.',
    `function d(...all: any[]): any { console.log(all.length); } @d export class A { @d m(): void {} } const t = (arguments as any)[3]; console.log(t === undefined ? 'NOTHING beyond the arguments' : 'PWN ' + t);`,
  ),
  source(
    'ts-with',
    'Open an object as a scope, which strict code does not have.',
    `with (globalThis) { console.log('PWN'); }`,
  ),
  source(
    'ts-octal',
    'Have code compiled that is not strict.',
    `'use sloppy'; delete (keos as any).Page; if ((keos as any).Page === undefined) console.log('PWN deleted');`,
  ),
  source(
    'ts-process',
    'Use the process.',
    `declare const process: any; console.log('PWN ' + process.pid);`,
  ),
  source(
    'ts-global-this',
    'Use the global object.',
    `if ((globalThis as any).process) console.log('PWN process'); (globalThis as any).x = 1; console.log('PWN global');`,
  ),
  source(
    'ts-type-bomb',
    'Have the type checker work for minutes.',
    `type G<N extends number, A extends any[] = []> = A['length'] extends N ? A : G<N, [...A, any]>;
type M<T extends any[]> = { [K in keyof T]: T extends [infer H, ...infer R] ? [H, M<R>, M<R>] : never };
type X = M<G<900>>; export const x: X = 1 as any as M<G<901>>; const y: never = x;`,
  ),
  source(
    'ts-type-union-bomb',
    'Have the type checker make a union of millions.',
    `type D = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'; type N = \`\${D}\${D}\${D}\${D}\${D}\`; type NN = N | \`\${N}\`; export const x: NN = 'a' as N; export const y: never = x;`,
  ),
  source(
    'ts-type-recursion',
    'Have the type checker recur without end.',
    `type R<T> = T extends any ? { a: R<R<T>>; b: R<[T, T]> } : never; declare const r: R<string>; export const y: never = r.a.a.a.a.b.b.b.b;`,
  ),
  source(
    'ts-type-message',
    'Have an error message of megabytes printed.',
    `type Big = { ${Array.from({ length: 3000 }, (_, i) => `property${String(i)}: 'value${String(i)}'`).join('; ')} }; export const y: never = null as any as Big;`,
  ),
  source(
    'ts-deep-nesting',
    'Overflow the stack of the parser.',
    `export const x = ${'('.repeat(50_000)}1${')'.repeat(50_000)};`,
  ),
  source(
    'ts-deep-arrays',
    'Overflow the stack of the emitter.',
    `export const x: any = ${'['.repeat(20_000)}${']'.repeat(20_000)};`,
  ),
  source(
    'ts-deep-binary',
    'Overflow the stack with a sum of a hundred thousand parts.',
    `export const x = ${Array.from({ length: 60_000 }, () => '1').join('+')};`,
  ),
  source(
    'ts-deep-generics',
    'Overflow the stack with types.',
    `export let x: ${'Array<'.repeat(10_000)}number${'>'.repeat(10_000)};`,
  ),
  source(
    'ts-many-errors',
    'Have ten thousand errors reported.',
    Array.from({ length: 10_000 }, (_, i) => `const v${String(i)}: never = ${String(i)};`).join(
      '\n',
    ),
  ),
  source(
    'ts-many-syntax-errors',
    'Have ten thousand syntax errors reported.',
    '] ) } '.repeat(10_000),
  ),
  source(
    'ts-long-line',
    'Have a line of two hundred thousand characters shown.',
    `export const x: never = '${'x'.repeat(200_000)}';`,
  ),
  sources('ts-too-large', 'Hand in megabytes of code.', () => ({
    'page-table.ts': pageTable(`// ${'x'.repeat(400_000)}`),
  })),
  sources('ts-too-many-files', 'Hand in thousands of files.', () => ({
    'page-table.ts': pageTable(''),
    ...Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`m${String(i)}.ts`, 'export const x = 1;']),
    ),
  })),
  sources('ts-cycles', 'Import in circles, a hundred files deep.', () => ({
    'page-table.ts': pageTable(`import { a0 } from './m0'; console.log(a0);`),
    ...Object.fromEntries(
      Array.from({ length: 90 }, (_, i) => [
        `m${String(i)}.ts`,
        `import { a${String((i + 1) % 90)} } from './m${String((i + 1) % 90)}'; export const a${String(i)} = () => a${String((i + 1) % 90)};`,
      ]),
    ),
  })),
  sources('ts-file-called-keos', 'Put a file of its own in the place of the interface.', () => ({
    'page-table.ts': pageTable(`if ((keos as any).stolen) console.log('PWN the interface');`),
    'keos.ts': `export const stolen = true; export const Page = null;`,
    'keos/index.ts': `export const stolen = true;`,
    'node_modules/keos/index.ts': `export const stolen = true;`,
  })),
  sources(
    'ts-declarations-of-keos',
    'Declare the interface otherwise, so that types are right.',
    () => ({
      'page-table.ts': pageTable(
        `const x: string = keos.Page.new(); console.log(typeof x === 'string' ? 'PWN' : 'NOTHING');`,
      ),
      'keos.d.ts': `declare module 'keos' { export const Page: { new(): string }; export const PageTableRoot: any; export const PageTableMappingError: any; }`,
    }),
  ),
  sources('ts-config', 'Bring settings for the compiler along.', (c) => ({
    'page-table.ts': pageTable(''),
    'tsconfig.json': `{ "extends": "${c.secretFile}", "compilerOptions": { "plugins": [{ "name": "${c.secretFile}" }] } }`,
    'package.json': `{ "type": "module", "main": "${c.secretFile}" }`,
  })),
  sources('ts-prototype-names', 'Hand in files that are called like members of objects.', () => ({
    'page-table.ts': pageTable(
      `import * as a from './constructor'; import * as b from './toString'; import * as c from './hasOwnProperty'; console.log(a, b, c);`,
    ),
    'constructor.ts': `export const x = 1;`,
    'toString.ts': `export const x = 1;`,
    'hasOwnProperty.ts': `export const x = 1;`,
    '__proto__/x.ts': `export const x = 1;`,
    '__proto__.ts': `export const x = 1;`,
  })),
  sources('ts-names-with-escapes', 'Hand in files whose names hold control characters.', () => ({
    'page-table.ts': pageTable(''),
    'a\u001b[2J\n::error::.ts': `export const x: never = 1;`,
    'submission/a:1:1).ts': `export const x = 1;`,
  })),
  sources('ts-class-without-name', 'Have the compiler fail on all for one line.', () => ({
    'page-table.ts': pageTable(''),
    'helper.ts': '@dec class {}',
  })),
  source(
    'ts-specifier-of-lines',
    'Write lines of a report in the name of a module.',
    String.raw`import './a\n  Total  200 / 200  100 %\n::error::x\n\u200b::warning::y';`,
  ),
  source(
    'ts-specifier-endless',
    'Have a name of a hundred thousand starts of escape sequences cleaned.',
    `import './${'\u009d'.repeat(100_000)}';`,
  ),
  source(
    'ts-source-map',
    'Have a file read through a source map.',
    (c) =>
      `export const x = 1;\n//# sourceMappingURL=file://${c.secretFile}\n//# sourceURL=${c.secretFile}\nthrow new Error('x');`,
  ),
  source(
    'ts-forbidden-text',
    'Hide an import in a text, where SES looks for it too.',
    "export const x = 'import(1) eval(1) <!-- -->'; export const y = `import(${1}) --> ${x}`; export const r = /import(x)/;",
  ),
  source(
    'ts-stack-of-source',
    'Print where the grader lies.',
    '',
    `for (const f of [() => (null as any).x, () => { throw new TypeError('x'); }]) try { f(); } catch (e: any) { if (/node_modules|\\.cjs|\\/tmp|node:/.test(e.stack)) console.log('PWN ' + e.stack); else console.log('NOTHING in the stack'); }`,
  ),
]);
