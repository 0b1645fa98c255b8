/** Grading correct pagers over and over: each seed gives one generated program of every property, and the default run comes on top. */
import { DEFAULT_RUNS, DEFAULT_SEED, type GradingJob } from '../runner/worker-job.ts';
import type { Failure, SubmissionGrade } from '../scoring/grade.ts';
import { asSubmission } from './planted.ts';
import type { Variant } from './variant-files.ts';

/** Seeds of one job: enough to be worth compiling the variant for, few enough for progress to be seen. */
const SEEDS_A_JOB = 250;

/** A job of a variant. */
export interface VariantJob {
  readonly variant: Variant;
  /** Seeds from the first on; 0: the default run of a student. */
  readonly seeds: number;
  readonly firstSeed: number;
  readonly job: GradingJob;
}

/** The jobs that play `seeds` seeds from `firstSeed` on, and the default run. `properties`: ids of the random checks of its assignment. */
export function variantJobs(
  variant: Variant,
  properties: readonly string[],
  firstSeed: number,
  seeds: number,
): readonly VariantJob[] {
  const id = `${variant.assignment}/${variant.name}`;
  const submission = asSubmission(id, variant.files);
  const options = {
    assignments: [variant.assignment],
    pageTable: 'own',
    seenAgainBy: `npx ts-node grade.ts variants --only ${id} --seed {seed} --runs 1`,
  } as const;
  const jobs: VariantJob[] = [
    {
      variant,
      seeds: 0,
      firstSeed: DEFAULT_SEED,
      job: {
        submission,
        options: { ...options, seed: DEFAULT_SEED, runs: DEFAULT_RUNS, only: null },
      },
    },
  ];
  for (let done = 0; done < seeds; done += SEEDS_A_JOB) {
    const seed = firstSeed + done;
    const count = Math.min(SEEDS_A_JOB, seeds - done);
    jobs.push({
      variant,
      seeds: count,
      firstSeed: seed,
      job: { submission, options: { ...options, seed, seeds: count, runs: 1, only: properties } },
    });
  }
  return jobs;
}

/** A check that a correct pager did not pass. */
export interface FalseAlarm {
  readonly check: string;
  /** What a student would read; `null` if there is only a reason. */
  readonly failure: Failure | null;
  readonly reason: string;
}

/** How one variant came off. */
export interface VariantRun {
  readonly variant: Variant;
  /** Seeds played, of each of which every property played one program. */
  readonly seeds: number;
  /** Programs played, scenarios and the default run included. */
  readonly programs: number;
  readonly alarms: readonly FalseAlarm[];
  /** The grader failed, or the variant does not compile. */
  readonly trouble: readonly string[];
}

/** What the answers to the jobs of `variant` say about it. */
export function variantRun(
  variant: Variant,
  answers: readonly { readonly job: VariantJob; readonly grade: SubmissionGrade }[],
): VariantRun {
  const alarms = new Map<string, FalseAlarm>();
  const trouble = new Set<string>();
  let seeds = 0;
  let programs = 0;
  for (const { job, grade } of answers) {
    const graded = grade.assignments.find(({ assignment }) => assignment === variant.assignment);
    if (grade.outcome !== 'graded') trouble.add(grade.reason ?? 'it could not be graded');
    else if (graded?.outcome !== 'graded') trouble.add(graded?.notes.join(' ') ?? 'not graded');
    else {
      seeds += job.seeds;
      programs += graded.checks.filter(({ kind }) => kind === 'scenario').length;
      programs += graded.checks.filter(({ kind }) => kind === 'property').length * playedOf(job);
    }
    for (const { message, location } of grade.problems)
      trouble.add(`${location?.file ?? ''}:${location?.line ?? 0}: ${message}`);
    for (const { id, status, failure, reason } of graded?.checks ?? []) {
      if (status === 'error') trouble.add(`${id}: ${reason ?? ''}`);
      // The first one is enough for each check; every job of a wrong variant would tell it again.
      else if ((status !== 'passed' || failure !== null) && !alarms.has(id))
        alarms.set(id, { check: id, failure, reason: reason ?? failure?.summary ?? '' });
    }
  }
  return { variant, seeds, programs, alarms: [...alarms.values()], trouble: [...trouble] };
}

function playedOf({ seeds, job }: VariantJob): number {
  return Math.max(1, seeds) * job.options.runs;
}

/** Whether the suite has nothing to say against it. */
export function isClean({ alarms, trouble }: VariantRun): boolean {
  return alarms.length === 0 && trouble.length === 0;
}
