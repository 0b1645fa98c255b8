/** A target without walls, for tests that a gain is seen. */
import { join, resolve } from 'node:path';
import type { LoadResult, RunResult } from '../../sandbox/child-process.ts';
import { ConfinedProcess } from '../../sandbox/confined-process.ts';
import { isReady, isTraceReply } from '../../sandbox/reply-shape.ts';
import type { Target } from '../play-running.ts';

/** The process runs on ts-node, which may take its time on a busy machine. No attack of the tests hangs it. */
const WALL_MS = 60_000;
const RESIDENT_MB = 500;

/** Starts a process for each submission, since what an attack has done to one stays done. */
export class OpenTarget implements Target {
  #process: ConfinedProcess | null = null;

  async load(modules: Parameters<Target['load']>[0]): Promise<LoadResult> {
    await this.close();
    const command = [
      process.execPath,
      '-r',
      resolve(__dirname, '../../../node_modules/ts-node/register'),
      join(__dirname, 'open-child.ts'),
    ];
    this.#process = new ConfinedProcess(command, RESIDENT_MB);
    const answer = await this.#process.ask({ do: 'load', modules }, WALL_MS);
    if (answer.kind === 'died') return answer;
    if (!isReady(answer.reply)) throw new Error(JSON.stringify(answer.reply));
    return { kind: 'ready', unloadable: answer.reply.unloadable };
  }

  async run(...[program, options]: Parameters<Target['run']>): Promise<RunResult> {
    const answer = await this.#process!.ask({ do: 'run', program, options }, WALL_MS);
    if (answer.kind === 'died') return answer;
    if (!isTraceReply(answer.reply)) throw new Error(JSON.stringify(answer.reply));
    return { kind: 'trace', trace: answer.reply.trace };
  }

  async close(): Promise<void> {
    await this.#process?.end();
    this.#process = null;
  }
}
