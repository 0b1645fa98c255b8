/** `mutants`: does every planted bug fail the check that is there for it? */
import { writeFile } from 'node:fs/promises';
import { processors } from '../runner/processors.ts';
import { isKeosOpen, isKilled, keosChecks, type Kill, killOf, withKeos } from '../quality/kill.ts';
import { killComplaints, killSummary, killTable } from '../quality/kill-table.ts';
import { mutantsOf } from '../quality/mutant-files.ts';
import { PlantingError } from '../quality/plant.ts';
import { double, onlyJob, type Planted, plantedJob, single } from '../quality/planted.ts';
import type { Assignment } from '../runner/assignments.ts';
import { modelFiles } from '../runner/model.ts';
import { matches } from '../runner/worker-job.ts';
import type { CommandLine } from './command-line.ts';
import { OutputError, systemReason, UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { failedOn } from './ungraded.ts';
import { gradeAll } from './grade-all.ts';
import { MOST_JOBS } from './grade-options.ts';
import { killDetails } from './kill-details.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed } from './selection.ts';

/** Grades the mutants that the command line names. Throws, before anything is graded, if it makes no sense. */
export async function mutantsCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [operand] = line.operands;
  if (operand !== undefined)
    throw new UsageError(`"mutants" takes no "${operand}"; to run some only: --only <pattern>.`);
  const assignments = assignmentsNamed(line.list('assignment'));
  const jobs = line.integer('jobs', 1, MOST_JOBS) ?? processors();
  const planted = plantAll(assignments, line.list('only'), screen);
  if (planted === null) return EXIT.trouble;
  if (planted.length === 0) throw new UsageError('No mutant matches.');

  const graded = await gradeAll(
    planted.map((each) => ({ name: `${each.assignment}/${each.id}`, job: plantedJob(each) })),
    jobs,
    `planting ${planted.length} mistakes, ${Math.min(jobs, planted.length)} at a time`,
    screen,
  );
  if (graded === null) return EXIT.interrupted;
  const kills = planted.map((each, at) => {
    const { checks } = assignments.find(({ info }) => info.id === each.assignment)!;
    const answer = graded[at]!;
    const grade =
      answer instanceof Error ? failedOn(each.id, '', answer, plantedJob(each).options) : answer;
    return killOf(each, grade, checks);
  });
  const settled = await askKeos(kills, planted, assignments, jobs, screen);
  return settled === null ? EXIT.interrupted : report(settled, planted, line, screen);
}

/** Runs the re-created tests of KeOS alone where the grading leaves open whether they would notice: nothing of ours may stand in their way. */
async function askKeos(
  kills: readonly Kill[],
  planted: readonly Planted[],
  assignments: readonly Assignment[],
  jobs: number,
  screen: Screen,
): Promise<readonly Kill[] | null> {
  const keos = new Map(assignments.map(({ info, checks }) => [info.id, keosChecks(checks)]));
  const open = planted.filter((each, at) => isKeosOpen(kills[at]!, keos.get(each.assignment)!));
  if (open.length === 0) return kills;
  const answers = await gradeAll(
    open.map((each) => ({
      name: `${each.assignment}/${each.id}`,
      job: onlyJob(each, keos.get(each.assignment)!),
    })),
    jobs,
    `running the tests of KeOS alone on ${open.length} of them`,
    screen,
  );
  if (answers === null) return null;
  return kills.map((kill, at) => {
    const answer = answers[open.indexOf(planted[at]!)];
    if (answer === undefined) return kill;
    if (answer instanceof Error) return { ...kill, trouble: answer.message };
    return withKeos(kill, answer, keos.get(kill.assignment)!);
  });
}

/** All mutants and doubles asked for, planted; `null`, and a line for each, if some do not fit the model. */
function plantAll(
  assignments: readonly Assignment[],
  only: readonly string[] | null,
  screen: Screen,
): readonly Planted[] | null {
  const model = modelFiles();
  const planted: Planted[] = [];
  const misfits: string[] = [];
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof PlantingError)) throw error;
      misfits.push(error.message);
    }
  };
  const isAsked = (id: string): boolean => only?.some((pattern) => matches(pattern, id)) ?? true;
  for (const { info } of assignments) {
    attempt(() => {
      const { mutants, doubles } = mutantsOf(info.id);
      for (const mutant of mutants)
        if (isAsked(mutant.id)) attempt(() => planted.push(single(info.id, model, mutant)));
      for (const pair of doubles)
        if (isAsked(pair.join(' + ')))
          attempt(() => planted.push(double(info.id, model, mutants, pair)));
    });
  }
  for (const message of misfits) screen.note(`${screen.noteColors.red('error:')} ${message}`);
  return misfits.length === 0 ? planted : null;
}

async function report(
  kills: readonly Kill[],
  planted: readonly Planted[],
  line: CommandLine,
  screen: Screen,
): Promise<ExitCode> {
  const json = line.text('json');
  const named = (kill: Kill): string =>
    planted[kills.indexOf(kill)]!.mutants.map(({ rule, check }) => `${rule} (${check})`).join(
      ' or ',
    );
  if (json === '-') screen.print(jsonText(kills));
  else {
    if (json !== null) await save(json, jsonText(kills));
    for (const assignment of new Set(kills.map((kill) => kill.assignment))) {
      const own = kills.filter((kill) => kill.assignment === assignment);
      screen.print(
        `${screen.colors.bold(assignment)}\n${killTable(own).join('\n')}\n${killSummary(own)}\n\n`,
      );
    }
    if (line.has('verbose'))
      for (const kill of kills) screen.print(`${killDetails(kill, screen)}\n`);
  }
  const { red } = screen.noteColors;
  for (const text of killComplaints(kills, named)) screen.note(`${red('✗')} ${text}`);
  if (kills.some(({ trouble }) => trouble !== null)) return EXIT.trouble;
  return kills.every(isKilled) ? EXIT.done : EXIT.below;
}

function jsonText(kills: readonly Kill[]): string {
  const rows = kills.map(({ checks: _, ...kill }) => kill);
  return `${JSON.stringify(rows, null, 2)}\n`;
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new OutputError(`${path} could not be written: ${systemReason(error)}.`);
  }
}
