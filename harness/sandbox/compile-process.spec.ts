import { expect } from 'chai';
import { runInNewContext } from 'node:vm';
import { SubmissionCompiler } from './compile-process.ts';
import type { CompileProblem } from './compile-problem.ts';
import { templates } from './child/templates.ts';
import { FUEL, TEMPLATE } from './fuel-name.ts';

describe('SubmissionCompiler', () => {
  let sut: SubmissionCompiler;

  before(() => {
    sut = new SubmissionCompiler();
  });
  after(() => sut.close());

  async function problems(files: Record<string, string>): Promise<readonly CompileProblem[]> {
    const compilation = await sut.compileSubmission(files);
    await compilation.typeCheck;
    return compilation.problems;
  }

  describe('code', () => {
    it('should compile every file to CommonJS with a source map', async () => {
      const { modules, maps, problems } = await sut.compileSubmission({
        'page-table.ts': `import { Page } from 'keos';\n// a comment\nexport const page: Page = Page.new();\n`,
        'lib/bits.ts': `import '../page-table';\nexport enum Bit { P = 1 }\n`,
        'notes.md': '# not code',
      });

      expect(problems).to.deep.equal([]);
      expect(Object.keys(modules)).to.have.members(['page-table.ts', 'lib/bits.ts']);
      expect(modules['page-table.ts']?.js)
        .to.include('require("keos")')
        .and.not.include('a comment');
      expect(maps['page-table.ts']).to.include('"mappings"');
    });

    it('should compile the other files when one has a syntax error', async () => {
      const { modules, problems } = await sut.compileSubmission({
        'a.ts': 'export const a = 1;',
        'b.ts': 'export const b = ;\n',
      });

      expect(Object.keys(modules)).to.deep.equal(['a.ts']);
      expect(problems).to.deep.equal([
        {
          kind: 'syntax',
          message: 'Expression expected. (TS1109)',
          location: { file: 'b.ts', line: 1, column: 18 },
        },
      ]);
    });

    it('should give up on a file alone that TypeScript does not expect, without a word on where it lies', async () => {
      const { modules, problems } = await sut.compileSubmission({
        'a.ts': 'export const a = 1;',
        'helper.ts': '@dec class {}\n',
      });

      expect(Object.keys(modules)).to.deep.equal(['a.ts']);
      expect(problems).to.have.length(1);
      const [{ kind, message, location }] = problems as [CompileProblem];
      expect({ kind, location }).to.deep.equal({
        kind: 'limit',
        location: { file: 'helper.ts', line: 1, column: 1 },
      });
      expect(message)
        .to.match(/^the compiler gave up on this file: A class declaration/u)
        .and.not.match(/[/\\\n]/u);
    });

    it('should name the names a file takes from outside', async () => {
      const { modules } = await sut.compileSubmission({
        'a.ts': `const { a, b: { c } } = { a: 1, b: { c: 2 } }; label: for (const x of [a, c]) { nowhere(x.prop, { key: x }); break label; } typeof window;`,
      });

      expect(modules['a.ts']?.freeNames).to.deep.equal(['nowhere']);
    });

    it('should compile a file that asks for a name it has not got again and again', async () => {
      const asking = 'typeof process;\n'.repeat(12_000);

      const { modules, problems } = await sut.compileSubmission({
        'a.ts': `export function f() {\n${asking}}`,
      });

      expect(problems).to.deep.equal([]);
      expect(modules['a.ts']?.js).to.include('"undefined"').and.not.include('process');
    });

    it('should respell strings that SES would take for code', async () => {
      const { modules, problems } = await sut.compileSubmission({
        'a.ts': 'export const s = "a --> b <!-- import(x) eval(y)" + `--> ${1} import (z)`;',
      });
      const exports: { s?: string } = {};

      runInNewContext(modules['a.ts']?.js ?? '', { exports });

      expect(problems).to.deep.equal([]);
      expect(modules['a.ts']?.js).not.to.match(/-->|<!--|import\s*\(|eval\(/);
      expect(exports.s).to.equal('a --> b <!-- import(x) eval(y)--> 1 import (z)');
    });
  });

  describe('refusals', () => {
    for (const [what, text, line, column, words] of [
      ['a package', `\nimport fs from 'fs';`, 2, 16, /'fs' cannot be imported/],
      ['a builtin for its effects', `import 'node:fs';`, 1, 8, /'node:fs' cannot be imported/],
      ['a re-export of a package', `export * from 'fs';`, 1, 15, /'fs' cannot be imported/],
      ['JSON', `import x from './x.json';`, 1, 15, /not a TypeScript file/],
      ['import attributes', `import x from './b' with { type: 'json' };`, 1, 21, /attributes/],
      ['a file outside', `import x from '../b';`, 1, 15, /outside the submission/],
      ['a file that is missing', `import { x } from './nothing';`, 1, 19, /no file 'nothing.ts'/],
      ['import()', `const x = import('./b');`, 1, 11, /'import\(…\)' is not available/],
      ['import.meta', `const x = import.meta;`, 1, 11, /'import.meta' is not available/],
      ['import.source()', `const x = import.source('./b');`, 1, 11, /import/],
      ['import.defer()', `const x = import.defer('./b');`, 1, 11, /import/],
      ['import defer', `import defer * as x from './b';`, 1, 1, /'import defer' is not available/],
      ['import =', `import x = require('fs');`, 1, 1, /'import … =' is not available/],
      ['require()', `const x = require('fs');`, 1, 11, /'require\(…\)' is not available/],
      [
        'require() that is only said to be there',
        `declare const require: any;\nrequire('fs');`,
        2,
        1,
        /'require\(…\)' is not available/,
      ],
      ['export =', `const x = 1;\nexport = x;`, 2, 1, /'export =' is not available/],
      ['a path reference', `/// <reference path="./b.ts" />\nexport {};`, 1, 1, /reference/],
      [
        'a type reference',
        `// a pager\n/// <reference types="node" />\nexport {};`,
        2,
        1,
        /reference/,
      ],
      ['a reference to a library', `/// <reference lib="dom" />\nexport {};`, 1, 1, /reference/],
      [
        'a file without library',
        `/// <reference no-default-lib="true"/>\nexport {};`,
        1,
        1,
        /reference/,
      ],
      [
        'a dependency of AMD',
        `/// <amd-dependency path="fs" />\nexport {};`,
        1,
        1,
        /amd-dependency/,
      ],
      ['a name of AMD', `///<amd-module name="fs" />\nexport {};`, 1, 1, /amd-module/],
      [
        'a tag called eval',
        'const x = eval`-->`;',
        1,
        16,
        /the text of an HTML comment cannot stand here/,
      ],
      ['a top-level name that is taken', `\nconst exports = 1;`, 2, 7, /'exports' is taken/],
      ['a helper called require', `export function require() {}`, 1, 17, /'require' is taken/],
      ['./keos', `import { Va } from './keos';`, 1, 20, /no file 'keos.ts': write 'keos'/],
      ['code in a folder of tests', `import './spec/x';`, 1, 8, /by its name it is a test/],
      ['await at the top', `const x = await 1; export { x };`, 1, 11, /no event loop/],
    ] as const) {
      it(`should refuse ${what} where it stands`, async () => {
        const [first] = await problems({ 'a.ts': text, 'b.ts': 'export default 1;' });

        expect(first?.message).to.match(words);
        expect(first?.location).to.deep.equal({ file: 'a.ts', line, column });
      });
    }

    for (const specifier of [
      './b',
      './b.js',
      './b.ts',
      './lib',
      './lib/index.ts',
      '../a/b',
      './fork',
      './pager',
    ]) {
      it(`should accept '${specifier}'`, async () => {
        const files = {
          'a/a.ts': `import * as b from '${specifier}'; b;`,
          'a/b.ts': '',
          'a/lib/index.ts': '',
        };
        const root = { 'a.ts': `import * as b from '${specifier}'; b;` };

        expect(await problems(/fork|pager/.test(specifier) ? root : files)).to.deep.equal([]);
      });
    }

    for (const [what, text, value] of [
      [
        'members called eval and import',
        `class A { eval(x: number) { return this.#eval(x); } #eval(x: number) { return this.import(x); } import(x: number) { return x; } get import2() { return 1; } }
         export const value = new A().eval(1);`,
        1,
      ],
      [
        'members called eval behind a line end, and names that end in eval and import',
        `const $eval = (x: number) => x + 1, a = { eval: (x: number) => x, é$import(x: number) { return x; } };
         export const value = a.
           eval($eval(2)) + a.é$import (1) + { $eval }.$eval(3);`,
        8,
      ],
      [
        'regular expressions that look like code',
        `export const value = [/(eval(uate)?|-->|<!--|import\\(x)/u, /[<!--a]/].map((r) => ['evaluate', '-->', '<!--', 'import(x', '-'].filter((s) => r.test(s)).length);`,
        [4, 5],
      ],
      [
        'tagged templates that look like code',
        [
          'const t = { is: 2, say(s: TemplateStringsArray, ...v: number[]) { return [this.is, s, s.raw, v, Object.isFrozen(s), Object.isFrozen(s.raw)]; } };',
          'const at = () => t.say`a --> ${1}\\n import(${2} \\u00zz eval(`;',
          'export const value = [at(), at()[1] === at()[1], at()[1] === t.say`-->`[1], t.say`-- >`[1]];',
        ].join('\n'),
        [
          [
            2,
            ['a --> ', '\n import(', null],
            ['a --> ', '\\n import(', ' \\u00zz eval('],
            [1, 2],
            true,
            true,
          ],
          true,
          false,
          ['-- >'],
        ],
      ],
      [
        'a comment to be kept',
        `/*! eval(x) is slow --> see import(y) */\nexport const value = 2;`,
        2,
      ],
      ['a line for the shell', `#!/usr/bin/env -S npx ts-node\nexport const value = 3;`, 3],
      [
        'three slashes that direct nothing',
        `/// <summary>Pages</summary>\nexport const value = 4;`,
        4,
      ],
      [
        'another name for what a namespace has',
        `namespace Bits { export enum Low { P = 5 } }\nimport Low = Bits.Low;\nexport const value = Low.P;`,
        5,
      ],
      [
        'constants that are declared',
        `declare const enum Shift { Page = 6 }\nexport const value: number = Shift.Page;`,
        6,
      ],
      [
        'a parameter called require',
        `const check = (require: (x: number) => number) => require(7);\nexport const value = check((x) => x);`,
        7,
      ],
      [
        'a name that is only said to be there',
        `declare const require: unknown;\nexport const value = 9;`,
        9,
      ],
      ['types of its own', `import { Span } from './shapes';\nexport const value: Span = 8;`, 8],
    ] as const) {
      it(`should accept ${what}`, async () => {
        const files = { 'a.ts': text, 'shapes.d.ts': 'export type Span = number;' };
        const { modules, problems: found } = await sut.compileSubmission(files);
        const exports: { value?: unknown } = {};

        const fuel = Object.assign(() => undefined, { [TEMPLATE]: templates() });
        runInNewContext(modules['a.ts']?.js ?? '', { exports, [FUEL]: fuel });

        expect(found).to.deep.equal([]);
        expect(modules['a.ts']?.js).not.to.match(
          /-->|<!--|(^|[^.])\bimport\s*[(/]|(^|[^.])\beval\(/,
        );
        expect(JSON.stringify(exports.value)).to.equal(JSON.stringify(value));
      });
    }

    it('should check against declarations of its own', async () => {
      const { typeCheck } = await sut.compileSubmission({
        'a.ts': `import type { Span } from './shapes';\nexport const value: Span = '8';`,
        'shapes.d.ts': 'export type Span = number;',
      });
      const [first] = await typeCheck;

      expect(first).to.include({ kind: 'type' });
      expect(first?.location).to.include({ file: 'a.ts', line: 2 });
    });

    it('should quote a name in one short line', async () => {
      const lines = String.raw`./a\nTotal 200 / 200\n\u200b::error::x\u2028`;
      const long = `./${'\u009d'.repeat(130_000)}`;
      const [first, second, third] = await problems({
        'a.ts': `import '${lines}';\nexport * from '${lines.slice(2)}';\nimport '${long}';`,
      });

      expect(first!.message).to.equal(
        String.raw`the submission has no file 'a\nTotal 200 / 200\n\u{200b}::error::x\u{2028}.ts'`,
      );
      expect(second!.message).to.include(String.raw`'a\nTotal 200 / 200\n\u{200b}::error`);
      expect(third!.message.length).to.be.below(600);
    });

    it('should refuse files that are too large or too deep', async () => {
      const found = await problems({
        'deep.ts': `export const x = ${'('.repeat(50_000)}1${')'.repeat(50_000)};`,
        'large.ts': `export const x = '${'x'.repeat(300_000)}';`,
      });

      expect(found.map(({ kind, location }) => [kind, location?.file])).to.deep.equal([
        ['limit', 'large.ts'],
        ['limit', 'deep.ts'],
      ]);
    });
  });

  describe('types', () => {
    it('should report type errors after the code', async () => {
      const { modules, typeCheck } = await sut.compileSubmission({
        'a.ts': `import { Va, Page } from 'keos';\nusing page = Page.new();\nconsole.log(page.pa());\nexport const va: Va = 3;\n`,
      });

      expect(Object.keys(modules)).to.deep.equal(['a.ts']);
      expect(await typeCheck).to.deep.equal([
        {
          kind: 'type',
          message:
            "Type 'number' is not assignable to type 'Va'.\n  Type 'number' is not assignable to type 'bigint'. (TS2322)",
          location: { file: 'a.ts', line: 4, column: 14 },
        },
      ]);
    });

    it('should not report a file that the sandbox supplies', async () => {
      const { typeCheck } = await sut.compileSubmission({
        'lazy-pager.ts': `import { isCowFault } from './fork';\nimport type { Pager } from './pager.ts';\nexport const x: Pager = isCowFault(1);\n`,
      });

      expect(await typeCheck).to.deep.equal([]);
    });

    it('should begin no line within what a message quotes', async () => {
      const { typeCheck } = await sut.compileSubmission({
        'a.ts': String.raw`import type { A } from './b\n::error::x'; export const a: A = 1;`,
      });

      const messages = (await typeCheck).map(({ message }) => message);

      expect(messages.join(' ')).to.include(String.raw`./b\n::error::x`);
      for (const message of messages) expect(message).to.not.include('\n');
    });

    it('should read nothing that is not of the submission', async () => {
      const { typeCheck } = await sut.compileSubmission({
        'a.ts': `import type x from '../../package.json';\nimport type y from '/etc/hostname';\nimport type z from 'chai';\nexport const n: never = {} as typeof import('../package.json');\n`,
      });

      for (const { message } of await typeCheck) expect(message).to.match(/Cannot find module/);
    });

    it('should stop types that take too long, and go on with the next submission', async () => {
      const hurried = new SubmissionCompiler({ typeCheckMs: 500 });
      const slow = `
        type Bit = 0 | 1;
        type Grow<T extends unknown[], N extends number> = T['length'] extends N ? T : Grow<[...T, Bit], N>;
        type Row = [Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit, Bit];
        type All<T> = T extends [infer H, ...infer R] ? \`\${H & Bit}\${All<R> & string}\` : '';
        export const x: { [K in All<Row>]: { [L in All<Row>]: \`\${K}\${L}\` }[All<Row>] }[All<Row>] = 0;`;

      const { typeCheck } = await hurried.compileSubmission({ 'a.ts': slow });
      const problems = await typeCheck;
      const next = await hurried.compileSubmission({ 'a.ts': 'export const a = 1;' });
      await hurried.close();

      expect(problems.map(({ kind }) => kind)).to.deep.equal(['limit']);
      expect(problems[0]?.message).to.equal(
        'the submission could not be type-checked: it takes too long',
      );
      expect(Object.keys(next.modules)).to.deep.equal(['a.ts']);
    });
  });
});
