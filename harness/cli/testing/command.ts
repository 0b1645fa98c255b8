/** The command as a process, for tests: started, listened to, and looked at with all that it starts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

const ROOT = resolve(__dirname, '../../..');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command, in what `wrapper` runs. Neither a terminal nor a CI service, whatever runs this test. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): ChildProcess {
  const { CI: _ci, FORCE_COLOR: _color, NO_COLOR: _none, ...inherited } = process.env;
  const node = [process.execPath, '-r', 'ts-node/register', 'grade.ts', ...args] as const;
  const [command, ...rest] = [...wrapper, ...node] as [string, ...string[]];
  return spawn(command, rest, {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for its end. */
export async function finish(child: ChildProcess): Promise<Outcome> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => (texts[name] += chunk.toString('utf8')));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

/** Runs the command. */
export function grade(...args: readonly string[]): Promise<Outcome> {
  return finish(start(args));
}

/** Resolves when stderr has said `text`. */
export function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
      if (stderr.includes(text)) resolve();
    });
  });
}

/** Processes that `pid` started, and those that they did (Linux). */
export function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && parentOf(Number(name)) === pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: number): number | null {
  try {
    // After the name, which may hold anything: state, parent, …
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return null;
  }
}

/** The command line of a process; empty if it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Those that are still there after they have had time to go. */
export async function survivors(pids: readonly number[]): Promise<readonly number[]> {
  const alive = (): number[] => pids.filter((pid) => commandOf(pid) !== '');
  for (let waited = 0; alive().length > 0 && waited < 5_000; waited += 50) await sleep(50);
  return alive();
}
