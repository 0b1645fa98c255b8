/** The command line as text: which command, what follows it, and its options, known to exist and to have values. */
import yargs from 'yargs';
import { UsageError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { type Command, type CommandName, COMMANDS, optionsOf } from './commands.ts';
import type { Option } from './options.ts';

/** A parsed command line. What the values mean is for the commands to say. */
export class CommandLine {
  readonly command: CommandName;
  /** What was given without an option's name. */
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    command: CommandName,
    operands: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
  ) {
    this.command = command;
    this.operands = operands;
    this.#values = values;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of an option, or null. */
  text(name: string): string | null {
    return this.#values.get(name)?.[0] ?? null;
  }

  /** All values of an option that may have several, or null if it was not given. */
  list(name: string): readonly string[] | null {
    return this.#values.get(name) ?? null;
  }

  /** A whole number in a range. */
  integer(name: string, from: number, to: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = /^-?\d+$/u.test(text) ? Number(text) : NaN;
    if (!(value >= from && value <= to)) {
      throw new UsageError(`--${name} is a whole number from ${from} to ${to}, not "${text}".`);
    }
    return value;
  }

  /** A number in a range. */
  decimal(name: string, from: number, to: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : NaN;
    if (!(value >= from && value <= to)) {
      throw new UsageError(`--${name} is a number from ${from} to ${to}, not "${text}".`);
    }
    return value;
  }
}

/** Parses the arguments. Throws a {@link UsageError} that says what is wrong with them. */
export async function parseCommandLine(args: readonly string[]): Promise<CommandLine> {
  let parsed: CommandLine | undefined;
  // Unknown options and values are looked at here and not by yargs, which knows no suggestions for them.
  let parser = yargs([...args])
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
      'populate--': true,
    })
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(`${message ?? 'That makes no sense'}.`);
    });
  for (const command of COMMANDS) {
    const name = `${command.name} [operands..]`;
    parser = parser.command({
      command: command.name === 'grade' ? [name, '$0'] : name,
      describe: false,
      builder: (builder) =>
        builder
          .positional('operands', { type: 'string', array: true })
          .options(
            Object.fromEntries(optionsOf(command).map((option) => [option.name, shape(option)])),
          ),
      handler: (argv) => {
        parsed = commandLine(command, argv);
      },
    });
  }
  await parser.parseAsync();
  if (parsed === undefined) throw new UsageError('Nothing to do.');
  return parsed;
}

function shape({ value, short }: Option): { type: 'string' | 'boolean'; alias?: string } {
  const type = value === undefined ? 'boolean' : 'string';
  return short === undefined ? { type } : { type, alias: short };
}

function commandLine(command: Command, argv: Readonly<Record<string, unknown>>): CommandLine {
  const options = optionsOf(command);
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(argv)) {
    if (['_', '$0', '--', 'operands'].includes(name) || value === undefined) continue;
    const option = options.find((candidate) => candidate.name === name);
    if (option === undefined) throw unknownOption(command, name);
    const given = (Array.isArray(value) ? value : [value]) as (string | boolean)[];
    if (option.value === undefined) {
      if (given.some(Boolean)) values.set(name, []);
    } else values.set(name, valuesOf(option, given.map(String)));
  }
  const more = [argv['operands'], argv['--']].flatMap((part) => (part ?? []) as string[]);
  return new CommandLine(command.name, more.map(String), values);
}

function valuesOf(option: Option, given: readonly string[]): readonly string[] {
  const { name, list = false, value = '' } = option;
  const values = list ? given.flatMap((text) => text.split(',')).map((text) => text.trim()) : given;
  if (values.length === 0 || values.includes('')) {
    throw new UsageError(`--${name} needs a value: --${name} <${value}>.`);
  }
  if (!list && values.length > 1) throw new UsageError(`--${name} can be given only once.`);
  return [...new Set(values)];
}

function unknownOption(command: Command, name: string): UsageError {
  const dashes = name.length === 1 ? '-' : '--';
  const own = optionsOf(command).map((option) => `--${option.name}`);
  const elsewhere = COMMANDS.filter((other) =>
    optionsOf(other).some((option) => option.name === name),
  );
  const hint =
    elsewhere.length === 0
      ? didYouMean(`--${name}`, own)
      : ` It belongs to ${elsewhere.map((other) => `"${other.name}"`).join(' and ')}.`;
  return new UsageError(`"${command.name}" has no option ${dashes}${name}.${hint}`);
}
