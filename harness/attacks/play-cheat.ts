/** Plays cheats: grades the submission with the trick and its honest twin, by the grader that students get, and compares their points. */
import type { Submission } from '../intake/submission.ts';
import type { Grader } from '../runner/grade-submission.ts';
import { DEFAULT_RUNS, DEFAULT_SEED, gradeOptions, type JobOptions } from '../runner/worker-job.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { CheatingAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { gained, gainIn, stoppedBy, type Verdict } from './verdict.ts';

type Files = Readonly<Record<string, string>>;

/** Grades of twins, which many attacks share. */
export type TwinGrades = Map<string, SubmissionGrade>;

export async function playCheat(
  attack: CheatingAttack,
  grader: Grader,
  canaries: Canaries,
  twins: TwinGrades,
): Promise<Verdict> {
  const { id, files } = attack;
  const by = { assignments: attack.assignments, only: attack.only ?? null };
  const key = JSON.stringify([by, attack.twin]);
  const honest = twins.get(key) ?? (await gradeFiles(grader, 'twin', attack.twin, by));
  twins.set(key, honest);
  const grade = await gradeFiles(grader, id, files, by);

  const output = JSON.stringify(grade);
  const gain = gainIn(output, canaries);
  if (gain !== null) return gain;
  if (honest.outcome !== 'graded' || honest.score >= honest.maxScore)
    return gained('its twin has all points: nothing was tested');
  if (grade.outcome !== 'graded') return gained(`nobody could grade it: ${grade.reason ?? ''}`);
  const lost = `${String(grade.score)} of ${String(grade.maxScore)} points, its honest twin ${String(honest.score)}`;
  if (grade.score > honest.score || grade.maxScore < honest.maxScore) return gained(lost);
  const error = checksOf(grade).find(({ status }) => status === 'error');
  if (error !== undefined)
    return gained(`${error.id} ended in trouble of the grader: ${error.reason ?? ''}`);
  const first = checksOf(grade).find(({ failure }) => failure !== null)?.failure;
  return stoppedBy(
    'oracle',
    `${lost}: ${first?.summary ?? grade.problems[0]?.message ?? 'nothing could be run'}`,
  );
}

function checksOf({
  assignments,
}: SubmissionGrade): SubmissionGrade['assignments'][number]['checks'] {
  return assignments.flatMap(({ checks }) => checks);
}

function gradeFiles(
  grader: Grader,
  id: string,
  files: Files,
  by: Pick<JobOptions, 'assignments' | 'only'>,
): Promise<SubmissionGrade> {
  const submission: Submission = {
    id,
    source: id,
    files,
    digest: id,
    folder: '',
    notes: [],
    provenance: [],
    submitters: [],
  };
  const options = { ...by, seed: DEFAULT_SEED, runs: DEFAULT_RUNS };
  return grader.grade(submission, gradeOptions({ submission, options }));
}
