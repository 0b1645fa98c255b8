/** Options of the scripts here: what a script does not know ends it with one sentence, and `--help` shows the comment that its file begins with. */
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT } from '../harness/cli/exit-codes.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/** The options that the script `file` was started with. Ends the process if they make no sense, or only ask for help. */
export function flagsOf<T extends Options>(file: string, options: T): Values<T> {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    console.log(headComment(file));
    process.exit(EXIT.done);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** The whole number from `least` on that `--name` was given. Ends the process if it is none. */
export function countFlag(name: string, given: string, least: number): number {
  const count = Number(given);
  if (Number.isSafeInteger(count) && count >= least) return count;
  return refuse(`--${name} is a whole number from ${String(least)} on, not "${given}".`);
}

/** Ends the process with one sentence. */
export function refuse(message: string): never {
  console.error(`error: ${message}\n"--help" says how it is used.`);
  process.exit(EXIT.usage);
}

function headComment(file: string): string {
  const [, comment = ''] = /^\/\*\*([^]*?)\*\//.exec(readFileSync(file, 'utf8')) ?? [];
  return comment.replaceAll(/^ *\* ?/gm, '').trim();
}
