/**
 * From a save to the first result of a check, and to the report; also in multiples of what an empty process takes at that time, which tells how busy the
 * machine is. `SAVES`: how many of each kind (default: 10).
 */
import { spawnSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { copyOf, Watched } from './testing/watched.ts';

const SAVES = Number(process.env['SAVES'] ?? 10);
const NEWS = /^ {2}[✗✓] .*$/mu;
const REPORT = /graded in [\s\S]*?Total .*\n/u;

/** Milliseconds that an empty process takes, each time that something was measured. */
const empty: number[] = [];

function measureEmpty(): void {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  empty.push(performance.now() - start);
}

interface Times {
  readonly toResult: number[];
  readonly toReport: number[];
}

/** Saves again and again, each time when everything is done. */
async function savesOf(submission: string, save: (folder: string, nth: number) => Promise<void>) {
  const { folder, remove } = await copyOf(submission);
  const watched = new Watched(folder);
  const times: Times = { toResult: [], toReport: [] };
  try {
    await watched.until(REPORT);
    for (let nth = 0; nth < SAVES; nth++) {
      const start = performance.now();
      await save(folder, nth);
      await watched.until(/ saved\n/u);
      await watched.until(NEWS);
      times.toResult.push(performance.now() - start);
      await watched.until(REPORT);
      times.toReport.push(performance.now() - start);
      measureEmpty();
    }
  } finally {
    await watched.end();
    await remove();
  }
  return times;
}

/** Saves while the save before is being graded. */
async function savesInBetween(submission: string): Promise<Times> {
  const { folder, remove } = await copyOf(submission);
  const watched = new Watched(folder);
  const toResult: number[] = [];
  try {
    await watched.until(REPORT);
    for (let nth = 0; nth < SAVES; nth++) {
      await appendFile(join(folder, 'page-table.ts'), `// ${String(nth)}, overtaken\n`);
      await watched.until(/ saved\n/u);
      await watched.until(NEWS);
      const start = performance.now();
      await appendFile(join(folder, 'page-table.ts'), `// ${String(nth)}\n`);
      await watched.until(/ saved\n/u);
      await watched.until(NEWS);
      toResult.push(performance.now() - start);
      await watched.until(REPORT);
      measureEmpty();
    }
  } finally {
    await watched.end();
    await remove();
  }
  return { toResult, toReport: [] };
}

function tell(what: string, times: readonly number[]): void {
  const [median, worst] = [medianOf(times), Math.max(...times)];
  const ratio = (median / medianOf(empty)).toFixed(1);
  console.log(
    `    ${what.padEnd(36)} median ${median.toFixed(0).padStart(5)} ms, worst ${worst.toFixed(0).padStart(5)} ms; ${ratio} x an empty process`,
  );
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
}

describe('watch, after a save', function () {
  this.timeout(0);

  beforeEach(() => {
    empty.length = 0;
  });

  before(() => {
    const load = loadavg()[0]!.toFixed(1);
    console.log(
      `    Node ${process.version}, ${String(availableParallelism())} cores, load ${load}, ${String(SAVES)} saves each`,
    );
  });

  it('should be measured with a rule that stays broken', async () => {
    const { toResult, toReport } = await savesOf(
      'examples/submissions/ben-munmap-leak',
      (folder, nth) => appendFile(join(folder, 'page-table.ts'), `// ${String(nth)}\n`),
    );
    tell('still broken: first result', toResult);
    tell('still broken: report', toReport);
  });

  it('should be measured while a bug is made and mended', async () => {
    let good = '';
    const { toResult, toReport } = await savesOf('reference/solution', async (folder, nth) => {
      const path = join(folder, 'page-table.ts');
      if (nth === 0) good = await readFile(path, 'utf8');
      const broken = good.replace('0x1ff', '0x0ff');
      await writeFile(path, nth % 2 === 0 ? broken : good);
    });
    tell('broken and mended: first result', toResult);
    tell('broken and mended: report', toReport);
  });

  it('should be measured during a run', async () => {
    const { toResult } = await savesInBetween('examples/submissions/ben-munmap-leak');
    tell('saved during a run: first result', toResult);
  });
});
