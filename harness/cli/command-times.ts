/** How long commands take as whole processes, beside an empty Node process in the same run. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const RUNS = 5;
const NODE = process.execPath;
const GRADE = [NODE, '-r', 'ts-node/register', 'grade.ts'];

/** A command as a whole process, several times, in milliseconds. */
export interface CommandTime {
  readonly what: string;
  readonly least: number;
  readonly median: number;
  readonly most: number;
  /** `median` as a multiple of an empty Node process in the same run. */
  readonly ratio: number;
}

/** Commands by what the README calls them; the first is what the others are compared with. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'an empty Node process': [NODE, '-e', '0'],
  '`grade.ts --help`': [...GRADE, '--help'],
  'one submission, `page-table`': [...GRADE, 'reference/solution', '-a', 'page-table'],
  'one submission, `lazy-pager`': [...GRADE, 'reference/solution', '-a', 'lazy-pager'],
  'one submission, all five assignments': [...GRADE, 'reference/solution'],
  'the same as `npx ts-node grade.ts …`': ['npx', 'ts-node', 'grade.ts', 'reference/solution'],
};

/** Each command five times, from the command line to the prompt, after one run that does not count. */
export function commandTimes(): readonly CommandTime[] {
  const measured = Object.entries(COMMANDS).map(([what, command]) => ({
    what,
    ...timesOf(command),
  }));
  const empty = measured[0]!.median;
  return measured.map((each) => ({ ...each, ratio: Math.round((each.median / empty) * 10) / 10 }));
}

function timesOf([command, ...args]: readonly string[]): Omit<CommandTime, 'what' | 'ratio'> {
  const times: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const start = performance.now();
    spawnSync(command!, args, { cwd: ROOT, stdio: 'ignore' });
    if (run >= 0) times.push(Math.round(performance.now() - start));
  }
  times.sort((a, b) => a - b);
  return { least: times[0]!, median: times[Math.floor(RUNS / 2)]!, most: times.at(-1)! };
}
