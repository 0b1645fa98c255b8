/** What a result depends on, as a hash: while it stays the same, grading again would give the same `results.json`. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GradingJob } from '../runner/worker-job.ts';
import { GRADER_VERSION } from '../runner/version.ts';

const ROOT = resolve(__dirname, '../..');
/** What decides about a grade: the grader, its suites, the model, and the versions of the packages they use. */
const SOURCES = ['harness', 'suites', 'reference'];
const NO_SOURCE = /\.(spec|bench)\.ts$|[/\\](mutants|variants|testing|golden)[/\\]/u;

let grader: string | null = null;

/** The key of a submission's result. */
export function resultKey({ submission, options }: GradingJob): string {
  grader ??= graderHash();
  const { id, source, digest } = submission;
  const { assignments, seed, runs, only } = options;
  const parts = [grader, id, source, digest, assignments, seed, runs, only];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
