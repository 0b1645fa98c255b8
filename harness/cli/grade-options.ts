/** The options of `grade`, with their defaults. */
import { processors } from '../runner/processors.ts';
import type { TerminalOptions } from '../reporters/terminal.ts';
import {
  DEFAULT_RUNS,
  DEFAULT_SEED,
  DEFAULT_TIME_LIMIT,
  type JobOptions,
} from '../runner/worker-job.ts';
import type { CommandLine } from './command-line.ts';
import { type Layer, LAYERS } from '../runner/layer-names.ts';
import { UsageError } from './errors.ts';
import { didYouMeanOneOf } from './nearest.ts';
import { BATCH_OUTPUT } from './options.ts';
import { type Format, FORMATS } from './earlier-results.ts';

export interface GradeCommandOptions {
  readonly job: JobOptions;
  readonly jobs: number;
  readonly output: string | null;
  readonly formats: readonly Format[];
  /** Whether results that are kept in the output folder, or in a cache that was named, are used again. */
  readonly resume: boolean;
  /** Folder of results to use again; null: that in the output folder, if there is one. */
  readonly cache: string | null;
  /** Whether what differs between two runs has files of its own. */
  readonly isTimeless: boolean;
  readonly failUnder: number | null;
  /** Walls without which nothing is graded. */
  readonly requiredLayers: readonly Layer[];
  readonly json: boolean;
  readonly detail: TerminalOptions['detail'];
}

/** Seeds are what the generators can tell apart. */
export const MOST_SEED = 2 ** 31 - 1;
export const MOST_RUNS = 10_000;
/** A day, in seconds. */
const MOST_TIME = 86_400;
/** Processes side by side. */
export const MOST_JOBS = 256;

/** `--seed` and `--runs`. */
export function readSeedAndRuns(line: CommandLine): Pick<JobOptions, 'seed' | 'runs'> {
  return {
    seed: line.integer('seed', 0, MOST_SEED) ?? DEFAULT_SEED,
    runs: line.integer('runs', 1, MOST_RUNS) ?? DEFAULT_RUNS,
  };
}

/** `--time-limit`, in seconds. */
export function readTimeLimit(line: CommandLine): number {
  return line.integer('time-limit', 1, MOST_TIME) ?? DEFAULT_TIME_LIMIT;
}

/** Throws a {@link UsageError} for values and combinations that make no sense. */
export function readGradeOptions(line: CommandLine): GradeCommandOptions {
  const isBatch = line.command === 'batch';
  const output = line.text('output') ?? (isBatch ? BATCH_OUTPUT : null);
  const cache = line.text('cache');
  if (line.has('fresh') && line.has('resume')) {
    throw new UsageError('--fresh and --resume exclude each other.');
  }
  for (const name of ['format', 'resume']) {
    if (line.has(name) && output === null && (name !== 'resume' || cache === null)) {
      throw new UsageError(`--${name} is about files: say where with --output <dir>.`);
    }
  }
  if (line.has('quiet') && line.has('verbose')) {
    throw new UsageError('--quiet and --verbose exclude each other.');
  }
  return {
    job: {
      assignments: line.list('assignment'),
      only: line.list('only'),
      ...readSeedAndRuns(line),
      timeLimit: readTimeLimit(line),
    },
    jobs: line.integer('jobs', 1, MOST_JOBS) ?? processors(),
    output,
    formats: readFormats(line),
    resume: !line.has('fresh') && (isBatch || cache !== null || line.has('resume')),
    cache,
    isTimeless: isBatch,
    failUnder: line.decimal('fail-under', 0, 100),
    requiredLayers: readLayers(line),
    json: line.has('json'),
    detail: line.has('quiet') ? 'quiet' : line.has('verbose') ? 'verbose' : 'normal',
  };
}

function readLayers(line: CommandLine): readonly Layer[] {
  const names = line.list('require-layers') ?? [];
  const unknown = names.find((name) => !(LAYERS as readonly string[]).includes(name));
  if (unknown === undefined) return names as Layer[];
  throw new UsageError(`There is no layer "${unknown}".${didYouMeanOneOf(unknown, LAYERS)}`);
}

function readFormats(line: CommandLine): readonly Format[] {
  const names = line.list('format') ?? [];
  const unknown = names.find((name) => !(FORMATS as readonly string[]).includes(name));
  if (unknown === undefined) return names as Format[];
  throw new UsageError(`There is no format "${unknown}"; there are ${FORMATS.join(' and ')}.`);
}
