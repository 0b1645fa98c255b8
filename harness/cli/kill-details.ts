/** What a student would read about a planted mistake. */
import type { Kill } from '../quality/kill.ts';
import { failureLines } from '../reporters/failure-text.ts';
import type { Screen } from './screen.ts';

/** The checks that were skipped, and those that saw something go wrong. */
export function killDetails({ assignment, mutant, checks }: Kill, screen: Screen): string {
  const failed = checks.filter(({ failure }) => failure !== null);
  return [
    screen.colors.bold(`${assignment}/${mutant}`),
    ...checks
      .filter(({ status }) => status === 'skipped')
      .map(({ id, reason }) => `  - ${id}: ${reason ?? ''}`),
    ...failed.flatMap(({ id, status, failure }) => [
      `  ${status === 'failed' ? '✗' : '-'} ${id} (${status}): ${failure!.rule}`,
      ...failureLines(failure!, Math.max(80, screen.width) - 4).map(({ text }) => `    ${text}`),
    ]),
    '',
  ].join('\n');
}
