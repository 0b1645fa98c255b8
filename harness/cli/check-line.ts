/** A check in one line, as soon as it is done: for `--verbose`. */
import type { CheckResult } from '../scoring/grade.ts';
import type { Screen } from './screen.ts';

/** The line, in the colours of stderr. */
export function checkLine(
  { id, title, status, failure: found }: CheckResult,
  screen: Screen,
): string {
  const { green, red, yellow, dim } = screen.noteColors;
  switch (status) {
    case 'passed':
      return `${green('✓')} ${id}  ${dim(title)}`;
    case 'failed':
      return `${red('✗')} ${id}  ${title}${found === null ? '' : dim(`  ${found.rule}: ${found.summary}`)}`;
    case 'skipped':
      return `${yellow('-')} ${id}  ${dim(title)}`;
    case 'error':
      return `${red('!')} ${id}  ${title}`;
  }
}
