/**
 * The command line: takes the arguments, gives the exit code. Everything heavy is loaded by the command that needs it, so that `--help`
 * and mistakes are answered at once.
 */
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import { OutputError, UsageError } from './errors.ts';
import { helpText, PROGRAM } from './help.ts';
import { commandNamed, COMMANDS } from './commands.ts';
import { Screen } from './screen.ts';
import { oneLine } from '../reporters/escaping.ts';
import { GRADER_VERSION } from '../runner/version.ts';

/** Runs the command. Never throws, and never ends the process: what was printed still has to arrive. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const screen = new Screen();
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  try {
    const asksForHelp = options[0] === 'help';
    if (asksForHelp || options.some((arg) => arg === '--help' || arg === '-h')) {
      const [named] = options.slice(asksForHelp ? 1 : 0).filter((arg) => !arg.startsWith('-'));
      const command = commandNamed(named ?? '') ?? COMMANDS[0]!;
      screen.print(helpText(command, GRADER_VERSION, screen.colors, screen.width));
      return EXIT.done;
    }
    if (options.some((arg) => arg === '--version' || arg === '-V')) {
      screen.print(
        `Faultline ${GRADER_VERSION} (Node ${process.version}, ${process.platform} ${process.arch})\n`,
      );
      return EXIT.done;
    }
    return await run(args, screen);
  } catch (error) {
    return tell(error, screen, options);
  }
}

async function run(args: readonly string[], screen: Screen): Promise<ExitCode> {
  const { parseCommandLine } = await import('./command-line.ts');
  const line = await parseCommandLine(args);
  switch (line.command) {
    case 'grade':
      return (await import('./grade-command.ts')).gradeCommand(line, screen);
    case 'batch':
      return (await import('./grade-command.ts')).batchCommand(line, screen);
    case 'ci':
      return (await import('./ci-command.ts')).ciCommand(line, screen);
    case 'pack':
      return (await import('./pack-command.ts')).packCommand(line, screen);
    case 'watch':
      return (await import('./watch-command.ts')).watchCommand(line, screen);
    case 'list':
      return (await import('./list-command.ts')).listCommand(line, screen);
    case 'explain':
      return (await import('./explain-command.ts')).explainCommand(line, screen);
    case 'replay':
      return (await import('./replay-command.ts')).replayCommand(line, screen);
    case 'doctor':
      return (await import('./doctor-command.ts')).doctorCommand(line, screen);
    case 'gradebook':
      return (await import('./gradebook-command.ts')).gradebookCommand(line, screen);
    case 'diff':
      return (await import('./diff-command.ts')).diffCommand(line, screen);
    case 'mutants':
      return (await import('./mutants-command.ts')).mutantsCommand(line, screen);
    case 'variants':
      return (await import('./variants-command.ts')).variantsCommand(line, screen);
  }
}

/** One sentence, which may name what a student has named; a stack is for those who ask for it. */
function tell(error: unknown, screen: Screen, args: readonly string[]): ExitCode {
  const { red, dim } = screen.noteColors;
  if (error instanceof UsageError) {
    screen.note(`${red('error:')} ${oneLine(error.message)}`);
    screen.note(dim(`"${PROGRAM} --help" shows how it is used.`));
    return EXIT.usage;
  }
  if (error instanceof OutputError) {
    screen.note(`${red('error:')} ${oneLine(error.message)}`);
    return EXIT.trouble;
  }
  const isVerbose = args.some((arg) => arg === '--verbose' || arg === '-v');
  const [firstLine = ''] = String(error).split('\n');
  screen.note(`${red('error:')} the grader failed: ${oneLine(firstLine)}`);
  screen.note(
    isVerbose && error instanceof Error
      ? dim(error.stack ?? '')
      : 'This is a mistake of Faultline, not of a submission. Run with --verbose for details.',
  );
  return EXIT.trouble;
}
