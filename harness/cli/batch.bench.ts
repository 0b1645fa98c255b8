/**
 * A class of 240 as one command: time, rate and memory, and what becomes of them from 60 submissions on. `BATCH`: a file for the numbers; `BATCH_SIZES`: other sizes,
 * separated by commas.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CHEATING } from '../attacks/corpus/cheating.ts';
import { mutantsOf } from '../quality/mutant-files.ts';
import { type Files, plant } from '../quality/plant.ts';
import { variantsOf } from '../quality/variant-files.ts';
import { modelFiles } from '../runner/model.ts';
import { descendants } from './testing/command.ts';

const ROOT = resolve(__dirname, '../..');
const ASSIGNMENT = 'lazy-pager';
const SIZES = (process.env['BATCH_SIZES'] ?? '60,240').split(',').map(Number);
const SAMPLE_MS = 250;
const MEBIBYTE = 2 ** 20;

/** What a class hands in, of four kinds in turn: correct pagers, pagers with one mistake, cheats, and what does not compile or is not finished. */
function classOf(size: number): readonly Files[] {
  const model = modelFiles();
  const kinds: readonly (readonly Files[])[] = [
    variantsOf(ASSIGNMENT, model).map(({ files }) => files),
    mutantsOf(ASSIGNMENT).mutants.map((mutant) => plant(model, [mutant])),
    CHEATING.flatMap((attack) => (attack.from === 'cheat' ? [{ ...model, ...attack.files }] : [])),
    broken(model),
  ];
  return Array.from({ length: size }, (_, i) => {
    const kind = kinds[i % kinds.length]!;
    const nth = Math.floor(i / kinds.length);
    const files = kind[nth % kind.length]!;
    // No two are the same, or they would be graded once.
    const own = `// Handed in as number ${String(i)}.\n`;
    return { ...files, 'lazy-pager.ts': own + (files['lazy-pager.ts'] ?? '') };
  });
}

function broken(model: Files): readonly Files[] {
  const pager = model['lazy-pager.ts']!;
  return [
    { ...model, 'lazy-pager.ts': pager.slice(0, pager.length / 2) },
    { ...model, 'lazy-pager.ts': pager.replace('export class LazyPager', 'class LazyPager') },
    { ...model, 'page-table.ts': 'export const nothing = 1;' },
    { 'lazy-pager.ts': readFileSync(join(ROOT, 'student-template/lazy-pager.ts'), 'utf8') },
  ];
}

interface Measured {
  readonly submissions: number;
  readonly seconds: number;
  /** Resident memory of the command and all its processes together, the most that was seen, in MiB. */
  readonly peakMb: number;
  /** The same of the command’s own process. */
  readonly ownPeakMb: number;
}

async function measure(size: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-class-'));
  for (const [i, files] of classOf(size).entries()) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, 'class', `student-${String(i).padStart(4, '0')}`, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  const args = ['batch', join(folder, 'class'), '-a', ASSIGNMENT, '-q', '-o', join(folder, 'out')];
  const start = performance.now();
  const child = spawn(process.execPath, ['-r', 'ts-node/register', 'grade.ts', ...args], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const pid = child.pid ?? 0;
  let [peak, own] = [0, 0];
  const timer = setInterval(() => {
    own = Math.max(own, residentBytes(pid));
    peak = Math.max(
      peak,
      [pid, ...descendants(pid)].reduce((sum, one) => sum + residentBytes(one), 0),
    );
  }, SAMPLE_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`the batch ended with exit code ${String(code)}`);
  return {
    submissions: size,
    seconds: Math.round(seconds),
    peakMb: Math.round(peak / MEBIBYTE),
    ownPeakMb: Math.round(own / MEBIBYTE),
  };
}

/** 0 for a process that is gone. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

describe('a class as one command', () => {
  it('should be measured', async function () {
    this.timeout(0);
    const all: Measured[] = [];
    for (const size of SIZES) {
      const one = await measure(size);
      all.push(one);
      console.log(
        `    ${String(size).padStart(4)} submissions on ${String(availableParallelism())} cores: ${String(one.seconds)} s, ${((60 * size) / one.seconds).toFixed(1)} a minute, ` +
          `peak memory ${String(one.peakMb)} MiB in all, ${String(one.ownPeakMb)} MiB in the command`,
      );
    }
    const path = process.env['BATCH'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(all));
  });
});
