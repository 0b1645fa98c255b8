/** An `autograder.py` of Classroom 50: `result.json` and `release-body.md` in the student's checkout, on GitHub Actions. */
import { classroom50Json, type Classroom50Identity } from '../../reporters/classroom50.ts';
import { feedbackMarkdown } from '../../reporters/feedback-markdown.ts';
import { githubAnnotations } from '../../reporters/github-commands.ts';
import { sumPoints } from '../../scoring/points.ts';
import { hasTrouble } from '../../scoring/trouble.ts';
import { UsageError } from '../errors.ts';
import { assignmentsNamed } from '../selection.ts';
import type { Delivery, PipelineRun } from './delivery.ts';
import { folderIn } from './folder-in.ts';

/** GitHub takes 125,000 characters, and the runner adds its own. */
const MOST_RELEASE_BODY = 100_000;
const NONE = { 'result.json': null, 'release-body.md': null };

/** Throws a {@link UsageError} if the runner's variables are not there. */
export function forClassroom50(run: PipelineRun): Delivery {
  const identity = identityOf(run.env);
  const folder = folderIn(run.env['GITHUB_WORKSPACE'], run);
  return {
    output: run.output ?? run.submission,
    // The student's own must not pass for a result.
    before: NONE,
    files: (grade) =>
      hasTrouble(grade)
        ? NONE
        : {
            'result.json': classroom50Json(grade, identity, () => pointsOf(run)),
            'release-body.md': feedbackMarkdown(grade, MOST_RELEASE_BODY),
          },
    appended: () => ({}),
    closing: (grade) => githubAnnotations(grade, folder, 'the text of the release'),
  };
}

function pointsOf({ options }: PipelineRun): number {
  const checks = assignmentsNamed(options.assignments).flatMap((one) => one.checks);
  return sumPoints(checks.map((check) => check.points));
}

function identityOf(env: PipelineRun['env']): Classroom50Identity {
  const needed = (name: string): string => {
    const value = env[name] ?? '';
    if (value !== '') return value;
    throw new UsageError(
      `The variable ${name} is not set. Classroom 50's runner sets it, or pipelines/classroom50/autograder.py: see docs/pipelines.md.`,
    );
  };
  const commit = needed('COMMIT_URL');
  const submission = needed('SUBMISSION_TAG');
  if (!submission.startsWith('submit/')) {
    throw new UsageError(
      `SUBMISSION_TAG is a tag that begins with "submit/", not "${submission}".`,
    );
  }
  const datetime = needed('SUBMITTED_AT');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u.test(datetime)) {
    throw new UsageError(`SUBMITTED_AT is a time such as 2026-06-01T14:32:01Z, not "${datetime}".`);
  }
  return {
    classroom: needed('CLASSROOM'),
    assignment: needed('ASSIGNMENT'),
    submission,
    commit,
    release: needed('RELEASE_URL'),
    review: (env['REVIEW_URL'] ?? '') === '' ? commit : env['REVIEW_URL']!,
    datetime,
  };
}
