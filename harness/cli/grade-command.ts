/** `grade` and `batch`: submissions in, reports out. */
import type { CommandLine } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readGradeOptions } from './grade-options.ts';
import { GradingRun } from './grading-run.ts';
import { openOutput } from './open-output.ts';
import { hasLayers } from './required-layers.ts';
import type { Screen } from './screen.ts';
import { missingPaths, sourcesOf } from './submission-paths.ts';

/** Grades what the command line names. Throws, before anything is graded, if it makes no sense or the output folder cannot be used. */
export function gradeCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  return gradePaths(line, screen, false);
}

/** Grades all submissions in the folders and archives that the command line names, and goes on where an earlier run ended. Throws as {@link gradeCommand} does. */
export function batchCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  return gradePaths(line, screen, true);
}

async function gradePaths(
  line: CommandLine,
  screen: Screen,
  areClasses: boolean,
): Promise<ExitCode> {
  const options = readGradeOptions(line);
  const sources = await sourcesOf(line.operands, areClasses);
  for (const text of missingPaths(sources)) screen.note(screen.noteColors.yellow(text));
  if (!(await hasLayers(options.requiredLayers, screen))) return EXIT.trouble;
  const output = await openOutput(options, sources, screen);
  return new GradingRun(sources, options, output, screen).run();
}
