/** `--help`. */
import type { createColors } from 'picocolors';
import { type Command, COMMANDS } from './commands.ts';
import type { Option } from './options.ts';
import { EXIT } from './exit-codes.ts';
import { wrap } from '../reporters/text-layout.ts';

type Colors = ReturnType<typeof createColors>;

/** How the command is started, as shown everywhere. */
export const PROGRAM = 'npx ts-node grade.ts';

const LEAST_WIDTH = 60;
const MOST_WIDTH = 100;

/** The help of a command; that of `grade` shows the others too. */
export function helpText(
  command: Command,
  version: string,
  colors: Colors,
  columns: number,
): string {
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns));
  const title = (text: string): string => colors.bold(text);
  const isMain = command.name === 'grade';
  const usage = `${PROGRAM} ${isMain ? '[grade]' : command.name} ${command.usage}`.trimEnd();
  return [
    ...(isMain
      ? [
          `${colors.bold('Faultline')} ${version} grades student pagers for x86-64, written in TypeScript.`,
          '',
        ]
      : [...wrap(`${command.name}: ${command.summary}.`, width), '']),
    `${title('Usage')}  ${usage} [options]`,
    ...(isMain ? ['', title('Commands'), ...rows(COMMANDS.map(commandRow), width, colors)] : []),
    ...command.groups.flatMap(({ title: name, options }) => [
      '',
      title(name),
      ...rows(options.map(optionRow), width, colors, optionColumn(command)),
    ]),
    ...(isMain ? epilogue(width, colors) : []),
    '',
  ].join('\n');
}

function epilogue(width: number, colors: Colors): string[] {
  const example = (args: string, text: string): string[] => [
    `  ${colors.cyan(`${PROGRAM} ${args}`)}`,
    ...wrap(`      ${text}`, width, '      '),
  ];
  const exits: [string, string][] = [
    [String(EXIT.done), 'grading came to its end, whatever the score; a watch was told to end'],
    [
      String(EXIT.below),
      'a submission is below --fail-under, a replayed check did not pass, a suite was proven wrong, a gradebook needs a hand, or "diff --exit-code" found a change',
    ],
    [String(EXIT.usage), 'the command line makes no sense'],
    [
      String(EXIT.trouble),
      'the grader failed on a submission or a check, could not write, or a required layer is missing',
    ],
    [String(EXIT.interrupted), 'interrupted; what was done is written'],
  ];
  return [
    '',
    colors.bold('Examples'),
    ...example('my-pager', 'grade one submission'),
    ...example('my-pager --only LP-11 --verbose', 'run the checks of one rule'),
    ...example('submissions/* -o grades --resume', 'grade many; go on after an interruption'),
    ...example('ci github . --fail-under 100', 'grade in a pipeline'),
    '',
    ...wrap(
      'Lists are repeated or separated by commas: --only LP-3,LP-4. Results go to stdout, progress to stderr. ' +
        'Hidden checks are named only at a terminal, in results.json and with --json, and never by "ci". ' +
        'NO_COLOR turns colours off; CI turns the live line off.',
      width,
    ),
    '',
    colors.bold('Exit codes'),
    ...rows(exits, width, colors),
  ];
}

function commandRow({ name, usage, summary }: Command): [string, string] {
  return [`${name} ${usage}`.trimEnd(), summary];
}

function optionRow(option: Option): [string, string] {
  const { name, short, value, text } = option;
  const lead = short === undefined ? '    ' : `-${short}, `;
  return [`${lead}--${name}${value === undefined ? '' : ` <${value}>`}`, text];
}

/** The same for all groups. */
function optionColumn({ groups }: Command): number {
  const options = groups.flatMap((group) => group.options);
  return Math.max(...options.map((option) => optionRow(option)[0].length));
}

/** Two columns; the second is wrapped. */
function rows(
  items: readonly (readonly [string, string])[],
  width: number,
  colors: Colors,
  column = Math.max(...items.map(([left]) => left.length)),
): string[] {
  return items.flatMap(([left, right]) => {
    const indent = ' '.repeat(column + 4);
    const [first = '', ...rest] = wrap(right, width - indent.length);
    return [
      `  ${colors.cyan(left.padEnd(column))}  ${first}`,
      ...rest.map((line) => indent + line),
    ];
  });
}
