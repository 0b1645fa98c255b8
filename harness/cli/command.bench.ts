/** How long the command takes, as whole processes, beside an empty Node process in the same run. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const RUNS = 5;

/** Milliseconds of `RUNS` runs after one that does not count: least, median, most. */
function measure([command, ...args]: readonly string[]): {
  least: number;
  median: number;
  most: number;
} {
  const times: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const start = performance.now();
    spawnSync(command!, args, { cwd: ROOT, stdio: 'ignore' });
    if (run >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return {
    least: times[0] ?? 0,
    median: times[Math.floor(RUNS / 2)] ?? 0,
    most: times.at(-1) ?? 0,
  };
}

describe('the command, from the command line to the prompt', () => {
  it('should be measured', function () {
    this.timeout(0);
    const node = process.execPath;
    const grade = [node, '-r', 'ts-node/register', 'grade.ts'];
    const cases: [string, readonly string[]][] = [
      ['node -e 0', [node, '-e', '0']],
      ['grade.ts --help', [...grade, '--help']],
      ['one submission, page-table', [...grade, 'reference/solution', '-a', 'page-table']],
      ['one submission, two assignments', [...grade, 'reference/solution']],
      ['the same by npx', ['npx', 'ts-node', 'grade.ts', 'reference/solution']],
    ];
    const empty = measure([node, '-e', '0']).median;
    console.log(
      `    Node ${process.version}, ${String(availableParallelism())} cores, ${String(RUNS)} runs each`,
    );
    for (const [name, args] of cases) {
      const { least, median, most } = measure(args);
      const ratio = (median / empty).toFixed(1);
      console.log(
        `    ${name.padEnd(34)} median ${median.toFixed(0).padStart(6)} ms (${least.toFixed(0)}..${most.toFixed(0)}), ${ratio} x an empty process`,
      );
    }
  });
});
