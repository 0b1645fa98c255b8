import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bundlePath } from './bundle.ts';

describe('bundlePath', () => {
  for (const name of ['child', 'compiler'] as const) {
    it(`should build a ${name} that Node can parse and that needs no other file of ours`, () => {
      const path = bundlePath(name);

      execFileSync(process.execPath, ['--check', path]);
      expect(readFileSync(path, 'utf8').match(/require\("(?!node:)[^"/]*"\)/g)).to.equal(null);
      expect(bundlePath(name)).to.equal(path);
    });
  }
});
