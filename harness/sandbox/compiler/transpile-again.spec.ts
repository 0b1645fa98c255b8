import { expect } from 'chai';
import { modelFiles } from '../../runner/model.ts';
import { Transpiler } from './transpile-again.ts';

type Files = Readonly<Record<string, string>>;

function transpiled(sut: Transpiler, files: Files): unknown {
  return sut.transpile(new Map(Object.entries(files)), Object.keys(files));
}

describe('Transpiler', () => {
  const model = modelFiles();
  /** What it has seen before, and what it sees now. */
  const cases: Readonly<Record<string, readonly [Files, Files]>> = {
    'one file of the model has changed': [
      model,
      { ...model, 'page-table.ts': `${model['page-table.ts'] ?? ''}\nexport const more = 1n;\n` },
    ],
    'a file that others import is gone': [
      { 'a.ts': `import { b } from './b';\nexport const a = b;`, 'b.ts': 'export const b = 1;' },
      { 'a.ts': `import { b } from './b';\nexport const a = b;`, 'c.ts': 'export const b = 1;' },
    ],
    'a file is broken': [
      { 'a.ts': 'export const a = 1;', 'b.ts': 'export const b = 1;' },
      { 'a.ts': 'export const a = 1;', 'b.ts': 'export const b = ;' },
    ],
    'a broken file is mended, and the other is still broken': [
      { 'a.ts': 'export const a = ;', 'b.ts': 'export const b = ;' },
      { 'a.ts': 'export const a = ;', 'b.ts': 'export const b = 1;' },
    ],
    'files that are no modules share a namespace': [
      { 'a.ts': 'namespace N { export const x = 1; }', 'b.ts': 'namespace N { console.log(x); }' },
      { 'a.ts': 'namespace N { export const y = 1; }', 'b.ts': 'namespace N { console.log(x); }' },
    ],
    'a module adds to what is global': [
      { 'a.ts': 'export {};', 'b.ts': 'namespace N { console.log(x); }' },
      {
        'a.ts': 'export {}; declare global { namespace N { const x: number; } }',
        'b.ts': 'namespace N { console.log(x); }',
      },
    ],
  };
  for (const [what, [before, after]] of Object.entries(cases)) {
    it(`should make the same of it as one that has seen nothing: ${what}`, () => {
      const sut = new Transpiler();
      transpiled(sut, before);

      expect(transpiled(sut, after)).to.deep.equal(transpiled(new Transpiler(), after));
      expect(transpiled(sut, after)).to.deep.equal(transpiled(new Transpiler(), after));
    });
  }

  it('should take what has not changed from the time before', () => {
    const sut = new Transpiler();
    const first = sut.transpile(new Map(Object.entries(model)), Object.keys(model));
    const saved = { ...model, 'fork.ts': `${model['fork.ts'] ?? ''}\n// saved\n` };

    const second = sut.transpile(new Map(Object.entries(saved)), Object.keys(saved));

    for (const [path, result] of second)
      expect(result === first.get(path), path).to.equal(path !== 'fork.ts');
  });
});
