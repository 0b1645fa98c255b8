import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolder } from './whole-file.ts';

describe('makeFolder', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'faultline-whole-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('should make one folder for all that ask for it at the same time', async () => {
    const path = join(folder, 'a/b/c');

    await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));

    expect(statSync(path).isDirectory()).to.equal(true);
  });

  it('should not take a file for a folder', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');

    const error = await makeFolder(path).catch((thrown: unknown) => thrown);

    expect(error).to.include({ code: 'EEXIST' });
  });
});
