/** `ci`: one submission, graded for a platform, where students may read all that is printed and written. */
import { resolve } from 'node:path';
import { readSubmission } from '../intake/read-submission.ts';
import type { Source } from '../intake/source.ts';
import { isRejection } from '../intake/submission.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readGradeOptions } from './grade-options.ts';
import { GradingRun } from './grading-run.ts';
import { didYouMeanOneOf, thereAre } from './nearest.ts';
import { forClassroom50 } from './pipeline/classroom50.ts';
import type { Delivery, PipelineRun } from './pipeline/delivery.ts';
import { forGithub } from './pipeline/github.ts';
import { forGitlab } from './pipeline/gitlab.ts';
import { forGradescope } from './pipeline/gradescope.ts';
import { readGradescopeMetadata } from './pipeline/gradescope-metadata.ts';
import { PipelineOutput } from './pipeline/pipeline-output.ts';
import { hasLayers } from './required-layers.ts';
import type { Screen } from './screen.ts';
import { exactSource, requireInside } from './submission-paths.ts';

const PLATFORMS: Readonly<Record<string, (run: PipelineRun) => Delivery>> = {
  github: forGithub,
  gitlab: forGitlab,
  gradescope: forGradescope,
  classroom50: forClassroom50,
};
const NAMES = Object.keys(PLATFORMS);

/** Grades the submission and hands the grade to the platform. Throws, before anything is graded, if the command line makes no sense or nothing can be written. */
export async function ciCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  screen.audience = 'student';
  const [platform, path, ...more] = line.operands;
  const deliveryOf = platformNamed(platform);
  if (path === undefined) {
    throw new UsageError(`Which submission? Give its path: ci ${platform!} <submission>.`);
  }
  if (more.length > 0) {
    throw new UsageError(`"ci" grades one submission, and this is a second one: "${more[0]!}".`);
  }
  const options = { ...readGradeOptions(line), output: null };
  const submission = resolve(path);
  const source = named(exactSource(submission), platform!);
  const delivery = deliveryOf({
    env: process.env,
    submission,
    codeFolder: await codeFolder(source),
    output: line.text('output'),
    options: options.job,
  });
  for (const checkout of [submission, delivery.checkout ?? ''])
    if (delivery.output !== null && checkout !== '') requireInside(delivery.output, checkout);
  const output = await PipelineOutput.open(delivery, screen);
  if (!(await hasLayers(options.requiredLayers, screen))) return EXIT.trouble;
  return new GradingRun([source], options, output, screen).run();
}

function platformNamed(name: string | undefined): (run: PipelineRun) => Delivery {
  if (name === undefined) throw new UsageError(`For which platform?${thereAre(NAMES)}`);
  if (Object.hasOwn(PLATFORMS, name)) return PLATFORMS[name]!;
  throw new UsageError(`There is no platform "${name}".${didYouMeanOneOf(name, NAMES)}`);
}

/** Every submission lies in the same folder on Gradescope; its own list has another name for it. */
function named(source: Source, platform: string): Source {
  const metadata = platform === 'gradescope' ? readGradescopeMetadata(source.path) : null;
  if (metadata === null) return source;
  return { ...source, id: `submission_${metadata.id}`, submitters: metadata.submitters };
}

async function codeFolder(source: Source): Promise<string> {
  const submission = await readSubmission(source);
  return isRejection(submission) ? '' : submission.folder;
}
