/** What a result depends on: while it stays the same, grading again would give the same result, whoever handed it in. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GradingJob, JobOptions } from '../runner/worker-job.ts';
import { GRADER_VERSION } from '../runner/version.ts';

const ROOT = resolve(__dirname, '../..');
/** What decides about a grade: the grader, its suites with their rubrics, the model, and the versions of the packages they use. */
const SOURCES = ['harness', 'suites', 'reference'];
const NO_SOURCE = /\.(spec|bench)\.ts$|[/\\](mutants|variants|testing|golden)[/\\]/u;

/** Plain data, as it stands in `key.json` beside a result. */
export interface ResultKey {
  /** SHA-256 of the submission’s code: see `Submission.digest`. */
  readonly submission: string;
  /** What the student is told of the files that came with it. */
  readonly notes: readonly string[];
  /** SHA-256 of the grader, its suites, the model and the packages. */
  readonly grader: string;
  readonly options: Pick<JobOptions, 'assignments' | 'seed' | 'runs' | 'only'>;
}

let grader: string | null = null;

/** The key of what a job comes to. */
export function resultKey({ submission, options }: GradingJob): ResultKey {
  grader ??= graderHash();
  const { assignments, seed, runs, only } = options;
  return {
    submission: submission.digest,
    notes: submission.notes,
    grader,
    options: { assignments, seed, runs, only },
  };
}

/** The key as a short name: SHA-256 in hexadecimal. */
export function nameOfKey(key: ResultKey): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex');
}

function graderHash(): string {
  const hash = createHash('sha256').update(GRADER_VERSION);
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((name) => name.endsWith('.ts') && !NO_SOURCE.test(name)),
  );
  for (const name of [...files.sort(), 'package.json', 'package-lock.json']) {
    hash.update(`\0${name}\0`).update(readFileSync(join(ROOT, name)));
  }
  return hash.digest('hex');
}
