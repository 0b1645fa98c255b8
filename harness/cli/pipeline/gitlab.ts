/** A job of GitLab CI: a JUnit report, which GitLab shows beside the pipeline and the merge request. */
import { feedbackMarkdown } from '../../reporters/feedback-markdown.ts';
import { junitXml } from '../../reporters/junit-xml.ts';
import type { Delivery, PipelineRun } from './delivery.ts';
import { folderIn } from './folder-in.ts';

export function forGitlab(run: PipelineRun): Delivery {
  const folder = folderIn(run.env['CI_PROJECT_DIR'], run);
  return {
    output: run.output,
    checkout: run.env['CI_PROJECT_DIR'],
    before: { 'junit.xml': null, 'feedback.md': null },
    files: (grade) => ({
      'junit.xml': junitXml(grade, folder),
      'feedback.md': feedbackMarkdown(grade),
    }),
    appended: () => ({}),
    closing: () => '',
  };
}
