/** Golden files: texts that people read, kept as they are, so that every change of one is seen. */
import { expect } from 'chai';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test for each file in `folder`: its name, and what makes its content. `UPDATE_GOLDEN=1 npm test` rewrites them: read the difference before you commit it. */
export function itShouldWrite(folder: string, files: Readonly<Record<string, () => string>>): void {
  for (const [name, render] of Object.entries(files)) {
    it(`should write golden/${name}`, () => {
      const path = join(folder, name);
      const text = render();
      if (process.env['UPDATE_GOLDEN'] === '1') {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, text);
      }

      expect(text).to.equal(readFileSync(path, 'utf8'));
    });
  }
}
