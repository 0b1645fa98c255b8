import { expect } from 'chai';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { CONTRACT, STUDENT_TYPES } from './copy-keos-types.ts';

describe('student-template', () => {
  it('should carry a verbatim copy of the contract', () => {
    const copy = readFileSync(STUDENT_TYPES, 'utf8');

    expect(copy, 'run `npx ts-node scripts/copy-keos-types.ts`').to.equal(
      readFileSync(CONTRACT, 'utf8'),
    );
  });

  it('should type-check as it stands, copied anywhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-template-'));
    try {
      cpSync(dirname(STUDENT_TYPES), folder, { recursive: true });

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
