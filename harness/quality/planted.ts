/** What is graded to prove a suite: the model with one mistake planted in it, or with two. */
import type { Submission } from '../intake/submission.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import { DEFAULT_RUNS, DEFAULT_SEED } from '../runner/worker-job.ts';
import type { Double, Mutant } from './mutant.ts';
import { type Files, plant } from './plant.ts';

/** The model with a mistake, or with two of them. */
export interface Planted {
  readonly assignment: string;
  /** Id of the mutant, or of both: `a + b`. */
  readonly id: string;
  /** Empty: the mistake was made by a tool, which knows no rule. */
  readonly mutants: readonly Mutant[];
  readonly files: Files;
}

/** The model with one mutant in it. Throws `PlantingError`. */
export function single(assignment: string, model: Files, mutant: Mutant): Planted {
  const mutants = [mutant];
  return { assignment, id: mutant.id, mutants, files: plant(model, mutants) };
}

/** The model with two mutants in it, both of which are in `known`. Throws `PlantingError`. */
export function double(
  assignment: string,
  model: Files,
  known: readonly Mutant[],
  pair: Double,
): Planted {
  const mutants = pair.map((id) => known.find((mutant) => mutant.id === id)!);
  return { assignment, id: pair.join(' + '), mutants, files: plant(model, mutants) };
}

/**
 * Grading it the way a student's submission is graded by default: all checks of the assignment, on its own page table. `command`: what plants it, to be
 * followed by the options that choose it.
 */
export function plantedJob(
  { assignment, id, files }: Planted,
  seed = DEFAULT_SEED,
  command = 'npx ts-node grade.ts mutants',
): GradingJob {
  return {
    submission: asSubmission(`${assignment}/${id}`, files),
    options: {
      assignments: [assignment],
      seed,
      runs: DEFAULT_RUNS,
      only: null,
      pageTable: 'own',
      // What is asked of a mutant is which check sees it.
      playAgain: false,
      seenAgainBy: `${command} --assignment ${assignment} --only '${id.replaceAll("'", "'\\''")}' --verbose`,
    },
  };
}

/** The same with some checks alone, by id. */
export function onlyJob(planted: Planted, only: readonly string[]): GradingJob {
  const { submission, options } = plantedJob(planted);
  return { submission, options: { ...options, only } };
}

/** Files that nobody handed in, as a submission. */
export function asSubmission(id: string, files: Files): Submission {
  return {
    id,
    source: id,
    files,
    folder: '',
    digest: '',
    notes: [],
    provenance: [],
    submitters: [],
  };
}
