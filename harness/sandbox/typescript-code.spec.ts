import { expect } from 'chai';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { bundlePath } from './bundle.ts';
import { typescriptCode } from './typescript-code.ts';

const SAMPLE = { files: { 'a.ts': 'export const a: number = 1;' }, declarations: {} };

describe('typescriptCode', () => {
  let bundle: string;

  before(() => {
    bundle = join(mkdtempSync(join(tmpdir(), 'faultline-code-')), 'compiler.cjs');
    copyFileSync(bundlePath('compiler'), bundle);
  });
  after(() => rmSync(dirname(bundle), { recursive: true }));

  it('should be null if the engine cannot make it', () => {
    expect(typescriptCode([process.execPath, '-e', 'process.exit(1)'], bundle, SAMPLE)).to.equal(
      null,
    );
  });

  it('should be made once', () => {
    const first = typescriptCode([process.execPath, bundle], bundle, SAMPLE)!;
    const { size, mtimeMs } = statSync(first);
    const second = typescriptCode(['/nowhere'], bundle, SAMPLE);

    expect(size).to.be.greaterThan(1_000_000);
    expect(second).to.equal(first);
    expect(statSync(first).mtimeMs).to.equal(mtimeMs);
  });
});
