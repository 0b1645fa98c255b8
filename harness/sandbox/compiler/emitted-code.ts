/** A second look, at the code that will run: no `import` may be left in it, and which names does it take from outside? */
import ts from 'typescript';
import { FUEL } from '../fuel-name.ts';
import { boundBy } from './declared-names.ts';
import { isRefused } from '../refused-names.ts';
import {
  hasForbiddenText,
  MEMBER_TO_RESPELL,
  NAME_TO_RESPELL,
  respell,
  respellName,
  respellPattern,
} from './forbidden-text.ts';

export interface EmittedCode {
  /** The code, with literals and names respelled that SES would take for code (same lines, same meaning). */
  readonly js: string;
  /** An `import` of some kind was left, which emitted CommonJS never has. */
  readonly hasImport: boolean;
  /** Names used and declared nowhere in the file, without those only asked for with `typeof`. */
  readonly freeNames: readonly string[];
}

interface Respelled {
  readonly node: ts.Node;
  readonly respelling: (text: string) => string;
}

/**
 * Names count as declared if they are anywhere in the file: that misses some that are free, but never takes a declared one for free.
 */
export function inspectEmitted(path: string, emitted: string): EmittedCode {
  const file = ts.createSourceFile(path, emitted, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const suspicious = hasForbiddenText(emitted);
  const respelled: Respelled[] = [];
  const declared = new Set(['exports', 'require', 'arguments', 'undefined', FUEL]);
  const used = new Set<string>();
  /** The file and the functions around, with their names once somebody has asked for them. */
  const scopes: { readonly node: ts.Node; names?: ReadonlySet<string> }[] = [];
  let hasImport = false;

  const visit = (node: ts.Node): void => {
    if (!isScope(node)) {
      look(node);
      return;
    }
    scopes.push({ node });
    look(node);
    scopes.pop();
  };
  const look = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.ImportKeyword || ts.isImportDeclaration(node)) hasImport = true;
    if (ts.isMetaProperty(node)) {
      if (node.keywordToken === ts.SyntaxKind.ImportKeyword) hasImport = true;
      return;
    }
    const respelling = suspicious ? respellingOf(node) : null;
    if (respelling !== null) respelled.push({ node, respelling });
    if (ts.isIdentifier(node)) {
      used.add(node.text);
      if (suspicious && NAME_TO_RESPELL.test(node.text))
        respelled.push({ node, respelling: respellName });
      return;
    }
    for (const name of namesOf(node)) declared.add(name);

    // Identifiers that are no references: names of properties, labels, what `typeof` asks about.
    if (ts.isPropertyAccessExpression(node)) {
      visit(node.expression);
      if (ts.isPrivateIdentifier(node.name)) visit(node.name);
      else if (suspicious && isToRespell(node.name))
        respelled.push({ node: node.name, respelling: respellName });
      return;
    }
    // What a tag gets is also how its template is spelled.
    if (ts.isTaggedTemplateExpression(node)) {
      visit(node.tag);
      if (ts.isTemplateExpression(node.template))
        for (const span of node.template.templateSpans) visit(span.expression);
      return;
    }
    const asked = ts.isTypeOfExpression(node) ? inside(node.expression) : undefined;
    if (asked !== undefined && ts.isIdentifier(asked)) {
      // Reading such a name throws, even where it is only asked whether it is there.
      const isNowhere =
        isRefused(asked.text) &&
        !scopes.some((scope) => (scope.names ??= namesWithin(scope.node)).has(asked.text));
      if (isNowhere) respelled.push({ node, respelling: () => '"undefined"' });
      return;
    }
    if (ts.isBreakOrContinueStatement(node)) return;
    if (ts.isLabeledStatement(node)) {
      visit(node.statement);
      return;
    }
    const name = ts.isBindingElement(node) ? node.propertyName : propertyName(node);
    if (suspicious && name !== undefined && ts.isIdentifier(name) && isToRespell(name))
      respelled.push({ node: name, respelling: respellName });
    ts.forEachChild(node, (child) => {
      if (child !== name || !ts.isIdentifier(child)) visit(child);
    });
  };
  visit(file);
  return {
    js: respellAll(emitted, file, respelled),
    hasImport,
    freeNames: [...used].filter((name) => !declared.has(name)).sort(),
  };
}

/** An expression without the parentheses around it. */
function inside(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ? inside(expression.expression) : expression;
}

/** The file, and functions: what has names of its own. Blocks count to the function that they are in. */
function isScope(node: ts.Node): boolean {
  return ts.isSourceFile(node) || ts.isFunctionLike(node);
}

/** Names declared in a scope, and in none inside it; those of a function are declared around it as well as in it. */
function namesWithin(scope: ts.Node): ReadonlySet<string> {
  const names = new Set(namesOf(scope));
  const collect = (node: ts.Node): void => {
    for (const name of namesOf(node)) names.add(name);
    if (!isScope(node)) ts.forEachChild(node, collect);
  };
  ts.forEachChild(scope, collect);
  return names;
}

/** The names that a node declares. */
function namesOf(node: ts.Node): readonly string[] {
  const isDeclaration =
    ts.isVariableDeclaration(node) || ts.isParameter(node) || isNamedDeclaration(node);
  if (!isDeclaration || node.name === undefined) return [];
  return boundBy(node.name).map(({ text }) => text);
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

/** How a node is to be respelled, if it may hold what SES would take for code. */
function respellingOf(node: ts.Node): Respelled['respelling'] | null {
  if (ts.isRegularExpressionLiteral(node)) return respellPattern;
  if (ts.isPrivateIdentifier(node)) return isToRespell(node) ? respellName : null;
  return ts.isStringLiteralLike(node) ||
    ts.isTemplateMiddleOrTemplateTail(node) ||
    ts.isTemplateHead(node)
    ? respell
    : null;
}

function isToRespell(name: ts.Identifier | ts.PrivateIdentifier): boolean {
  return MEMBER_TO_RESPELL.test(name.text);
}

function respellAll(js: string, file: ts.SourceFile, respelled: readonly Respelled[]): string {
  let result = '';
  let from = 0;
  for (const { node, respelling } of respelled) {
    const start = node.getStart(file);
    result += js.slice(from, start) + respelling(js.slice(start, node.end));
    from = node.end;
  }
  return result + js.slice(from);
}
