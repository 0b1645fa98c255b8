import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const load = createRequire(__filename);
const { create } = load('./kept-transpiler.cjs') as {
  create(options: object): { transpile(input: string, about: { fileName: string }): unknown };
};
const COMMON_JS = 1;
const ES2022 = 9;

describe('kept-transpiler', () => {
  let folder: string;
  const fileName = '/somewhere/a.ts';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-transpiled-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** `finds`: whether there is a compiler. */
  const sut = (finds: boolean, settings: object = {}) =>
    create({
      folder,
      service: {
        config: { options: { module: COMMON_JS, target: ES2022, sourceMap: true, ...settings } },
        options: {},
        projectLocalResolveHelper: load.resolve,
      },
      transpilerConfigLocalResolveHelper: (name: string) => {
        if (!finds) throw new Error('there is none');
        return load.resolve(name);
      },
    });

  it('should compile what it does not know, and give the same again without compiling', () => {
    const first = sut(true).transpile('export const a: number = 1;', { fileName });
    const again = sut(false).transpile('export const a: number = 1;', { fileName });

    expect(first)
      .to.have.property('outputText')
      .that.includes('exports')
      .and.does.not.include(': number');
    expect(first).to.have.property('sourceMapText').that.includes('a.ts');
    expect(again).to.deep.equal(first);
  });

  it('should compile again what has changed: the file, its place, or the settings', () => {
    sut(true).transpile('export const a = 1;', { fileName });

    expect(() => sut(false).transpile('export const a = 2;', { fileName })).to.throw();
    expect(() => sut(false).transpile('export const a = 1;', { fileName: '/b.ts' })).to.throw();
    expect(() =>
      sut(false, { target: 8 }).transpile('export const a = 1;', { fileName }),
    ).to.throw();
    expect(sut(true).transpile('export const a = 2;', { fileName }))
      .to.have.property('outputText')
      .that.includes('2');
    expect(readdirSync(folder)).to.have.length(1);
  });

  it('should compile again what was cut short', () => {
    const first = sut(true).transpile('export const a = 1;', { fileName });
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"of":');

    expect(sut(true).transpile('export const a = 1;', { fileName })).to.deep.equal(first);
  });

  it('should do without where nothing can be kept', () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');

    expect(sut(true).transpile('export const a = 1;', { fileName })).to.have.property('outputText');
  });
});
