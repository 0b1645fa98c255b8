/**
 * Measures what the README says: `npm run measure` runs the commands that prove the suites, keeps what came of them in `docs/measured.json`, and writes the
 * README's section "Measured" from it. `--only commands,kills` measures a part again, `--assignment <id>` the kills of one assignment; `--write` only writes the section.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandTimes } from '../harness/cli/command-times.ts';
import { EXIT } from '../harness/cli/exit-codes.ts';
import type { Kill } from '../harness/quality/kill.ts';
import type { VariantRun } from '../harness/quality/variant-run.ts';
import { countFlag, flagsOf, refuse } from './flags.ts';
import {
  type BatchNumbers,
  type FairnessNumbers,
  type FoundLengths,
  killNumbers,
  lengthNumbers,
  type Measured,
  type StageNumbers,
  variantNumbers,
} from './measured.ts';
import { MEASURED, README, withMeasured } from './measured-page.ts';

const ROOT = resolve(__dirname, '..');
const GRADE = ['-r', 'ts-node/register', 'grade.ts'];

const flags = flagsOf(__filename, {
  only: { type: 'string' },
  assignment: { type: 'string' },
  seeds: { type: 'string', default: '1000' },
  write: { type: 'boolean', default: false },
});

/** Runs Node and returns what it printed. Throws if the exit code is not 0: what is not proven is not published, only shown. */
function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const run = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 29,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) {
    process.stderr.write(run.stdout);
    throw new Error(`node ${args.join(' ')} ended with ${String(run.status ?? run.signal)}`);
  }
  return run.stdout;
}

/** Runs a bench that writes its numbers where `env` says. */
function bench(path: string, env: Readonly<Record<string, string>>): void {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--require', 'ts-node/register'];
  node([...mocha, '--timeout', '0', '--spec', path], env);
}

function temporary(name: string): string {
  return join(tmpdir(), `faultline-${name}-${String(process.pid)}.json`);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const parts: Readonly<Record<string, () => Partial<Measured>>> = {
  commands: () => ({ commands: commandTimes() }),
  kills: () => {
    const path = temporary('kills');
    const asked = flags.assignment === undefined ? [] : ['--assignment', flags.assignment];
    node([...GRADE, 'mutants', '--json', path, ...asked]);
    const found = killNumbers(readJson(path) as Kill[]);
    if (asked.length === 0) return { kills: found };
    const again = new Map(found.map((numbers) => [numbers.assignment, numbers]));
    return {
      kills: kept().kills?.map((numbers) => again.get(numbers.assignment) ?? numbers) ?? found,
    };
  },
  variants: () => {
    const begin = performance.now();
    const out = node([
      ...GRADE,
      'variants',
      '--runs',
      String(countFlag('seeds', flags.seeds, 1)),
      '--json',
    ]);
    const minutes = Math.round((performance.now() - begin) / 60_000);
    const runs = JSON.parse(out) as (VariantRun & { assignment: string })[];
    return { variants: variantNumbers(runs, minutes) };
  },
  fairness: () => {
    const out = node(['-r', 'ts-node/register', 'scripts/fairness.ts', '--json', '--moved', '60']);
    return { fairness: JSON.parse(out) as FairnessNumbers };
  },
  stages: () => {
    const path = temporary('stages');
    bench('harness/runner/stages.bench.ts', { STAGES: path });
    return { stages: readJson(path) as StageNumbers };
  },
  batch: () => {
    const path = temporary('batch');
    bench('harness/cli/batch.bench.ts', { BATCH: path });
    return { batch: readJson(path) as readonly BatchNumbers[] };
  },
  lengths: () => {
    const path = temporary('lengths');
    bench('harness/oracle/reduce.bench.ts', { LENGTHS: path });
    return { lengths: lengthNumbers(readJson(path) as FoundLengths) };
  },
};

function kept(): Partial<Measured> {
  return existsSync(MEASURED) ? (readJson(MEASURED) as Partial<Measured>) : {};
}

function main(): void {
  const asked = flags.write ? [] : (flags.only?.split(',') ?? Object.keys(parts));
  for (const name of asked) {
    const part = parts[name];
    if (part === undefined)
      refuse(`There is no part "${name}". There are ${Object.keys(parts).join(', ')}.`);
    const found = { node: process.version, cores: availableParallelism(), ...part() };
    writeFileSync(MEASURED, `${JSON.stringify({ ...kept(), ...found }, null, 2)}\n`);
  }
  writeFileSync(README, withMeasured(readFileSync(README, 'utf8'), kept()));
  spawnSync('npx', ['prettier', '--write', '--log-level', 'warn', README, MEASURED], { cwd: ROOT });
}

try {
  main();
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = EXIT.trouble;
}
