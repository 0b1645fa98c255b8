/**
 * Notices that something may have changed in a folder, whatever an editor does to save: write several times, rename a file over the old one, delete
 * and create. What has changed is for others to find out.
 */
import { lstat } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { type FSWatcher, watch, type ChokidarOptions } from 'chokidar';
import type { Stats } from 'node:fs';
import { isArchiveName } from '../../intake/archive-name.ts';
import { isLitter } from '../../intake/litter.ts';

/** Milliseconds of silence after which a save counts as finished. */
const QUIET_MS = 30;
/** Milliseconds after which nobody waits for silence any more. */
const MOST_WAIT_MS = 300;
/** Milliseconds between two hints without a reason: no watch notices everything, and some systems and disks have none. */
const BEAT_MS = 1_000;

export interface FolderWatchEvents {
  /** Something may have changed, first noticed at that time. */
  readonly onHint: (at: Date) => void;
  /** Saves are noticed later than they could be: why, and what to do about it, in sentences for people. Told once. */
  readonly onTrouble: (text: string) => void;
}

/** What starts a watch: chokidar's. */
export type StartWatch = (folder: string, options: ChokidarOptions) => FSWatcher;

export class FolderWatch {
  readonly #folder: string;
  readonly #events: FolderWatchEvents;
  readonly #startWatch: StartWatch;
  #watcher: FSWatcher | null = null;
  /** Device and number of the folder that is being watched; `null`: it is not there. */
  #identity: string | null = null;
  /** Whether the system watches nothing for us. */
  #isRefused = false;
  #heart: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #firstHint: Date | null = null;
  #isClosed = false;

  constructor(folder: string, events: FolderWatchEvents, startWatch: StartWatch = watch) {
    this.#folder = folder;
    this.#events = events;
    this.#startWatch = startWatch;
  }

  /** Watches from now on. What happens until the system is ready is hinted at then. */
  async start(): Promise<void> {
    await this.#beat();
  }

  /** Ends the watch. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#heart);
    clearTimeout(this.#quiet);
    await this.#watcher?.close();
  }

  /** Watches the folder that is there now, if it is another one than before. */
  async #beat(): Promise<void> {
    const identity = await identityOf(this.#folder);
    if (this.#isClosed) return;
    if (identity !== this.#identity) {
      this.#identity = identity;
      await this.#restart();
    }
    this.#hint();
    this.#heart = setTimeout(() => void this.#beat(), BEAT_MS);
  }

  async #restart(): Promise<void> {
    await this.#watcher?.close();
    this.#watcher = null;
    // Meanwhile it may have been asked to end.
    if (this.#isClosed || this.#isRefused || this.#identity === null) return;
    this.#watcher = this.#startWatch(this.#folder, {
      ignoreInitial: true,
      followSymlinks: false,
      // Which event it was does not matter, so there is nothing to wait for.
      atomic: false,
      ignored: (path, stats) => isIgnored(relative(this.#folder, path), stats),
    })
      .on('all', () => this.#hint())
      .on('ready', () => this.#hint())
      .on('error', (error) => this.#failed(error));
  }

  #hint(): void {
    const now = new Date();
    this.#firstHint ??= now;
    const waited = now.getTime() - this.#firstHint.getTime();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(
      () => {
        const at = this.#firstHint ?? now;
        this.#firstHint = null;
        this.#events.onHint(at);
      },
      Math.max(0, Math.min(QUIET_MS, MOST_WAIT_MS - waited)),
    );
  }

  /** Several files may fail at once. */
  #failed(error: unknown): void {
    if (this.#isClosed || this.#isRefused) return;
    this.#isRefused = true;
    this.#events.onTrouble(troubleText(error));
    void this.#watcher?.close();
    this.#watcher = null;
  }
}

function troubleText(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  const later = 'so a save is noticed up to a second later';
  switch (code) {
    case 'ENOSPC':
      return `The system has no watches left (${code}), ${later}. To raise the limit on Linux: sudo sysctl fs.inotify.max_user_watches=524288`;
    case 'EMFILE':
      return `The system has no watches left (${code}), ${later}. To raise the limit on Linux: sudo sysctl fs.inotify.max_user_instances=512`;
    default:
      return `The system does not watch the folder (${code}), ${later}.`;
  }
}

/** Whether a path below the folder has nothing to do with what is graded. */
function isIgnored(path: string, stats: Stats | undefined): boolean {
  if (path === '') return false;
  if (path.split(sep).some(isLitter)) return true;
  const name = basename(path);
  return stats?.isFile() === true && !name.endsWith('.ts') && !isArchiveName(name);
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const { dev, ino } = await lstat(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
