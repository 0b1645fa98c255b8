/** Folders of results, for tests: as `--output` writes them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resultsJson } from '../../reporters/results-json.ts';
import {
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from '../../reporters/sample-grade.ts';
import type { SubmissionGrade } from '../../scoring/grade.ts';

const RULES = [
  { id: 'PT-1', title: 'one' },
  { id: 'PT-2', title: 'two' },
];

/** A submission graded for `page-table`, with 10 points for one of two checks; 20 for both. */
export function sampleResult(
  submission: string,
  points: 10 | 20,
  more: Partial<SubmissionGrade> = {},
): SubmissionGrade {
  const second = sampleCheck('PT-2.1', {
    points: 10,
    ...(points === 20 ? {} : { status: 'failed', failure: sampleFailure('PT-2') }),
  });
  const checks = [sampleCheck('PT-1.1', { points: 10 }), second];
  const assignment = sampleAssignment('page-table', 'Page table', RULES, checks);
  return sampleSubmission([assignment], { submission, ...more });
}

/** Writes the results of a submission, and other files beside them, as JSON. */
export async function writeResult(
  folder: string,
  grade: SubmissionGrade,
  files: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const own = join(folder, grade.submission);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'results.json'), resultsJson(grade));
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(own, name), JSON.stringify(value));
  }
}
