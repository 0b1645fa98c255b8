/** What is said when all is done, and the exit code. */
import { EXPECTED_FILES } from '../intake/code-files.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import type { Row } from './rows.ts';
import type { Screen } from './screen.ts';

/** How a run came to its end. */
export interface Ending {
  readonly done: readonly Row[];
  /** Submissions there were. */
  readonly count: number;
  readonly interrupted: boolean;
  readonly outputFailed: boolean;
  /** Rows of other submissions that stay in the tables of the output folder. */
  readonly kept: number;
}

/** What to do if every path was a wrong one. */
const NOTHING_TO_GRADE =
  `Not one submission could be graded. Give each submission as a path of its own: a folder, or a zip file of one, with ` +
  `${EXPECTED_FILES.slice(0, -1).join(', ')} or ${EXPECTED_FILES.at(-1)!} in it. A folder or an archive that holds a class is given alone.`;

/** Most names in one sentence. */
const MOST_NAMES = 5;

/** Says what is worth knowing about all submissions together. */
export function lastWords(ending: Ending, options: GradeCommandOptions, screen: Screen): ExitCode {
  const { done, count, interrupted, outputFailed, kept } = ending;
  const { output, detail, failUnder } = options;
  const { red, yellow } = screen.noteColors;
  const isQuiet = detail === 'quiet';
  const trouble = done.filter((row) => row.trouble);
  const below = done.filter(({ summary }) => isBelow(summary.percent, failUnder));

  if (count > 1 && !isQuiet && !options.json && done.length > 0) screen.print(`\n${total(done)}\n`);
  if (output !== null && !outputFailed && !isQuiet) {
    const rows =
      kept === 0 ? '' : `; its summary keeps ${kept} other row${kept === 1 ? '' : 's'} from before`;
    screen.note(`Results are in ${output}${rows}.`);
  }
  if (done.length > 0 && done.every(({ summary }) => summary.outcome === 'rejected')) {
    screen.note(red(NOTHING_TO_GRADE));
  }
  if (below.length > 0 && !isQuiet) {
    screen.note(yellow(`Below ${String(failUnder)} %: ${names(below)}.`));
  }
  if (trouble.length > 0) {
    const more = detail === 'verbose' ? '' : ' Run with --verbose to see what went wrong.';
    screen.note(red(`The grader failed on ${names(trouble)}; nobody loses points for it.${more}`));
  }
  if (interrupted) {
    const resume = output === null ? '' : ' The same command with --resume goes on from there.';
    screen.note(`Interrupted: ${done.length} of ${counted(count)} done.${resume}`);
    return EXIT.interrupted;
  }
  if (trouble.length > 0 || outputFailed) return EXIT.trouble;
  return below.length > 0 ? EXIT.below : EXIT.done;
}

/** Of nothing that could be earned, nothing was earned; where the grader failed there is no score to be below anything. */
function isBelow(percent: number | null, failUnder: number | null): boolean {
  return percent !== null && failUnder !== null && percent < failUnder;
}

function total(done: readonly Row[]): string {
  const outcomes = (['graded', 'rejected', 'error'] as const).map((outcome) => ({
    outcome: outcome === 'error' ? 'not graded, the grader failed' : outcome,
    count: done.filter(({ summary }) => summary.outcome === outcome).length,
  }));
  const parts = outcomes.filter((part) => part.count > 0 && part.count < done.length);
  const graded = done.flatMap(({ summary }) =>
    summary.outcome === 'graded' && summary.percent !== null && summary.maxScore !== 0
      ? [summary.percent]
      : [],
  );
  const mean = graded.reduce((sum, percent) => sum + percent, 0) / graded.length;
  return [
    counted(done.length),
    parts.length === 0
      ? ''
      : ` (${parts.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')})`,
    graded.length === 0 ? '' : `, mean ${mean.toFixed(1)} %`,
  ].join('');
}

function counted(count: number): string {
  return `${count} submission${count === 1 ? '' : 's'}`;
}

function names(rows: readonly Row[]): string {
  const shown = rows.slice(0, MOST_NAMES).map(({ summary }) => summary.submission);
  const more = rows.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
