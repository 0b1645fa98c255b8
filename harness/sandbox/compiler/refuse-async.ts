/**
 * Makes every async function refuse when it is called. Nothing in a pager would ever run after its first `await`, and its promise would swallow what is
 * thrown; so it is said at once, with the line. One that is never called costs nothing.
 */
import ts from 'typescript';
import { FUEL, REFUSE_ASYNC } from '../fuel-name.ts';

const { factory } = ts;

/** A transformer to run after those of TypeScript. Leaves no async code behind. */
export function refuseAsync(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const visit = (node: ts.Node): ts.Node | undefined =>
    isAsync(node) ? refusing(node, context) : ts.visitEachChild(node, visit, context);
  return (file) => ts.visitEachChild(file, visit, context);
}

function isAsync(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return (
    ts.isFunctionLike(node) && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) !== 0
  );
}

/** The function without `async`, `*` and parameters, and with a refusal for its body. */
function refusing(
  node: ts.FunctionLikeDeclaration,
  context: ts.TransformationContext,
): ts.Node | undefined {
  const body = factory.createBlock([factory.createExpressionStatement(refusal(node))]);
  const change = (child: ts.Node): ts.Node | undefined => {
    if (child === node.body) return body;
    const isLeftOut = child.kind === ts.SyntaxKind.AsyncKeyword || ts.isParameter(child);
    return isLeftOut ? undefined : child;
  };
  const token = (child: ts.Node): ts.Node | undefined =>
    ts.isAsteriskToken(child) ? undefined : child;
  return ts.visitEachChild(node, change, context, ts.visitNodes, token);
}

function refusal(at: ts.Node): ts.Expression {
  const name = factory.createPropertyAccessExpression(factory.createIdentifier(FUEL), REFUSE_ASYNC);
  const call = factory.createCallExpression(name, undefined, []);
  for (const made of [name, call]) ts.setSourceMapRange(made, ts.getSourceMapRange(at));
  return call;
}
