/** From a save to the first result of a check, and to the report. `SAVES`: how many of each kind (default: 10). */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { copyOf, Watched } from './testing/watched.ts';

const SAVES = Number(process.env['SAVES'] ?? 10);
const NEWS = /^ {2}[✗✓] .*$/mu;
const REPORT = /graded in [\s\S]*?Total .*\n/u;

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
    }
  } finally {
    await watched.end();
    await remove();
  }
  return { toResult, toReport: [] };
}

function tell(what: string, times: readonly number[]): void {
  if (times.length === 0) return;
  const sorted = [...times].sort((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1]!, sorted.at(-1)!];
  console.log(
    `    ${what.padEnd(48)} median ${median.toFixed(0).padStart(5)} ms, worst ${worst.toFixed(0).padStart(5)} ms`,
  );
}

describe('watch, after a save', function () {
  this.timeout(0);

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
