/** A step of a GitHub Actions workflow: annotations, the summary of the step, its outputs. */
import { feedbackMarkdown } from '../../reporters/feedback-markdown.ts';
import { githubAnnotations, githubOutputs } from '../../reporters/github-commands.ts';
import { junitXml } from '../../reporters/junit-xml.ts';
import type { Delivery, PipelineRun } from './delivery.ts';
import { folderIn } from './folder-in.ts';

/** Of a step's summary: 1 MiB, of which other commands of the step get a little. */
const MOST_SUMMARY = 1_000_000;

export function forGithub(run: PipelineRun): Delivery {
  const { env, output } = run;
  const folder = folderIn(env['GITHUB_WORKSPACE'], run);
  const summary = env['GITHUB_STEP_SUMMARY'] ?? '';
  const outputs = env['GITHUB_OUTPUT'] ?? '';
  return {
    output,
    checkout: env['GITHUB_WORKSPACE'],
    before: { 'feedback.md': null, 'junit.xml': null },
    files: (grade) => ({
      'feedback.md': feedbackMarkdown(grade),
      'junit.xml': junitXml(grade, folder),
    }),
    appended: (grade) => ({
      ...(summary === '' ? {} : { [summary]: feedbackMarkdown(grade, MOST_SUMMARY) }),
      ...(outputs === '' ? {} : { [outputs]: githubOutputs(grade) }),
    }),
    closing: (grade) => githubAnnotations(grade, folder),
  };
}
