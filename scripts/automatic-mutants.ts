/**
 * `npm run mutants:automatic -- [options]`: makes every change of Stryker's mutators in the model pager, one at a time, grades each the way a student's
 * submission is graded, and holds what survives to the lists `suites/<assignment>/mutants/equivalent.yml`.
 *
 *   -a, --assignment <id>   those of this assignment only (may be repeated)
 *       --only <pattern>    these: a mutant's id, or a pattern such as '*rangeToMap*' (may be repeated)
 *   -j, --jobs <n>          processes side by side (default: one a core)
 *       --json <file>       write the rows as JSON, too
 *       --list              show the mutants, and grade nothing
 *   -v, --verbose           the reports that a student would get, too
 *
 * Exit code 1 if a survivor is not listed, or a listed one is noticed or gone; the others as for `grade.ts`.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { EXIT, type ExitCode } from '../harness/cli/exit-codes.ts';
import { gradeAll } from '../harness/cli/grade-all.ts';
import { killDetails } from '../harness/cli/kill-details.ts';
import { UsageError } from '../harness/cli/errors.ts';
import { Screen } from '../harness/cli/screen.ts';
import { assignmentsNamed } from '../harness/cli/selection.ts';
import { failedOn } from '../harness/cli/ungraded.ts';
import { automaticMutants } from '../harness/quality/automatic-mutant.ts';
import { type Equivalent, EquivalentError, equivalentsOf } from '../harness/quality/equivalent.ts';
import { type Kill, killOf } from '../harness/quality/kill.ts';
import { killTable } from '../harness/quality/kill-table.ts';
import { type Planted, plantedJob } from '../harness/quality/planted.ts';
import { settle, settlementComplaints, settlementSummary } from '../harness/quality/settle.ts';
import type { Assignment } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';
import { DEFAULT_SEED, matches } from '../harness/runner/worker-job.ts';
import { countFlag, flagsOf, refuse } from './flags.ts';
import { strykerChanges } from './stryker-changes.ts';
import { plantedIn } from './written-for.ts';

const COMMAND = 'npm run -s mutants:automatic --';

const flags = flagsOf(__filename, {
  assignment: { type: 'string', short: 'a', multiple: true },
  only: { type: 'string', multiple: true, default: ['*'] },
  jobs: { type: 'string', short: 'j', default: String(availableParallelism()) },
  json: { type: 'string' },
  list: { type: 'boolean', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
});
const jobs = countFlag('jobs', flags.jobs, 1);

async function main(): Promise<ExitCode> {
  const screen = new Screen();
  const assignments = assignmentsNamed(flags.assignment ?? null);
  const listed = assignments.map(({ info }) => equivalentsOf(info.id));
  const model = modelFiles();
  const mutants = automaticMutants(model, await strykerChanges(model));
  const all = assignments.flatMap(({ info }) => plantedIn(info.id, mutants));
  const planted = all.filter(({ id }) => flags.only.some((pattern) => matches(pattern, id)));
  if (flags.list) {
    screen.print(planted.map(({ assignment, id }) => `${assignment}  ${id}\n`).join(''));
    return EXIT.done;
  }
  const kills = await grade(planted, assignments, screen);
  if (kills === null) return EXIT.interrupted;
  return report(kills, all, listed, assignments, screen);
}

/** In the order of `planted`; `null` if the command was interrupted. */
async function grade(
  planted: readonly Planted[],
  assignments: readonly Assignment[],
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
  assignments: readonly Assignment[],
  screen: Screen,
): ExitCode {
  const complaints = assignments.flatMap(({ info: { id } }, at) => {
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
  if (flags.verbose) for (const kill of kills) screen.print(`${killDetails(kill, screen)}\n`);
  if (flags.json !== undefined) {
    const plain = kills.map(({ checks: _, ...kill }) => kill);
    writeFileSync(flags.json, `${JSON.stringify(plain, null, 2)}\n`);
  }
  const { red } = screen.noteColors;
  for (const text of complaints) screen.note(`${red('✗')} ${text}`);
  if (kills.some(({ trouble }) => trouble !== null)) return EXIT.trouble;
  return complaints.length === 0 ? EXIT.done : EXIT.below;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) refuse(error.message);
    console.error(error instanceof EquivalentError ? `error: ${error.message}` : error);
    process.exitCode = EXIT.trouble;
  },
);
