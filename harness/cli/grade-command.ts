/** `grade` and `batch`: submissions in, reports out. */
import type { CommandLine } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readGradeOptions } from './grade-options.ts';
import type { Screen } from './screen.ts';

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
  // It takes as long to load what reads and reports as it takes the processes to get ready.
  if (line.operands.length === 1 && !areClasses && !options.resume)
    (await import('../runner/processes.ts')).startAhead();
  const { missingPaths, sourcesOf } = await import('./submission-paths.ts');
  const { openOutput } = await import('./open-output.ts');
  const { hasLayers } = await import('./required-layers.ts');
  const { GradingRun } = await import('./grading-run.ts');
  const sources = await sourcesOf(line.operands, areClasses);
  for (const text of missingPaths(sources)) screen.note(screen.noteColors.yellow(text));
  if (!(await hasLayers(options.requiredLayers, screen))) return EXIT.trouble;
  const output = await openOutput(options, sources, screen);
  return new GradingRun(sources, options, output, screen).run();
}
