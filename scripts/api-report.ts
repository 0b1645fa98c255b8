/**
 * The exported surfaces of `keos` and `veridian` as text: every name with its full signature, sorted, without comments. Kept as golden files, so that a
 * change of an interface is seen in review, and made on purpose.
 *
 *     npx ts-node scripts/api-report.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { PROVIDED_MODULES } from '../harness/sandbox/resolve-import.ts';

const CONTRACT_DIR = join(__dirname, '../reference/contract');

/** For each module: the contract, and the report on it that is under version control. */
export const REPORTS = PROVIDED_MODULES.map((module) => ({
  module,
  contract: join(CONTRACT_DIR, `${module}.ts`),
  golden: join(CONTRACT_DIR, `${module}.api.txt`),
}));

/** The report on the declarations in `source` of a module. Throws if they carry no `@version`. */
export function apiReport(module: string, source: string): string {
  const version = /^ \* @version (\d+)$/m.exec(source)?.[1];
  if (version === undefined)
    throw new Error(`${module}.ts: its module comment needs an @version line`);
  const file = ts.createSourceFile(`${module}.ts`, source, ts.ScriptTarget.Latest, true);
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  const declarations = file.statements.filter(isExported).map((statement) => ({
    name: nameOf(statement),
    text: printer.printNode(ts.EmitHint.Unspecified, statement, file),
  }));
  // A type and a value may share a name: they keep the order they are declared in.
  declarations.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const parts = [`${module} interface v${version}`, ...declarations.map(({ text }) => text)];
  return `${parts.join('\n\n')}\n`;
}

function isExported(node: ts.Statement): boolean {
  if (!ts.canHaveModifiers(node)) return false;
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  }
  const name = ts.getNameOfDeclaration(statement as ts.Statement & ts.Declaration);
  if (name === undefined) throw new Error(`an export without a name: ${statement.getText()}`);
  return name.getText();
}

if (require.main === module)
  for (const { module, contract, golden } of REPORTS)
    writeFileSync(golden, apiReport(module, readFileSync(contract, 'utf8')));
