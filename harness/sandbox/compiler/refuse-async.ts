/**
 * Makes every async function refuse when it is called. Nothing in a pager would ever run after its first `await`, and its promise would swallow what is
 * thrown; so it is said at once, with the line. One that is never called costs nothing.
 */
import ts from 'typescript';
import { FUEL, REFUSE_ASYNC } from '../fuel-name.ts';

const { factory } = ts;

/** A transformer to run after those of TypeScript. Leaves no async code behind. */
export function refuseAsync(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const visit = (node: ts.Node): ts.Node => {
    const refusing = ts.isFunctionLike(node) && isAsync(node) ? refusingForm(node) : undefined;
    return refusing ?? ts.visitEachChild(node, visit, context);
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

function isAsync(node: ts.Node): boolean {
  return (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Async) !== 0;
}

function refusingForm(node: ts.Node): ts.Node | undefined {
  const body = factory.createBlock([factory.createExpressionStatement(refusal(node))]);
  if (ts.isArrowFunction(node)) {
    const modifiers = withoutAsync(node.modifiers);
    return factory.updateArrowFunction(
      node,
      modifiers,
      undefined,
      [],
      undefined,
      node.equalsGreaterThanToken,
      body,
    );
  }
  if (ts.isFunctionExpression(node)) {
    const modifiers = withoutAsync(node.modifiers);
    return factory.updateFunctionExpression(
      node,
      modifiers,
      undefined,
      node.name,
      undefined,
      [],
      undefined,
      body,
    );
  }
  if (ts.isFunctionDeclaration(node)) {
    const modifiers = withoutAsync(node.modifiers);
    return factory.updateFunctionDeclaration(
      node,
      modifiers,
      undefined,
      node.name,
      undefined,
      [],
      undefined,
      body,
    );
  }
  if (!ts.isMethodDeclaration(node)) return undefined;
  return factory.updateMethodDeclaration(
    node,
    withoutAsync(node.modifiers),
    undefined,
    node.name,
    undefined,
    undefined,
    [],
    undefined,
    body,
  );
}

function withoutAsync<T extends ts.ModifierLike>(
  modifiers: ts.NodeArray<T> | undefined,
): T[] | undefined {
  return modifiers?.filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword);
}

function refusal(at: ts.Node): ts.Expression {
  const name = factory.createPropertyAccessExpression(factory.createIdentifier(FUEL), REFUSE_ASYNC);
  const call = factory.createCallExpression(name, undefined, []);
  for (const made of [name, call]) ts.setSourceMapRange(made, ts.getSourceMapRange(at));
  return call;
}
