/**
 * Makes templates with a tag, whose text SES would take for code, into calls of the tag with that text in plain strings, which can be respelled. A tag sees how its
 * template is spelled, so the template itself cannot.
 */
import ts from 'typescript';
import { FUEL, TEMPLATE } from '../fuel-name.ts';
import { hasForbiddenText } from './forbidden-text.ts';

const { factory } = ts;

/** `TokenFlags.ContainsInvalidEscape`, which TypeScript does not export. */
const CONTAINS_INVALID_ESCAPE = 1 << 11;

/** A transformer to run after those of TypeScript. */
export function spellTemplates(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  return (file) => {
    // Hardly any file has such text, in a template or elsewhere.
    if (!hasForbiddenText(file.text)) return file;
    let sites = 0;
    const visit = (node: ts.Node): ts.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (!ts.isTaggedTemplateExpression(inner) || isEval(inner.tag)) return inner;
      const parts = partsOf(inner.template);
      return parts.some(({ rawText = '' }) => hasForbiddenText(rawText))
        ? called(inner, parts, `${file.fileName}:${String(sites++)}`)
        : inner;
    };
    return ts.visitEachChild(file, visit, context);
  };
}

/** Called, it would be another `eval` than as a tag. */
function isEval(tag: ts.Expression): boolean {
  return ts.isIdentifier(tag) && tag.text === 'eval';
}

function partsOf(template: ts.TemplateLiteral): readonly ts.TemplateLiteralLikeNode[] {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template];
  return [template.head, ...template.templateSpans.map(({ literal }) => literal)];
}

/** ``tag`a${b}c` `` as `tag(…(site, ["a", "c"], ["a", "c"]), b)`: what the tag gets is the same, and so is its `this`. */
function called(
  node: ts.TaggedTemplateExpression,
  parts: readonly ts.TemplateLiteralLikeNode[],
  site: string,
): ts.Expression {
  const { tag, template } = node;
  const cooked = parts.map((part) =>
    isInvalid(part) ? factory.createVoidZero() : factory.createStringLiteral(part.text),
  );
  const raw = parts.map(({ rawText = '' }) => factory.createStringLiteral(rawText));
  const strings = factory.createCallExpression(
    factory.createPropertyAccessExpression(factory.createIdentifier(FUEL), TEMPLATE),
    undefined,
    [
      factory.createStringLiteral(site),
      factory.createArrayLiteralExpression(cooked),
      factory.createArrayLiteralExpression(raw),
    ],
  );
  const values = ts.isNoSubstitutionTemplateLiteral(template)
    ? []
    : template.templateSpans.map(({ expression }) => expression);
  const call = factory.createCallExpression(tag, undefined, [strings, ...values]);
  ts.setSourceMapRange(call, ts.getSourceMapRange(node));
  return ts.setOriginalNode(call, node);
}

/** Whether the text has an escape that means nothing, so that a tag gets no value for it. TypeScript knows, and does not say so in its types. */
function isInvalid(part: ts.TemplateLiteralLikeNode): boolean {
  const { templateFlags = 0 } = part as { readonly templateFlags?: number };
  return (templateFlags & CONTAINS_INVALID_ESCAPE) !== 0;
}
