/** A broken rule in the lines of a terminal: its name, and the failure that shows it. */
import type { createColors } from 'picocolors';
import { type BrokenRule, withoutFailure } from './broken-rules.ts';
import { failureLines } from './failure-text.ts';
import { wrap } from './text-layout.ts';
import { pointsText } from './wording.ts';

type Colors = ReturnType<typeof createColors>;

/** In lines of at most `width` characters, with the exceptions of {@link failureLines}. */
export function brokenRuleLines(
  broken: BrokenRule,
  colors: Colors,
  width: number,
): readonly string[] {
  const { rule, failure, check } = broken;
  const tones = { plain: String, failing: colors.red, dim: colors.dim, hint: colors.cyan };
  const hidden = check?.visibility === 'hidden' ? ', hidden check' : '';
  const head = `✗ ${rule.id}: ${rule.title} (${pointsText(rule.points)}${hidden})`;
  const body =
    failure === null
      ? wrap(withoutFailure(broken), width - 2)
      : failureLines(failure, width - 2).map(({ tone, text }) => tones[tone](text));
  return [
    ...wrap(head, width, '  ').map((line) => colors.bold(colors.red(line))),
    ...body.map((line) => (line === '' ? '' : `  ${line}`)),
  ];
}
