/** What a file of a submission may import: `keos`, `veridian`, and its own files. Everything else is refused where it stands. */
import ts from 'typescript';
import { FUEL } from '../fuel-name.ts';
import type { CompileProblem } from '../compile-problem.ts';
import { declarationOf, PROVIDED_MODULES, resolveImport, STAND_INS } from '../resolve-import.ts';
import { declares, TAKEN, topLevelNames } from './declared-names.ts';
import { cut, placeOf, quoted } from './problem-of.ts';

const MAY_IMPORT = `a submission may import 'keos', 'veridian' and its own files ('./page-table'), nothing else`;

/** What intake takes for a test (see `intake/code-files.ts`). */
const LIKE_A_TEST = /(^|\/)(tests?|__tests__|specs?)\/|\.(spec|test)\.ts$/i;

/** All refusals in a parsed file. `exists` says which paths the submission has, compiled or not. */
export function importProblems(
  path: string,
  file: ts.SourceFile,
  exists: (path: string) => boolean,
): CompileProblem[] {
  const problems: CompileProblem[] = [];
  const refuse = (position: number, message: string) =>
    problems.push({ kind: 'import', message, location: placeOf(path, file, position) });

  const checkSpecifier = (node: ts.Expression, typeOnly: boolean) => {
    const why = specifierRefusal(path, node, typeOnly, exists);
    if (why !== null) refuse(node.getStart(file), why);
  };

  // Hardly any file has the word: most are spared the walk.
  const declaresRequire = file.text.includes('require') && declares(file, 'require');
  const visit = (node: ts.Node): void => {
    const at = node.getStart(file);
    if (ts.isImportDeclaration(node)) {
      checkSpecifier(
        node.moduleSpecifier,
        node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      );
      if (node.importClause?.phaseModifier === ts.SyntaxKind.DeferKeyword)
        refuse(at, `'import defer' is not available: ${MAY_IMPORT}`);
      if (node.attributes !== undefined)
        refuse(
          node.attributes.getStart(file),
          `import attributes are not available: ${MAY_IMPORT}`,
        );
    } else if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier !== undefined) checkSpecifier(node.moduleSpecifier, node.isTypeOnly);
    } else if (
      ts.isImportEqualsDeclaration(node) &&
      ts.isExternalModuleReference(node.moduleReference)
    ) {
      refuse(at, `'import … =' is not available: write import { … } from '…'`);
    } else if (ts.isExportAssignment(node) && node.isExportEquals === true) {
      refuse(at, `'export =' is not available: write export before what you export`);
    } else if (ts.isCallExpression(node) && isImport(node.expression)) {
      refuse(at, `'import(…)' is not available: import at the top of the file`);
    } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      refuse(at, `${quoted(`import.${node.name.text}`)} is not available: ${MAY_IMPORT}`);
    } else if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'require' &&
      !declaresRequire
    ) {
      refuse(at, `'require(…)' is not available: write import { … } from '…'`);
    } else if (ts.isIdentifier(node) && node.text === FUEL) {
      refuse(at, `the name '${FUEL}' is taken: it counts the steps of your code`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);

  for (const name of topLevelNames(file)) {
    if (TAKEN.has(name.text))
      refuse(
        name.getStart(file),
        `the name '${name.text}' is taken at the top level of a file: call it something else`,
      );
  }
  for (const { pos, name } of directives(file.text))
    refuse(pos, `'/// <${cut(name)} …>' is not available: ${MAY_IMPORT}`);
  return problems;
}

/** Directives that TypeScript knows, all of which load or name modules or choose libraries. Anything else after three slashes is a comment. */
const DIRECTIVES: ReadonlySet<string> = new Set(['reference', 'amd-module', 'amd-dependency']);

/** Triple-slash directives, which stand before all code. */
function directives(text: string): { readonly pos: number; readonly name: string }[] {
  return (ts.getLeadingCommentRanges(text, 0) ?? []).flatMap(({ pos, end }) => {
    const name = /^\/\/\/\s*<\s*([\w-]+)/.exec(text.slice(pos, end))?.[1];
    return name === undefined || !DIRECTIVES.has(name.toLowerCase()) ? [] : [{ pos, name }];
  });
}

function specifierRefusal(
  path: string,
  node: ts.Expression,
  typeOnly: boolean,
  exists: (path: string) => boolean,
): string | null {
  if (!ts.isStringLiteralLike(node))
    return `the name of a module must be a plain string: ${MAY_IMPORT}`;
  const specifier = node.text;
  if (PROVIDED_MODULES.includes(specifier)) return null;
  if (!/^\.\.?(\/|$)/.test(specifier))
    return `${quoted(specifier)} cannot be imported: ${MAY_IMPORT}`;
  if (/\.(json|node|wasm)$/.test(specifier))
    return `${quoted(specifier)} is not a TypeScript file: ${MAY_IMPORT}`;
  const target = resolveImport(path, specifier, exists);
  if (target === null) return `${quoted(specifier)} lies outside the submission: ${MAY_IMPORT}`;
  const isThere =
    typeOnly || exists(target) || STAND_INS.includes(target) || exists(declarationOf(target));
  return isThere ? null : `the submission has no file ${quoted(target)}${adviceAbout(target)}`;
}

function adviceAbout(target: string): string {
  const name = target.replace(/^.*\//, '').replace(/\.ts$/, '');
  if (PROVIDED_MODULES.includes(name)) return `: write '${name}'`;
  return LIKE_A_TEST.test(target) ? ': by its name it is a test, and those are not read' : '';
}

function isImport(node: ts.Expression): boolean {
  return (
    node.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
  );
}
