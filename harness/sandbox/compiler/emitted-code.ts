/** A second look, at the code that will run: no `import` may be left in it, and which names does it take from outside? */
import ts from 'typescript';
import { FUEL } from '../fuel-name.ts';
import { hasForbiddenText, respell } from './forbidden-text.ts';

export interface EmittedCode {
  /** The code, with literals respelled that SES would take for code (same lines, same values). */
  readonly js: string;
  /** An `import` of some kind was left, which emitted CommonJS never has. */
  readonly hasImport: boolean;
  /** Names used and declared nowhere in the file, without those only asked for with `typeof`. */
  readonly freeNames: readonly string[];
}

/**
 * Names count as declared if they are anywhere in the file: that misses some that are free, but never takes a declared one for free.
 */
export function inspectEmitted(path: string, emitted: string): EmittedCode {
  const file = ts.createSourceFile(path, emitted, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const suspicious = hasForbiddenText(emitted);
  const literals: ts.Node[] = [];
  const declared = new Set(['exports', 'require', 'arguments', 'undefined', FUEL]);
  const used = new Set<string>();
  let hasImport = false;

  const bind = (name: ts.Node | undefined): void => {
    if (name === undefined) return;
    if (ts.isIdentifier(name)) declared.add(name.text);
    else if (ts.isObjectBindingPattern(name) || ts.isArrayBindingPattern(name)) {
      for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
    }
  };

  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.ImportKeyword || ts.isImportDeclaration(node)) hasImport = true;
    if (ts.isMetaProperty(node)) {
      if (node.keywordToken === ts.SyntaxKind.ImportKeyword) hasImport = true;
      return;
    }
    if (
      suspicious &&
      (ts.isStringLiteralLike(node) ||
        ts.isTemplateMiddleOrTemplateTail(node) ||
        ts.isTemplateHead(node))
    ) {
      literals.push(node);
    }
    if (ts.isIdentifier(node)) {
      used.add(node.text);
      return;
    }
    if (ts.isVariableDeclaration(node) || ts.isParameter(node)) {
      bind(node.name);
    } else if (isNamedDeclaration(node)) bind(node.name);

    // Identifiers that are no references: names of properties, labels, what `typeof` asks about.
    if (ts.isPropertyAccessExpression(node)) {
      visit(node.expression);
      return;
    }
    if (ts.isTypeOfExpression(node) && ts.isIdentifier(node.expression)) return;
    if (ts.isBreakOrContinueStatement(node)) return;
    if (ts.isLabeledStatement(node)) {
      visit(node.statement);
      return;
    }
    const name = ts.isBindingElement(node) ? node.propertyName : propertyName(node);
    ts.forEachChild(node, (child) => {
      if (child !== name || !ts.isIdentifier(child)) visit(child);
    });
  };
  visit(file);
  return {
    js: respellAll(emitted, file, literals),
    hasImport,
    freeNames: [...used].filter((name) => !declared.has(name)).sort(),
  };
}

function isNamedDeclaration(
  node: ts.Node,
): node is
  ts.FunctionDeclaration | ts.FunctionExpression | ts.ClassDeclaration | ts.ClassExpression {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isClassExpression(node)
  );
}

/** The name of a member, which is no reference unless it is computed. */
function propertyName(node: ts.Node): ts.Node | undefined {
  return ts.isPropertyAssignment(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node)
    ? node.name
    : undefined;
}

function respellAll(js: string, file: ts.SourceFile, literals: readonly ts.Node[]): string {
  let result = '';
  let from = 0;
  for (const literal of literals) {
    const start = literal.getStart(file);
    result += js.slice(from, start) + respell(js.slice(start, literal.end));
    from = literal.end;
  }
  return result + js.slice(from);
}
