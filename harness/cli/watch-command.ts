/** `watch`: grades a folder whenever a file in it is saved, until it is told to end. */
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Submission } from '../intake/submission.ts';
import type { JobOptions } from '../runner/worker-job.ts';
import type { CommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readSeedAndRuns, readTimeLimit } from './grade-options.ts';
import { Interruption } from './interruption.ts';
import type { Screen } from './screen.ts';
import { sourcesOf } from './submission-paths.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { troubleDetails } from './ungraded.ts';
import { FolderWatch } from './watch/folder-watch.ts';
import { Keys } from './watch/keys.ts';
import { changedFiles, isLess, isSame, type Look, lookAt, sourceAt } from './watch/look.ts';
import { Rounds } from './watch/rounds.ts';
import { WatchOutput } from './watch/watch-output.ts';

/** Milliseconds in which a file that has vanished may come back unnoticed. */
const SETTLE_MS = 200;

/** Watches the folder on the command line. Throws a {@link UsageError} if it is none. */
export async function watchCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const options: JobOptions = {
    assignments: line.list('assignment'),
    only: line.list('only'),
    ...readSeedAndRuns(line),
    timeLimit: readTimeLimit(line),
  };
  const path = await folderOf(line.operands);
  return new Watch(path, options, line.has('verbose'), screen).run();
}

async function folderOf([path, second]: readonly string[]): Promise<string> {
  if (path === undefined) throw new UsageError('Which folder? Give the one you are working in.');
  if (second !== undefined) {
    throw new UsageError(`One folder at a time: there is "${second}" after "${path}".`);
  }
  // Says what is near, should there be nothing.
  if (!existsSync(path)) await sourcesOf([path]);
  if (!statSync(path).isDirectory()) {
    throw new UsageError(
      `"${path}" is not a folder. Only a folder can be watched; an archive is unpacked first.`,
    );
  }
  await sourceAt(path);
  return path;
}

class Watch {
  readonly #path: string;
  readonly #options: JobOptions;
  readonly #isVerbose: boolean;
  readonly #output: WatchOutput;
  readonly #rounds: Rounds;
  readonly #interruption = new Interruption();
  /** What was seen last. */
  #seen: Look | null = null;
  /** Looks are taken one after the other. */
  #looks: Promise<void> = Promise.resolve();
  /** The next one, for all who ask before it begins. */
  #next: { readonly at: Date; isAsked: boolean } | null = null;
  #rejectAll: (error: unknown) => void = () => undefined;

  constructor(path: string, options: JobOptions, isVerbose: boolean, screen: Screen) {
    this.#path = path;
    this.#options = options;
    this.#isVerbose = isVerbose;
    this.#output = new WatchOutput(screen);
    this.#rounds = new Rounds(options);
    // Nobody reads what is printed.
    screen.onHangUp = () => this.#interruption.request();
  }

  async run(): Promise<ExitCode> {
    const failed = new Promise<never>((_, reject) => {
      this.#rejectAll = reject;
    });
    const folder = new FolderWatch(this.#path, {
      onHint: (at) => this.#look(at, false),
      onTrouble: (text) => this.#output.warn(text),
    });
    let keys: Keys | null = null;
    try {
      this.#rounds.start();
      await this.#requireSelection();
      if (this.#output.isPage) {
        keys = new Keys({
          onAgain: () => this.#look(new Date(), true),
          onQuit: () => this.#interruption.request(),
        });
      }
      this.#look(new Date(), false);
      await folder.start();
      await Promise.race([this.#interruption.requested, failed]);
    } finally {
      keys?.end();
      this.#output.end();
      await Promise.all([folder.close(), this.#rounds.close()]);
      this.#interruption.end();
    }
    return EXIT.done;
  }

  async #requireSelection(): Promise<void> {
    const { assignments, only } = this.#options;
    if (assignments === null && only === null) return;
    const { assignmentsNamed, requireChecks } = await import('./selection.ts');
    const named = assignmentsNamed(assignments);
    if (only !== null) requireChecks(only, named);
  }

  #isOver(): boolean {
    return this.#interruption.isRequested;
  }

  /** Looks what is there, and begins a round if that is something else than before, or `isAsked` for. */
  #look(at: Date, isAsked: boolean): void {
    if (this.#next !== null) {
      this.#next.isAsked ||= isAsked;
      return;
    }
    const next = { at, isAsked };
    this.#next = next;
    const begin = (): Promise<void> => {
      this.#next = null;
      return this.#lookNow(next.at, next.isAsked);
    };
    this.#looks = this.#looks.then(begin).catch(this.#rejectAll);
  }

  async #lookNow(at: Date, isAsked: boolean): Promise<void> {
    if (this.#isOver()) return;
    const before = this.#seen;
    let now = await lookAt(this.#path);
    if (isLess(now, before)) {
      await sleep(SETTLE_MS);
      now = await lookAt(this.#path);
    }
    // Since it was begun, it may all have come to an end.
    if (this.#isOver()) return;
    if (before !== null && isSame(now, before) && !isAsked) return;
    this.#seen = now;
    if (now.kind === 'nothing') {
      this.#rounds.cancel();
      this.#output.nothing(now.reason, at);
      return;
    }
    const { submission } = now;
    const changed = changedFiles(before, submission);
    this.#output.begin({ id: submission.id, at, changed, isFirst: before?.kind !== 'code' });
    this.#round(submission).catch(this.#rejectAll);
  }

  async #round(submission: Submission): Promise<void> {
    const before = this.#rounds.last;
    const grade = await this.#rounds.grade(submission, {
      onProblems: (problems) => this.#output.problems(problems),
      onFirst: (assignment, result) => this.#output.looked(assignment, result),
      onResult: (assignment, result) => this.#output.checked(assignment, result),
    });
    if (grade === null || this.#isOver()) return;
    this.#output.finish(grade, before);
    if (!hasTrouble(grade)) return;
    this.#output.note('The next save is graded by fresh processes.');
    if (this.#isVerbose)
      for (const text of troubleDetails(grade, 'student')) this.#output.note(text);
  }
}
