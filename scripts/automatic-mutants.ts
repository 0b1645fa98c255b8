/**
 * `npm run mutants:automatic -- [options]`: makes every change of Stryker's mutators in the model pager, one at a time, grades each the way a student's
 * submission is graded, and holds what survives to the lists `suites/<assignment>/mutants/equivalent.yml`.
 *
 * Exit code 1 if a survivor is not listed, or a listed one is noticed or gone; the others as for `grade.ts`.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../harness/cli/exit-codes.ts';
import { gradeAll } from '../harness/cli/grade-all.ts';
import { killDetails } from '../harness/cli/kill-details.ts';
import { Screen } from '../harness/cli/screen.ts';
import { failedOn } from '../harness/cli/ungraded.ts';
import { automaticMutants } from '../harness/quality/automatic-mutant.ts';
import { type Equivalent, EquivalentError, equivalentsOf } from '../harness/quality/equivalent.ts';
import { type Kill, killOf } from '../harness/quality/kill.ts';
import { killTable } from '../harness/quality/kill-table.ts';
import { type Planted, plantedJob } from '../harness/quality/planted.ts';
import { settle, settlementComplaints, settlementSummary } from '../harness/quality/settle.ts';
import { type Assignment, assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';
import { DEFAULT_SEED, matches } from '../harness/runner/worker-job.ts';
import { strykerChanges } from './stryker-changes.ts';
import { plantedIn } from './written-for.ts';

const COMMAND = 'npm run -s mutants:automatic --';

const USAGE = `${COMMAND} [options]

  -a, --assignment <id>   those of this assignment only (may be repeated)
      --only <pattern>    these: a mutant's id, or a pattern such as '*rangeToMap*' (may be repeated)
  -j, --jobs <n>          processes side by side (default: one a core)
      --json <file>       write the rows as JSON, too
      --list              show the mutants, and grade nothing
  -v, --verbose           the reports that a student would get, too
`;

const OPTIONS = {
  assignment: { type: 'string', short: 'a', multiple: true },
  only: { type: 'string', multiple: true },
  jobs: { type: 'string', short: 'j' },
  json: { type: 'string' },
  list: { type: 'boolean' },
  verbose: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Options = ReturnType<typeof optionsIn>;

/** Throws a `TypeError` that says what is wrong with them. */
function optionsIn(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new TypeError(`--jobs is a whole number from 1 on, not "${values.jobs ?? ''}".`);
  const infos = assignmentInfos();
  const unknown = values.assignment?.find((named) => !infos.some(({ id }) => id === named));
  if (unknown !== undefined) throw new TypeError(`There is no assignment "${unknown}".`);
  const assignments = infos
    .filter(({ id }) => values.assignment?.includes(id) ?? true)
    .map(loadAssignment);
  return { ...values, jobs, assignments };
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const screen = new Screen();
  const { red } = screen.noteColors;
  let options: Options;
  let listed: readonly (readonly Equivalent[])[];
  try {
    options = optionsIn(args);
    listed = options.assignments.map(({ info }) => equivalentsOf(info.id));
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof EquivalentError)) throw error;
    screen.note(`${red('error:')} ${error.message}`);
    if (error instanceof EquivalentError) return EXIT.trouble;
    screen.note(`\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help === true) {
    screen.print(USAGE);
    return EXIT.done;
  }

  const model = modelFiles();
  const mutants = automaticMutants(model, await strykerChanges(model));
  const all = options.assignments.flatMap(({ info }) => plantedIn(info.id, mutants));
  const { only } = options;
  const planted = all.filter(({ id }) => only?.some((pattern) => matches(pattern, id)) ?? true);
  if (options.list === true) {
    screen.print(planted.map(({ assignment, id }) => `${assignment}  ${id}\n`).join(''));
    return EXIT.done;
  }
  const kills = await grade(planted, options, screen);
  if (kills === null) return EXIT.interrupted;
  return report(kills, all, listed, options, screen);
}

/** In the order of `planted`; `null` if the command was interrupted. */
async function grade(
  planted: readonly Planted[],
  { jobs, assignments }: Options,
  screen: Screen,
): Promise<readonly Kill[] | null> {
  const named = planted.map((each) => ({
    name: `${each.assignment}/${each.id}`,
    job: plantedJob(each, DEFAULT_SEED, COMMAND),
  }));
  const headline = `grading ${named.length} automatic mutants, ${Math.min(jobs, named.length)} at a time`;
  const answers = await gradeAll(named, jobs, headline, screen);
  if (answers === null) return null;
  return planted.map((each, at) => {
    const answer = answers[at]!;
    const { checks } = assignments.find(({ info }) => info.id === each.assignment)!;
    const { options } = named[at]!.job;
    const graded = answer instanceof Error ? failedOn(each.id, '', answer, options) : answer;
    return killOf(each, graded, checks);
  });
}

/** `all`: also those that were not asked for. `lists`: the equivalent mutants of each assignment. */
function report(
  kills: readonly Kill[],
  all: readonly Planted[],
  lists: readonly (readonly Equivalent[])[],
  { assignments, json, verbose }: Options,
  screen: Screen,
): ExitCode {
  const complaints = assignments.flatMap(({ info: { id } }: Assignment, at) => {
    const own = kills.filter(({ assignment }) => assignment === id);
    const existing = new Set(
      all.filter(({ assignment }) => assignment === id).map((each) => each.id),
    );
    const settlement = settle(own, existing, lists[at]!);
    const explained = new Set(settlement.equivalent.map(({ mutant }) => mutant));
    const rows = killTable(own.filter(({ mutant }) => !explained.has(mutant)));
    const summary = settlementSummary(settlement, own);
    screen.print(`${screen.colors.bold(id)}\n${rows.join('\n')}\n${summary}\n\n`);
    return settlementComplaints(id, settlement);
  });
  if (verbose === true) for (const kill of kills) screen.print(`${killDetails(kill, screen)}\n`);
  if (json !== undefined) {
    const plain = kills.map(({ checks: _, ...kill }) => kill);
    writeFileSync(json, `${JSON.stringify(plain, null, 2)}\n`);
  }
  const { red } = screen.noteColors;
  for (const text of complaints) screen.note(`${red('✗')} ${text}`);
  if (kills.some(({ trouble }) => trouble !== null)) return EXIT.trouble;
  return complaints.length === 0 ? EXIT.done : EXIT.below;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = EXIT.trouble;
  },
);
