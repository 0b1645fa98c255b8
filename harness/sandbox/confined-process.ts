/**
 * A confined process as its parent sees it: messages out, messages back, and an end that is always told, never thrown. The parent survives whatever
 * the process does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { encodeFrame, FrameReader } from './frames.ts';
import { processorMs, residentMib } from './process-usage.ts';
import { progressOf, trailOf } from './reply-shape.ts';

/** Why a process ended, or was ended. */
export type DeathCause = 'timeout' | 'memory' | 'crash' | 'reply-too-large' | 'protocol';

export interface Death {
  readonly kind: 'died';
  readonly why: DeathCause;
  /** Words of the engine or the system, for diagnostics only: they differ between machines. */
  readonly detail: string;
  /** Raw stack of where its code was seen last, if it left a trail. */
  readonly lastSeen?: string;
  /** The operation that it began last, if it told: the number of operations stands for the release of everything. */
  readonly lastOp?: number;
}

export type Answer = { readonly kind: 'reply'; readonly reply: unknown } | Death;

/** Largest message accepted. */
const MOST_REPLY_BYTES = 32 * 2 ** 20;
/** Milliseconds between two looks at the memory of a process that is being waited for. */
const MEMORY_POLL_MS = 50;
const MOST_STDERR = 4_000;
/** A process that had less than this share of a processor while it was waited for gets more time, */
const LEAST_SHARE = 0.3;
/** but no more than so many times what it was to have. */
const MOST_PATIENCE = 5;

interface Waiting {
  readonly settle: (answer: Answer) => void;
  /** Replaced when the process gets more time. */
  wall: NodeJS.Timeout;
  readonly poll: NodeJS.Timeout | null;
}

/** What the pipes of a child have beyond a stream. */
interface Handle {
  ref(): void;
  unref(): void;
}

export class ConfinedProcess {
  readonly #exited: Promise<void>;
  readonly #residentMb: number;
  readonly #child: ChildProcess;
  readonly #reader = new FrameReader(MOST_REPLY_BYTES);
  /** Answers that came before anyone waited for them. */
  readonly #early: unknown[] = [];
  #waiting: Waiting | null = null;
  /** Answers asked for that have not come yet. */
  #owed = 0;
  #death: Death | null = null;
  #stderr = '';
  /** What it told of itself since it was asked. */
  #told: Pick<Death, 'lastSeen' | 'lastOp'> = {};

