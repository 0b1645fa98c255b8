/** `list`: what is graded, and for how many points. */
import { formatPoints, sumPoints } from '../scoring/points.ts';
import { wrap } from '../reporters/text-layout.ts';
import type { Assignment } from '../runner/assignments.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed } from './selection.ts';

/** Lists assignments with their checks or rules. */
export function listCommand(line: CommandLine, screen: Screen): ExitCode {
  const [operand] = line.operands;
  if (operand !== undefined) {
    throw new UsageError(
      `"list" takes no "${operand}"; to list one assignment: --assignment <id>.`,
    );
  }
  const assignments = assignmentsNamed(line.list('assignment'));
  if (line.has('json')) {
    screen.print(`${JSON.stringify(assignments.map(plainData), null, 2)}\n`);
    return EXIT.done;
  }
  const page = new Page(screen, line.has('rules'));
  screen.print(assignments.map((assignment) => page.assignment(assignment)).join('\n'));
  return EXIT.done;
}

interface Entry {
  readonly id: string;
  /** The rule of a check; empty for a rule. */
  readonly rule: string;
  readonly points: string;
  readonly title: string;
}

class Page {
  readonly #screen: Screen;
  readonly #listsRules: boolean;

  constructor(screen: Screen, listsRules: boolean) {
    this.#screen = screen;
    this.#listsRules = listsRules;
  }

  assignment(assignment: Assignment): string {
    const { bold, dim } = this.#screen.colors;
    const { info, checks } = assignment;
    const needs = info.requires.map((module) => `${module}.ts`).join(', ');
    const entries = this.#listsRules ? rules(assignment) : this.#checks(assignment);
    const secret = this.#listsRules ? 0 : checks.length - entries.length;
    return [
      `${bold(info.title)}  ${points(checks)} points, ${checks.length} checks, ${info.rules.length} rules`,
      dim(`--assignment ${info.id}; needs ${needs}`),
      '',
      ...this.#table(entries),
      ...(secret === 0 ? [] : [dim(`  and ${secret} hidden`)]),
      '',
    ].join('\n');
  }

  #checks({ checks }: Assignment): readonly Entry[] {
    return checks
      .filter((check) => this.#screen.audience === 'staff' || check.visibility !== 'hidden')
      .map(({ id, rule, points: worth, title, visibility }) => ({
        id,
        rule,
        points: formatPoints(worth),
        title: visibility === 'hidden' ? `${title} (hidden)` : title,
      }));
  }

  #table(entries: readonly Entry[]): readonly string[] {
    const { cyan, dim } = this.#screen.colors;
    const head: Entry = {
      id: this.#listsRules ? 'rule' : 'check',
      rule: this.#listsRules ? '' : 'rule',
      points: 'points',
      title: '',
    };
    const width = (key: keyof Entry): number =>
      Math.max(...[head, ...entries].map((entry) => entry[key].length));
    const [id, rule, worth] = [width('id'), width('rule'), width('points')];
    const row = (entry: Entry, paint: (text: string) => string): readonly string[] => {
      const middle = `${rule === 0 ? '' : `  ${entry.rule.padEnd(rule)}`}  ${entry.points.padStart(worth)}  `;
      const indent = 2 + id + middle.length;
      const [first = '', ...rest] = wrap(entry.title, Math.max(30, this.#screen.width - indent));
      return [
        `  ${paint(entry.id.padEnd(id))}${middle}${first}`.trimEnd(),
        ...rest.map((text) => ' '.repeat(indent) + text),
      ];
    };
    return [...row(head, dim).map(dim), ...entries.flatMap((entry) => row(entry, cyan))];
  }
}

function rules({ info, checks }: Assignment): readonly Entry[] {
  return info.rules.map(({ id, title, fundamental }) => ({
    id,
    rule: '',
    points: points(checks.filter((check) => check.rule === id)),
    title: fundamental === true ? `${title} (fundamental)` : title,
  }));
}

function points(checks: Assignment['checks']): string {
  return formatPoints(sumPoints(checks.map((check) => check.points)));
}

/** For programs: all there is, hidden checks too. */
function plainData({ info, checks }: Assignment): unknown {
  return {
    id: info.id,
    title: info.title,
    points: sumPoints(checks.map((check) => check.points)),
    requires: info.requires.map((module) => `${module}.ts`),
    rules: info.rules.map(({ id, title, fundamental = false }) => ({
      id,
      title,
      points: sumPoints(checks.filter(({ rule }) => rule === id).map((check) => check.points)),
      fundamental,
    })),
    checks: checks.map(({ id, title, rule, kind, points: worth, visibility = 'visible' }) => ({
      id,
      title,
      rule,
      kind,
      points: worth,
      visibility,
    })),
  };
}
