/** What it costs to isolate one submission from the next, with a process started ahead and without. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Sandbox } from './child-process.ts';

const SUBMISSIONS = 21;
/** Longer than a process takes to start: what is graded meanwhile. */
const GRADING_MS = 400;

async function medianMs(spare: boolean): Promise<number> {
  const sandbox = new Sandbox({ spare });
  const times: number[] = [];
  for (let i = 0; i < SUBMISSIONS; i++) {
    await sleep(GRADING_MS);
    const js = `exports.PageTable = class { id() { return ${String(i)}; } };`;
    const start = performance.now();
    await sandbox.load({ 'page-table.ts': { js, freeNames: [] } });
    times.push(performance.now() - start);
  }
  await sandbox.close();
  return times.sort((a, b) => a - b)[SUBMISSIONS >> 1]!;
}

describe('a process of its own for each submission', () => {
  it('should be measured', async function () {
    this.timeout(0);
    const ahead = await medianMs(true);
    const afresh = await medianMs(false);
    console.log(
      `    started ahead ${ahead.toFixed(1)} ms, when it is needed ${afresh.toFixed(1)} ms: ${(afresh / ahead).toFixed(1)} x`,
    );
  });
});