  /** Starts `command` with an empty environment. Never throws: a process that cannot start is one that has died. */
  constructor(command: readonly string[], residentMb: number) {
    this.#residentMb = residentMb;
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // Node on Windows does not start without it.
      env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {},
      // A group of its own, so that it can be killed with all it might have started.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#die(this.#obituary(code, signal));
        resolve();
      });
    });
    this.#child.on('error', (error) =>
      this.#die({ kind: 'died', why: 'crash', detail: error.message }),
    );
    this.#listen();
    this.#holdParent(false);
  }

  /** Whether it can still be asked something, as far as is known. */
  get alive(): boolean {
    return this.#death === null;
  }

  /**
   * Sends `message` and waits for an answer, at most `wallMs` milliseconds; then the process is killed. On a machine that is too busy to let it run, as far as
   * that can be told, it has up to five times as long. One question at a time. If the answer comes in several messages, `messages` says how many; get the
   * others with {@link next}.
   */
  ask(message: unknown, wallMs: number, messages = 1): Promise<Answer> {
    if (this.#death !== null) return Promise.resolve(this.#death);
    this.#owed += messages;
    this.#told = {};
    (this.#child.stdio[3] as Duplex).write(encodeFrame(message));
    return this.#wait(wallMs);
  }

  /** Waits for the next message of an answer. */
  next(wallMs: number): Promise<Answer> {
    const reply = this.#early.shift();
    if (reply !== undefined) return Promise.resolve({ kind: 'reply', reply });
    return this.#death === null ? this.#wait(wallMs) : Promise.resolve(this.#death);
  }

  /** Ends the process and resolves when it is gone. */
  async end(): Promise<void> {
    this.kill();
    this.#holdParent(true);
    await this.#exited;
  }

  /** Ends the process and all it started. */
  kill(death: Death = { kind: 'died', why: 'crash', detail: 'closed' }): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      try {
        if (process.platform === 'win32') this.#child.kill('SIGKILL');
        else process.kill(-pid, 'SIGKILL');
      } catch {
        // It ended between the look and the kill.
      }
    }
    this.#die(death);
    // What it has started may not be bound to it yet. That, too, ends when its pipe closes; and who waits for the end of this one does not wait for that.
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  #wait(wallMs: number): Promise<Answer> {
    if (this.#waiting !== null)
      throw new Error('a confined process is asked one question at a time');
    return new Promise((settle) => {
      // Taken at the first look: most answers come before, and reading it costs more than many a program.
      let usedBefore: number | null = null;
      const look = (): void => {
        usedBefore ??= this.#processorMs();
        this.#lookAtMemory();
      };
      const poll = process.platform === 'linux' ? setInterval(look, MEMORY_POLL_MS) : null;
      const strike = (waitedMs: number): void => {
        const usedMs = usedBefore === null ? Infinity : this.#processorMs() - usedBefore;
        const isStarved = usedMs < waitedMs * LEAST_SHARE;
        const moreMs = Math.min(wallMs, wallMs * MOST_PATIENCE - waitedMs);
        if (isStarved && moreMs > 0) waiting.wall = wallIn(moreMs, waitedMs + moreMs);
        else this.#timeOut(waitedMs);
      };
      // The only thing that keeps the parent's event loop running while it waits.
      const wallIn = (ms: number, waitedMs: number): NodeJS.Timeout =>
        setTimeout(() => strike(waitedMs), ms);
      const waiting: Waiting = { settle, wall: wallIn(wallMs, wallMs), poll };
      this.#waiting = waiting;
    });
  }

  #timeOut(waitedMs: number): void {
    const detail = `no answer after ${String(waitedMs)} ms`;
    this.kill({ kind: 'died', why: 'timeout', detail });
  }

  /** Processor time that it has used; where that cannot be told, all there ever was. */
  #processorMs(): number {
    const { pid } = this.#child;
    return (pid === undefined ? null : processorMs(pid)) ?? Infinity;
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    clearTimeout(waiting.wall);
    if (waiting.poll !== null) clearInterval(waiting.poll);
    waiting.settle(answer);
  }

  /** The first cause counts. */
  #die(death: Death): void {
    this.#death ??= { ...death, ...this.#told };
    this.#settle(this.#death);
  }

  #listen(): void {
    const [, , stderr, requests, replies] = this.#child.stdio;
    // A process that is gone resets its pipes; that it is gone is told by 'close'.
    for (const stream of [stderr, requests, replies]) stream?.on('error', () => undefined);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < MOST_STDERR) this.#stderr += chunk.toString('utf8');
    });
    (replies as Duplex | null)?.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  #receive(chunk: Buffer): void {
    if (this.#death !== null) return;
    const { messages, error } = this.#reader.push(chunk);
    for (const reply of messages) {
      const place = trailOf(reply);
      if (place !== null) {
        this.#told = { ...this.#told, lastSeen: place };
        continue;
      }
      const op = progressOf(reply);
      if (op !== null) {
        this.#told = { ...this.#told, lastOp: op };
        continue;
      }
      if (--this.#owed < 0) {
        this.kill({ kind: 'died', why: 'protocol', detail: 'an answer nobody asked for' });
        return;
      }
      if (this.#waiting === null) this.#early.push(reply);
      else this.#settle({ kind: 'reply', reply });
    }
    if (error !== null) this.kill({ kind: 'died', why: error, detail: 'the answer is no message' });
  }

  /**
   * Waiting is what keeps the parent alive, not having a child: one that is never closed ends with its parent, when its pipe
   * closes.
   */
  #holdParent(hold: boolean): void {
    const change = hold ? 'ref' : 'unref';
    this.#child[change]();
    for (const stream of this.#child.stdio)
      (stream as Partial<Duplex & Handle> | null)?.[change]?.();
  }

  #lookAtMemory(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const resident = residentMib(pid);
    if (resident > this.#residentMb) {
      this.kill({
        kind: 'died',
        why: 'memory',
        detail: `${String(Math.round(resident))} MiB resident`,
      });
    }
  }

  #obituary(exitCode: number | null, exitSignal: NodeJS.Signals | null): Death {
    const { code, signal } = ending(exitCode, exitSignal);
    const words = this.#stderr.trim().slice(0, 500);
    const detail = `${signal ?? `exit code ${String(code)}`}${words === '' ? '' : `: ${words}`}`;
    const outOfTime = signal === 'SIGXCPU';
    const outOfMemory =
      /out of memory|allocation failed/i.test(this.#stderr) ||
      // V8 aborts, traps or crashes when it cannot allocate, by which allocation it is; the kernel kills what takes the last memory.
      ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGKILL'].includes(signal ?? '') ||
      // How Windows tells the same.
      code === 134;
    return { kind: 'died', why: outOfTime ? 'timeout' : outOfMemory ? 'memory' : 'crash', detail };
  }
}

/** How a process ended. One that isolates another ends with 128 more than the number of the signal that ended that. */
function ending(
  code: number | null,
  signal: NodeJS.Signals | null,
): { code: number | null; signal: NodeJS.Signals | null } {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const name = names.find(([, number]) => code === 128 + number)?.[0];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}
