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
import { type AutomaticMutant, automaticMutants } from '../harness/quality/automatic-mutant.ts';
import { equivalentsOf } from '../harness/quality/equivalent.ts';
import { type Kill, killOf } from '../harness/quality/kill.ts';
import { killTable } from '../harness/quality/kill-table.ts';
import { type Planted, plantedJob } from '../harness/quality/planted.ts';
import { settle, settlementComplaints, settlementSummary } from '../harness/quality/settle.ts';
import { type Assignment, assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';
import { DEFAULT_SEED, matches } from '../harness/runner/worker-job.ts';
import { strykerChanges } from './stryker-changes.ts';

/** The assignments in which a student writes what is in each file of the model. */
const ASSIGNMENTS_OF: Readonly<Record<string, readonly string[]>> = {
  'page-table.ts': ['page-table'],
  'eager-pager.ts': ['address-space'],
  'mm-struct.ts': ['address-space'],
  'user-range.ts': ['address-space', 'lazy-pager'],
  'lazy-pager.ts': ['lazy-pager'],
  'leaves.ts': ['lazy-pager'],
  'fork.ts': ['fork'],
};

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
  let options: Options;
  try {
    options = optionsIn(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    screen.note(`${screen.noteColors.red('error:')} ${error.message}\n\n${USAGE}`);
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
  return report(kills, all, options, screen);
}

/** The mutants of the code that students write for `assignment`. Throws if nobody said for which one they write a file. */
function plantedIn(assignment: string, mutants: readonly AutomaticMutant[]): readonly Planted[] {
  return mutants
    .filter(({ file }) => {
      const assignments = ASSIGNMENTS_OF[file];
      if (assignments === undefined) throw new Error(`which assignment is ${file} written for?`);
      return assignments.includes(assignment);
    })
    .map(({ id, files }) => ({ assignment, id, mutants: [], files }));
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

/** `all`: also those that were not asked for. */
function report(
  kills: readonly Kill[],
  all: readonly Planted[],
  { assignments, json, verbose }: Options,
  screen: Screen,
): ExitCode {
  const complaints = assignments.flatMap(({ info: { id } }: Assignment) => {
    const own = kills.filter(({ assignment }) => assignment === id);
    const existing = new Set(
      all.filter(({ assignment }) => assignment === id).map((each) => each.id),
    );
    const listed = equivalentsOf(id);
    const settlement = settle(own, existing, listed);
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
