/** `watch` as a process, for tests: what it prints is waited for, never time. */
import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { start } from './command.ts';

const ROOT = resolve(__dirname, '../../..');

/** A copy of a submission of this checkout, in a folder of its own, and what removes it. */
export async function copyOf(
  submission: string,
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'faultline-watch-'));
  const folder = join(parent, 'work');
  await cp(join(ROOT, submission), folder, { recursive: true });
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}

export class Watched {
  readonly child: ChildProcess;
  /** All that it has printed, on both streams. */
  printed = '';
  #from = 0;
  #onPrinted: () => void = () => undefined;

  /** Starts it. */
  constructor(...args: readonly string[]) {
    this.child = start(['watch', ...args]);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.printed += chunk.toString('utf8');
        this.#onPrinted();
      });
    }
    this.child.on('close', () => this.#onPrinted());
  }

  /** Resolves with what was printed since the last call, up to the end of what `pattern` matches. Rejects if the process ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.printed.slice(this.#from));
      if (match !== null) {
        const end = this.#from + match.index + match[0].length;
        const text = this.printed.slice(this.#from, end);
        this.#from = end;
        return text;
      }
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended without printing ${String(pattern)}:\n${this.printed}`);
      }
      await new Promise<void>((resolve) => {
        this.#onPrinted = resolve;
      });
    }
  }

  /** Asks it to end, and resolves with its exit code. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill(signal);
      await closed;
    }
    return child.exitCode;
  }
}
