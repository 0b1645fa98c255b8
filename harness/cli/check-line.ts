/** A check in one line, as soon as it is done: for `--verbose`. */
import { injectionsText } from '../reporters/wording.ts';
import type { CheckResult } from '../scoring/grade.ts';
import type { Screen } from './screen.ts';

/** The line, in the colours of stderr. */
export function checkLine(
  { id, title, status, failure: found, injections }: CheckResult,
  screen: Screen,
): string {
  const { green, red, yellow, dim } = screen.noteColors;
  switch (status) {
    case 'passed':
      return `${green('✓')} ${id}  ${dim(title + injectionsText({ injections }))}`;
    case 'failed':
      return `${red('✗')} ${id}  ${title}${found === null ? '' : dim(`  ${found.rule}: ${found.summary}`)}`;
    case 'skipped':
      return `${yellow('-')} ${id}  ${dim(title)}`;
    case 'error':
      return `${red('!')} ${id}  ${title}`;
  }
}
