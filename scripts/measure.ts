/**
 * Measures what the README says: `npm run measure` runs the commands that prove the suites, keeps what came of them in `docs/measured.json`, and writes the
 * README's section "Measured" from it. `--only commands,kills` measures a part again; `--write` only writes the section.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Kill } from '../harness/quality/kill.ts';
import type { VariantRun } from '../harness/quality/variant-run.ts';
import { failingPrograms, reduced, WRONG_PAGERS } from '../harness/testing/failing-programs.ts';
import { commandTimes } from './measure-commands.ts';
import {
  type FairnessNumbers,
  killNumbers,
  lengthNumbers,
  type Measured,
  variantNumbers,
} from './measured.ts';
import { MEASURED, README, withMeasured } from './measured-page.ts';

const ROOT = resolve(__dirname, '..');
/** Of each wrong pager. */
const FAILING_PROGRAMS = 17;
const GRADE = ['-r', 'ts-node/register', 'grade.ts'];

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    write: { type: 'boolean', default: false },
  },
});

/** Runs Node and returns what it printed. Throws if the exit code is not 0: what is not proven is not published. */
function node(args: readonly string[]): string {
  const run = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 29,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${String(run.status ?? run.signal)}`);
  return run.stdout;
}

const parts: Readonly<Record<string, () => Partial<Measured> | Promise<Partial<Measured>>>> = {
  commands: () => ({ commands: commandTimes() }),
  kills: () => {
    const path = join(tmpdir(), `faultline-kills-${String(process.pid)}.json`);
    node([...GRADE, 'mutants', '--json', path]);
    return { kills: killNumbers(JSON.parse(readFileSync(path, 'utf8')) as Kill[]) };
  },
  variants: () => {
    const begin = performance.now();
    const out = node([...GRADE, 'variants', '--runs', flags.seeds, '--json']);
    const minutes = Math.round((performance.now() - begin) / 60_000);
    const runs = JSON.parse(out) as (VariantRun & { assignment: string })[];
    return { variants: variantNumbers(runs, minutes) };
  },
  fairness: () => {
    const out = node(['-r', 'ts-node/register', 'scripts/fairness.ts', '--json', '--moved', '60']);
    return { fairness: JSON.parse(out) as FairnessNumbers };
  },
  lengths: async () => {
    const found = [];
    for (const pager of WRONG_PAGERS) {
      const lengths = [];
      for (const failing of failingPrograms(pager, FAILING_PROGRAMS)) {
        const { program } = await reduced(pager, failing);
        lengths.push({ before: failing.program.ops.length, after: program.ops.length });
      }
      found.push(lengths);
    }
    return { lengths: lengthNumbers(found) };
  },
};

async function main(): Promise<void> {
  const before = existsSync(MEASURED)
    ? (JSON.parse(readFileSync(MEASURED, 'utf8')) as Partial<Measured>)
    : {};
  const asked = flags.write ? [] : (flags.only?.split(',') ?? Object.keys(parts));
  let measured: Partial<Measured> = { ...before };
  for (const name of asked) {
    const part = parts[name];
    if (part === undefined)
      throw new Error(`there is no part "${name}"; there are ${Object.keys(parts).join(', ')}`);
    measured = {
      ...measured,
      node: process.version,
      cores: availableParallelism(),
      ...(await part()),
    };
    writeFileSync(MEASURED, `${JSON.stringify(measured, null, 2)}\n`);
  }
  writeFileSync(README, withMeasured(readFileSync(README, 'utf8'), measured as Measured));
}

void main();
