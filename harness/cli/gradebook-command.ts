/** `gradebook`: fills what a learning platform has exported with the scores in a folder of results. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { classScores, type ScoreCard, scoreCard } from '../gradebooks/class-scores.ts';
import { readCsv, writeCsv } from '../gradebooks/csv-table.ts';
import { fill } from '../gradebooks/fill.ts';
import type { Scale } from '../gradebooks/fill-report.ts';
import { fillText } from '../gradebooks/fill-text.ts';
import { GradebookProblem } from '../gradebooks/problem.ts';
import { readGradebook } from '../gradebooks/read-gradebook.ts';
import { parseSubmitters, type Submitters } from '../gradebooks/submitters.ts';
import type { CommandLine } from './command-line.ts';
import { systemReason, UsageError, writing } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readResult, submissionsIn } from './results-folder.ts';
import type { Screen } from './screen.ts';
import { writeWhole } from './whole-file.ts';

const SUBMITTERS = 'submitters.json';

/** Fills an export and says what has come of it. */
export async function gradebookCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const { results, into, output, scale } = await paths(line);
  const bytes = await readFile(into).catch((error: unknown) => {
    throw new UsageError(`Cannot read ${into}: ${systemReason(error)}.`);
  });
  const ids = await submissionsIn(results);
  const submitters = await readSubmitters(results);

  const read = explaining(into, () => readCsv(bytes));
  const gradebook = explaining(into, () => readGradebook(read, line.text('column')));
  const cards = await readCards(results, ids);
  const scores = explaining(results, () => classScores(cards, line.list('assignment')));
  const { table, report } = explaining(into, () =>
    fill(read, gradebook, scores, submitters ?? new Map(), scale),
  );

  await writing(output, () => writeWhole(output, writeCsv(table)));
  const { colors, width } = screen;
  screen.print(fillText(report, { colors, width, isVerbose: line.has('verbose') }));
  screen.print(`\n${colors.green('Written:')} ${output}\n`);
  if (submitters === null && report.unmatched.length > 0) {
    screen.note(
      `${results} has no ${SUBMITTERS}, so only the names of the submissions say whose they are. It is written when a platform's own download is graded.`,
    );
  }
  return report.unmatched.length + report.unscored.length === 0 ? EXIT.done : EXIT.below;
}

interface Paths {
  readonly results: string;
  readonly into: string;
  readonly output: string;
  readonly scale: Scale;
}

async function paths(line: CommandLine): Promise<Paths> {
  const [results, more] = line.operands;
  if (results === undefined) {
    throw new UsageError('Which results? gradebook <results> --into <export.csv>');
  }
  if (more !== undefined) {
    throw new UsageError(`"gradebook" takes one folder of results; what is "${more}"?`);
  }
  const into = line.text('into');
  if (into === null) {
    throw new UsageError(
      "Into what? --into <export.csv>: the platform's own export, which it takes back when it is filled.",
    );
  }
  const scale = line.text('scale') ?? 'points';
  if (scale !== 'points' && scale !== 'percent') {
    throw new UsageError(`--scale is points or percent, not "${scale}".`);
  }
  const output = line.text('output') ?? beside(into);
  if (await isSameFile(into, output)) {
    throw new UsageError('--output is the export itself, which is never written to.');
  }
  return { results, into, output, scale };
}

/** `<name>-graded.csv`. */
function beside(into: string): string {
  const ending = extname(into);
  return join(dirname(into), `${basename(into, ending)}-graded${ending || '.csv'}`);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => stat(path).catch(() => null)));
  return first?.ino !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

async function readCards(results: string, ids: readonly string[]): Promise<readonly ScoreCard[]> {
  const cards: ScoreCard[] = [];
  for (const id of ids) {
    const { grade, reason } = await readResult(results, id);
    cards.push(
      grade === null
        ? { submission: id, outcome: 'error', reason: `results.json: ${reason ?? ''}`, parts: [] }
        : { ...scoreCard(grade), submission: id },
    );
  }
  return cards;
}

/** Null if there is no such file. */
async function readSubmitters(results: string): Promise<Submitters | null> {
  let json: string;
  try {
    json = await readFile(join(results, SUBMITTERS), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`Cannot read ${join(results, SUBMITTERS)}: ${systemReason(error)}.`);
  }
  return explaining(results, () => parseSubmitters(json));
}

/** What is wrong with a file of the user's is a mistake of the command line, not of the grader. */
function explaining<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof GradebookProblem) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}
