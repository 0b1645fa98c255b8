/** Names that a file declares itself: as the module that it becomes is a function, two of them are taken. */
import ts from 'typescript';

/** What the function around a compiled module is given (see `module-text.ts`). */
export const TAKEN: ReadonlySet<string> = new Set(['exports', 'require']);

/** The names declared by the statements of a file, without what they import and what they only say that there is. */
export function topLevelNames(file: ts.SourceFile): ts.Identifier[] {
  return file.statements.flatMap((statement) => {
    if (isAmbient(statement)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) => boundBy(name));
    const isNamed =
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement) ||
      ts.isImportEqualsDeclaration(statement);
    const { name } = isNamed ? statement : {};
    return name !== undefined && ts.isIdentifier(name) ? [name] : [];
  });
}

/** Whether anything in the file declares `name`: a variable, a parameter, a function, an import. */
export function declares(file: ts.SourceFile, name: string): boolean {
  const visit = (node: ts.Node): boolean => {
    if (isAmbient(node)) return false;
    const declared = isBinding(node) ? node.name : undefined;
    const isIt = declared !== undefined && ts.isIdentifier(declared) && declared.text === name;
    return isIt || ts.forEachChild(node, visit) === true;
  };
  return visit(file);
}

/** Whether a node stands for nothing in the emitted code: `declare …`. */
function isAmbient(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true
  );
}

function isBinding(node: ts.Node): node is ts.Node & { readonly name?: ts.Node } {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isImportSpecifier(node)
  );
}

/** The identifiers that a name or a pattern declares. */
export function boundBy(name: ts.BindingName): ts.Identifier[] {
  return ts.isIdentifier(name)
    ? [name]
    : name.elements.flatMap((element) =>
        ts.isBindingElement(element) ? boundBy(element.name) : [],
      );
}
