/** `explain`: a rule in full. */
import { wrap } from '../reporters/text-layout.ts';
import type { Assignment } from '../runner/assignments.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { PROGRAM } from './help.ts';
import { didYouMean } from './nearest.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed } from './selection.ts';

const MOST_WIDTH = 100;
const FUNDAMENTAL =
  'Fundamental: while it is broken, many other checks cannot be judged, and their points count as not earned.';

interface Found {
  readonly assignment: Assignment;
  readonly rule: Assignment['info']['rules'][number];
}

/** Explains rules, found by their id or by that of one of their checks. */
export function explainCommand(line: CommandLine, screen: Screen): ExitCode {
  const assignments = assignmentsNamed(null);
  if (line.operands.length === 0) {
    throw new UsageError('Which rule? "list --rules" shows them all.');
  }
  const found = line.operands.map((name) => find(name, assignments));
  screen.print(found.map((rule) => explanation(rule, screen)).join('\n'));
  return EXIT.done;
}

function find(name: string, assignments: readonly Assignment[]): Found {
  const wanted = name.toLowerCase();
  const isWanted = ({ id }: { readonly id: string }): boolean => id.toLowerCase() === wanted;
  for (const assignment of assignments) {
    const ruleOfCheck = assignment.checks.find(isWanted)?.rule;
    const rule = assignment.info.rules.find((one) => isWanted(one) || one.id === ruleOfCheck);
    if (rule !== undefined) return { assignment, rule };
  }
  const names = assignments.flatMap(({ info, checks }) =>
    [...info.rules, ...checks].map(({ id }) => id),
  );
  const near = didYouMean(name, names) || ' "list --rules" shows them all.';
  throw new UsageError(`There is no rule "${name}".${near}`);
}

function explanation({ assignment, rule }: Found, screen: Screen): string {
  const { bold, dim, cyan } = screen.colors;
  const width = Math.min(MOST_WIDTH, screen.width);
  const guards = assignment.checks.filter((check) => check.rule === rule.id);
  const shown = guards.filter(
    (check) => screen.audience === 'staff' || check.visibility !== 'hidden',
  );
  const worth = formatPoints(sumPoints(guards.map((check) => check.points)));
  const paragraph = (title: string, text: string): string[] => [
    '',
    bold(title),
    ...wrap(text, width - 2).map((line) => `  ${line}`),
  ];
  const column = Math.max(0, ...shown.map(({ id }) => id.length));
  const fundamental = rule.fundamental === true ? ', fundamental' : '';
  return [
    ...wrap(`${rule.id}: ${rule.title}`, width, '  ').map(bold),
    dim(`${assignment.info.title}, ${worth} ${worth === '1' ? 'point' : 'points'}${fundamental}`),
    ...(rule.fundamental === true ? wrap(FUNDAMENTAL, width).map(dim) : []),
    '',
    ...wrap(rule.text, width),
    ...paragraph('Why', rule.why),
    ...paragraph('Example', rule.example),
    '',
    bold('Checked by'),
    ...shown.flatMap(({ id, title }) => {
      const [first = '', ...rest] = wrap(title, width - column - 4);
      const indent = ' '.repeat(column + 4);
      return [`  ${cyan(id.padEnd(column))}  ${first}`, ...rest.map((line) => indent + line)];
    }),
    ...(shown.length < guards.length ? [dim(`  and ${guards.length - shown.length} hidden`)] : []),
    ...paragraph('Source', rule.source),
    '',
    dim(`${PROGRAM} <submission> --only ${rule.id}`),
    '',
  ].join('\n');
}
