/**
 * Makes compiled code burn fuel: a call at the head of every loop body and of every function and field that calls something. Whatever runs for ever does one or
 * the other, so it is stopped after the same number of steps on every machine (as engines of WebAssembly do it), and the stack says where.
 */
import ts from 'typescript';
import { FUEL } from '../fuel-name.ts';

const { factory } = ts;

/** A transformer to run after those of TypeScript, on JavaScript that still knows which places of the source it came from. */
export function burnFuel(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  /** Bodies that burn, with what a stack should name: the loop, the function or the field. */
  const owners = new Map<ts.Node, ts.Node>();
  const visit = (node: ts.Node): ts.Node => {
    const body = burningBody(node);
    if (body !== undefined) owners.set(body, node);
    const inner = ts.visitEachChild(node, visit, context);
    const owner = owners.get(node);
    return owner === undefined ? inner : withFuel(inner, owner);
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

/** The part of a loop, function or field that burns fuel each time it runs. */
function burningBody(node: ts.Node): ts.Node | undefined {
  if (ts.isIterationStatement(node, false)) return node.statement;
  if (ts.isPropertyDeclaration(node)) return burningInitialiser(node);
  const isFunction =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isAccessor(node);
  return isFunction && node.body !== undefined && callsSomething(node.body) ? node.body : undefined;
}

/** What a field begins with is run by a constructor that may not be written down. A function or class is only named there. */
function burningInitialiser({ initializer }: ts.PropertyDeclaration): ts.Node | undefined {
  if (initializer === undefined || ts.isFunctionLike(initializer)) return undefined;
  return ts.isClassExpression(initializer) || !callsSomething(initializer)
    ? undefined
    : initializer;
}

/** A function that neither calls nor loops cannot take long. */
function callsSomething(node: ts.Node): boolean {
  const isCall =
    ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node);
  return isCall || ts.forEachChild(node, (child) => callsSomething(child) || undefined) === true;
}

function withFuel(body: ts.Node, owner: ts.Node): ts.Node {
  const call = burning(owner);
  if (ts.isExpression(body))
    return factory.createParenthesizedExpression(factory.createComma(call, body));
  const burn = factory.createExpressionStatement(call);
  return ts.isBlock(body)
    ? factory.updateBlock(body, [burn, ...body.statements])
    : factory.createBlock([burn, body as ts.Statement], true);
}

function burning(at: ts.Node): ts.Expression {
  const name = factory.createIdentifier(FUEL);
  const call = factory.createCallExpression(name, undefined, []);
  for (const made of [name, call]) ts.setSourceMapRange(made, ts.getSourceMapRange(at));
  return call;
}
