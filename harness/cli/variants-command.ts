/** `variants`: does every correct pager get full marks, whatever programs are drawn? */
import { processors } from '../runner/processors.ts';
import { modelFiles } from '../runner/model.ts';
import { textTable } from '../quality/text-table.ts';
import { type Variant, VariantError, variantsOf } from '../quality/variant-files.ts';
import {
  type FalseAlarm,
  isClean,
  type VariantJob,
  variantJobs,
  type VariantRun,
  variantRun,
} from '../quality/variant-run.ts';
import { failureLines } from '../reporters/failure-text.ts';
import type { Assignment } from '../runner/assignments.ts';
import { matches } from '../runner/worker-job.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { gradeAll } from './grade-all.ts';
import { MOST_JOBS, MOST_RUNS, MOST_SEED } from './grade-options.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed } from './selection.ts';
import { failedOn } from './ungraded.ts';

const DEFAULT_SEEDS = 30;

/** Plays the variants that the command line names. Throws, before anything is played, if it makes no sense. */
export async function variantsCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [operand] = line.operands;
  if (operand !== undefined)
    throw new UsageError(`"variants" takes no "${operand}"; to run some only: --only <pattern>.`);
  const assignments = assignmentsNamed(line.list('assignment'));
  const processes = line.integer('jobs', 1, MOST_JOBS) ?? processors();
  const seeds = line.integer('runs', 1, MOST_RUNS) ?? DEFAULT_SEEDS;
  const firstSeed = line.integer('seed', 0, MOST_SEED - seeds) ?? 1;

  let jobs: readonly VariantJob[];
  try {
    jobs = assignments.flatMap((assignment) =>
      variantsOf(assignment.info.id, modelFiles())
        .filter((variant) => isAsked(variant, line.list('only')))
        .flatMap((variant) => variantJobs(variant, propertiesOf(assignment), firstSeed, seeds)),
    );
  } catch (error) {
    if (!(error instanceof VariantError)) throw error;
    screen.note(`${screen.noteColors.red('error:')} ${error.message}`);
    return EXIT.trouble;
  }
  const variants = [...new Set(jobs.map(({ variant }) => variant))];
  if (variants.length === 0) throw new UsageError('No variant matches.');

  const answers = await gradeAll(
    jobs.map(({ job, seeds: count, firstSeed: from }) => ({
      name: `${job.submission.id} ${count === 0 ? 'default run' : `seeds ${from} to ${from + count - 1}`}`,
      job,
    })),
    processes,
    `playing ${seeds} seeds on ${variants.length} correct pagers`,
    screen,
  );
  if (answers === null) return EXIT.interrupted;
  const graded = jobs.map((job, at) => {
    const answer = answers[at]!;
    const { submission, options } = job.job;
    const grade = answer instanceof Error ? failedOn(submission.id, '', answer, options) : answer;
    return { job, grade };
  });
  const runs = variants.map((variant) =>
    variantRun(
      variant,
      graded.filter(({ job }) => job.variant === variant),
    ),
  );
  return report(runs, line, screen);
}

/** By its name, or by `assignment/name`. */
function isAsked({ assignment, name }: Variant, only: readonly string[] | null): boolean {
  const names = [name, `${assignment}/${name}`];
  return only?.some((pattern) => names.some((each) => matches(pattern, each))) ?? true;
}

function propertiesOf({ checks }: Assignment): readonly string[] {
  return checks.filter(({ kind }) => kind === 'property').map(({ id }) => id);
}

function report(runs: readonly VariantRun[], line: CommandLine, screen: Screen): ExitCode {
  if (line.has('json')) screen.print(`${JSON.stringify(runs.map(plainData), null, 2)}\n`);
  else {
    const rows = runs.map(({ variant, seeds, programs, alarms, trouble }) => [
      `${variant.assignment}/${variant.name}`,
      String(seeds),
      String(programs),
      trouble.length > 0 ? 'TROUBLE' : alarms.length > 0 ? 'LOSES POINTS' : 'full marks',
      variant.description,
    ]);
    const columns = [
      { head: 'variant' },
      { head: 'seeds', align: 'right' },
      { head: 'programs', align: 'right' },
      { head: 'result' },
      { head: 'what is different' },
    ] as const;
    const clean = runs.filter(isClean).length;
    screen.print(
      `${textTable(columns, rows).join('\n')}\nfull marks: ${clean} of ${runs.length}\n`,
    );
    for (const run of runs) screen.print(details(run, screen));
  }
  if (runs.some(({ trouble }) => trouble.length > 0)) return EXIT.trouble;
  return runs.every(isClean) ? EXIT.done : EXIT.below;
}

/** Empty if there is nothing to say. */
function details(run: VariantRun, screen: Screen): string {
  if (isClean(run)) return '';
  const { variant, alarms, trouble } = run;
  return [
    '',
    screen.colors.bold(`${variant.assignment}/${variant.name}`),
    ...trouble.map((text) => `  ${text}`),
    ...alarms.flatMap((alarm) => alarmLines(alarm, screen)),
    '',
  ].join('\n');
}

function alarmLines({ check, failure, reason }: FalseAlarm, screen: Screen): readonly string[] {
  if (failure === null) return [`  - ${check}: ${reason}`];
  const width = Math.max(80, screen.width) - 4;
  return [
    `  ✗ ${check}: ${failure.rule}`,
    ...failureLines(failure, width).map(({ text }) => `    ${text}`.trimEnd()),
  ];
}

function plainData({ variant, ...run }: VariantRun): unknown {
  const { assignment, name, description, freedoms } = variant;
  return { assignment, name, description, freedoms, ...run };
}
