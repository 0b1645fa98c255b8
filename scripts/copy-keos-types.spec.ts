import { expect } from 'chai';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { COPIES, TEMPLATE } from './copy-keos-types.ts';

describe('student-template', () => {
  for (const { contract, copy } of COPIES) {
    it(`should carry a verbatim copy of ${basename(contract)}`, () => {
      expect(readFileSync(copy, 'utf8'), 'run `npx ts-node scripts/copy-keos-types.ts`').to.equal(
        readFileSync(contract, 'utf8'),
      );
    });
  }

  it('should type-check as it stands, copied anywhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-template-'));
    try {
      cpSync(TEMPLATE, folder, { recursive: true });

      expect(typeErrors(folder)).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What `tsc -p folder` would complain about. */
function typeErrors(folder: string): string[] {
  const config = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys));
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(
    config.config,
    ts.sys,
    folder,
  );
  const program = ts.createProgram(fileNames, options);
  return [...errors, ...ts.getPreEmitDiagnostics(program)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}
