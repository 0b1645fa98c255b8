/**
 * Makes code let through that the engine has run out of stack or memory: a call at the head of every `catch`, and a `catch` before every `finally`. How deep a
 * recursion goes before that depends on what the engine has compiled so far, so code that could catch it would know what was played before.
 */
import ts from 'typescript';
import { FUEL, PASS_ON } from '../fuel-name.ts';

const { factory } = ts;

/** A transformer to run after those of TypeScript. */
export function passExhaustion(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const visit = (node: ts.Node): ts.Node => {
    const inner = ts.visitEachChild(node, visit, context);
    return ts.isTryStatement(inner) ? letThrough(inner) : inner;
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

function letThrough(node: ts.TryStatement): ts.TryStatement {
  const { tryBlock, catchClause, finallyBlock } = node;
  const caught = catchClause === undefined ? undefined : checked(catchClause);
  if (finallyBlock === undefined)
    return factory.updateTryStatement(node, tryBlock, caught, undefined);
  const body =
    caught === undefined
      ? tryBlock
      : factory.createBlock([factory.createTryStatement(tryBlock, caught, undefined)], true);
  return factory.updateTryStatement(node, body, rethrowing(), finallyBlock);
}

/** `catch (e) { …(e); throw e; }` */
function rethrowing(): ts.CatchClause {
  const error = factory.createUniqueName('caught');
  return factory.createCatchClause(
    error,
    factory.createBlock([passing(error), factory.createThrowStatement(error)], true),
  );
}

/** The clause with the call first; what it catches gets a name if it has none. */
function checked(clause: ts.CatchClause): ts.CatchClause {
  const { variableDeclaration, block } = clause;
  const name = variableDeclaration?.name;
  if (name !== undefined && ts.isIdentifier(name))
    return factory.updateCatchClause(
      clause,
      variableDeclaration,
      factory.updateBlock(block, [passing(name), ...block.statements]),
    );
  const error = factory.createUniqueName('caught');
  if (name === undefined)
    return factory.updateCatchClause(
      clause,
      factory.createVariableDeclaration(error),
      factory.updateBlock(block, [passing(error), ...block.statements]),
    );
  const pattern = factory.createVariableDeclaration(name, undefined, undefined, error);
  const taken = factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList([pattern], ts.NodeFlags.Let),
  );
  return factory.updateCatchClause(
    clause,
    factory.createVariableDeclaration(error),
    factory.createBlock([passing(error), taken, block], true),
  );
}

function passing(error: ts.Identifier): ts.Statement {
  const name = factory.createPropertyAccessExpression(factory.createIdentifier(FUEL), PASS_ON);
  return factory.createExpressionStatement(factory.createCallExpression(name, undefined, [error]));
}
