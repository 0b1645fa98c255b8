/** `replay`: one check again, with its failure in full. */
import { readSubmission } from '../intake/read-submission.ts';
import { isRejection, type Submission } from '../intake/submission.ts';
import { defuseCommands } from '../reporters/escaping.ts';
import { failureLines, type TextLine } from '../reporters/failure-text.ts';
import { viewOf } from '../reporters/student-view.ts';
import { wrap } from '../reporters/text-layout.ts';
import { problemText } from '../reporters/wording.ts';
import type { Assignment } from '../runner/assignments.ts';
import type { JobOptions } from '../runner/worker-job.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readSeedAndRuns } from './grade-options.ts';
import { startGraders } from './graders.ts';
import { Interruption } from './interruption.ts';
import { didYouMean } from './nearest.ts';
import { Progress } from './progress.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed } from './selection.ts';
import { onlySource } from './submission-paths.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { troubleDetails } from './ungraded.ts';

/** Runs one check, whatever it builds on. */
export async function replayCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [path, second] = line.operands;
  if (path === undefined) throw new UsageError('Which submission? Give a folder or an archive.');
  if (second !== undefined) {
    throw new UsageError(`One submission at a time: there is "${second}" after "${path}".`);
  }
  const id = line.text('check');
  if (id === null) throw new UsageError('Which check? Add --check <id>; "list" shows them all.');
  const pageTable = readPageTable(line);
  const seedAndRuns = readSeedAndRuns(line);
  const source = await onlySource(path);

  const interruption = new Interruption();
  const graders = startGraders(1, 1, {});
  const progress = new Progress(screen, 1, 1, false);
  try {
    const { assignment, check } = findCheck(id, line.text('assignment'));
    const submission = await readSubmission(source);
    if (isRejection(submission)) throw new UsageError(submission.reason);
    const options = {
      ...seedAndRuns,
      assignments: [assignment.info.id],
      only: [check.id],
      pageTable,
      knownBroken: line.list('known-broken') ?? [],
      playAgain: false,
    } satisfies JobOptions;
    progress.started(submission.id);
    if (screen.isLive) progress.begin('');
    const grade = await Promise.race([
      graders.then((started) => started.grade({ submission, options })),
      interruption.requested,
    ]);
    progress.end();
    if (grade === undefined) return EXIT.interrupted;
    return report(grade, { assignment, check, submission }, screen, line.has('verbose'));
  } finally {
    progress.end();
    await graders.then((started) => started.close()).catch(() => undefined);
    interruption.end();
  }
}

function readPageTable(line: CommandLine): 'own' | 'model' {
  const text = line.text('page-table') ?? 'own';
  if (text === 'own' || text === 'model') return text;
  throw new UsageError(`--page-table is own or model, not "${text}".`);
}

interface Found {
  readonly assignment: Assignment;
  readonly check: Assignment['checks'][number];
}

function findCheck(id: string, assignmentId: string | null): Found {
  const assignments = assignmentsNamed(assignmentId === null ? null : [assignmentId]);
  const found = assignments.flatMap((assignment) =>
    assignment.checks.filter((check) => check.id === id).map((check) => ({ assignment, check })),
  );
  const [first, second] = found;
  if (first === undefined) {
    const names = assignments.flatMap(({ checks }) => checks.map((check) => check.id));
    const near = didYouMean(id, names) || ' "list" shows them all.';
    throw new UsageError(`There is no check "${id}".${near}`);
  }
  if (second === undefined) return first;
  const where = found.map(({ assignment }) => assignment.info.id).join(' and ');
  throw new UsageError(`"${id}" is a check of ${where}: say which with --assignment <id>.`);
}

function report(
  grade: SubmissionGrade,
  { assignment, check, submission }: Found & { readonly submission: Submission },
  screen: Screen,
  isVerbose: boolean,
): ExitCode {
  const { bold, dim, red, green, yellow, cyan } = screen.colors;
  const width = Math.min(120, Math.max(80, screen.width));
  const view = viewOf(grade, screen.audience);
  const graded = view.assignments.find((one) => one.assignment === assignment.info.id);
  const result = graded?.checks.find((one) => one.id === check.id);
  const rule = assignment.info.rules.find((one) => one.id === check.rule);
  const tones: Record<TextLine['tone'], (text: string) => string> = {
    plain: String,
    failing: red,
    dim,
    hint: cyan,
  };
  const print = (lines: readonly string[]): void =>
    screen.print(`${defuseCommands(lines.join('\n'))}\n`);

  if (hasTrouble(grade)) {
    screen.note(
      screen.noteColors.red(
        `The grader failed on ${check.id}, through no fault of the submission.`,
      ),
    );
    if (isVerbose) for (const text of troubleDetails(grade, screen.audience)) screen.note(text);
    else screen.note('Run with --verbose to see what went wrong.');
    return EXIT.trouble;
  }
  const on = graded?.pageTable === 'model' ? ', on the model page table' : '';
  const head = [
    `${bold(check.id)}  ${check.title}`,
    dim(`${submission.id}${on}, seed ${grade.seed}; ${check.rule}: ${rule?.title ?? ''}`),
    '',
  ];
  if (result === undefined) {
    // Hidden from this reader, or the assignment could not be run.
    const status = grade.assignments.flatMap(({ checks }) => checks)[0]?.status;
    const why =
      status === undefined
        ? [...(graded?.notes ?? []), ...view.problems.map(problemText)]
        : ['This check is hidden: it is shown in full only at a terminal.'];
    print([...head, red(status ?? 'not run'), ...why.flatMap((text) => wrap(text, width))]);
    return status === 'passed' ? EXIT.done : EXIT.below;
  }
  const failure =
    result.failure === null
      ? []
      : failureLines({ ...result.failure, replay: '' }, width - 2).map(({ tone, text }) =>
          `  ${tones[tone](text)}`.trimEnd(),
        );
  switch (result.status) {
    case 'passed':
      print([...head, green('✓ passed')]);
      return EXIT.done;
    case 'failed':
      print([
        ...head,
        red(`✗ failed: ${result.failure?.rule ?? check.rule} is broken`),
        '',
        ...failure,
      ]);
      return EXIT.below;
    case 'skipped':
    case 'error':
      print([...head, yellow(`- not judged: ${result.reason ?? ''}`), ...failure]);
      return EXIT.below;
  }
}
