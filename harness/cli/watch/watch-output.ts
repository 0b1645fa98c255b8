/** What is printed while a folder is watched: lines in a log, one after the other, or a page of a terminal that is written anew each time. */
import { defuseCommands, oneLine } from '../../reporters/escaping.ts';
import { checkNews, problemLines, watchReport } from '../../reporters/watch-report.ts';
import type { CheckResult, Problem, SubmissionGrade } from '../../scoring/grade.ts';
import { Progress } from '../progress.ts';
import type { Screen } from '../screen.ts';

/** Failures told before the report comes. A pager that has hardly been begun fails everywhere. */
const MOST_NEWS = 8;
/** Files named in a headline. */
const MOST_FILES = 3;
const KEYS = 'Enter: grade again   q: quit';

/** One round: a save, and what came of it. */
export interface RoundHead {
  readonly id: string;
  /** When the save was noticed. */
  readonly at: Date;
  /** Files that have changed. If there are none, somebody asked for it. */
  readonly changed: readonly string[];
  /** Whether there was no code before. */
  readonly isFirst: boolean;
}

export class WatchOutput {
  readonly #screen: Screen;
  /** Whether the whole terminal is ours. */
  readonly #isPage: boolean;
  #head: RoundHead | null = null;
  #began = 0;
  #progress: Progress | null = null;
  /** Whether the page of the round before is gone. */
  #isFresh = false;
  readonly #warnings: string[] = [];
  /** Checks that were told, in this round. */
  readonly #told = new Set<string>();
  #news = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#isPage = screen.isLive && screen.isOneTerminal;
  }

  /** Whether somebody sits there and may press keys. */
  get isPage(): boolean {
    return this.#isPage;
  }

  /** Something is to be graded. The page of the round before stays until there is something to say. */
  begin(head: RoundHead): void {
    this.#stop();
    this.#head = head;
    this.#began = performance.now();
    this.#isFresh = false;
    this.#told.clear();
    this.#news = 0;
    if (!this.#isPage) {
      this.#screen.print(`${headText(head)}\n`);
      return;
    }
    this.#progress = new Progress(this.#screen, 1, 1, false);
    this.#progress.started(headText(head));
    this.#progress.begin('');
  }

  /** Problems in the files are known. */
  problems(problems: readonly Problem[]): void {
    this.#lines(problemLines(problems, this.#screen));
  }

  /** What a check came to that had failed the last time. */
  looked(assignment: string, result: CheckResult): void {
    this.#told.add(`${assignment} ${result.id}`);
    this.#progress?.checked('what failed before', result);
    this.#lines([checkNews(result, true, this.#screen)]);
  }

  /** What a check came to. */
  checked(assignment: string, result: CheckResult): void {
    this.#progress?.checked(assignment, result);
    if (result.status !== 'failed' || this.#told.has(`${assignment} ${result.id}`)) return;
    if (this.#news++ < MOST_NEWS) this.#lines([checkNews(result, false, this.#screen)]);
    else if (this.#news === MOST_NEWS + 1) this.#lines(['  … more of them in the report']);
  }

  /** The round has come to its end. */
  finish(grade: SubmissionGrade, before: SubmissionGrade | null): void {
    this.#stop();
    const head = this.#head;
    if (head === null) return;
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    const { colors, width, height } = this.#screen;
    // The line at the bottom, and one more that the cursor would be in.
    const options = { colors, width, height: this.#isPage ? height - 2 : null };
    const text = watchReport(`${headText(head)}, graded in ${seconds} s`, grade, before, options);
    if (this.#isPage) this.#screen.clear();
    this.#screen.print(this.#isPage ? text : `${text}\n`);
    this.#idle();
  }

  /** There is nothing to grade, for a reason told in a sentence. */
  nothing(reason: string, at: Date): void {
    this.#stop();
    if (this.#isPage) this.#screen.clear();
    const text = defuseCommands(`${timeText(at)} nothing to grade: ${oneLine(reason)}`);
    this.#screen.print(`${this.#screen.colors.yellow(text)}\n`);
    this.#idle();
  }

  /** Something that stays true: it stands below every report of a terminal. */
  warn(text: string): void {
    this.#warnings.push(text);
    this.note(text);
  }

  /** Something that is not about the submission. */
  note(text: string): void {
    this.#screen.note(this.#screen.noteColors.yellow(text));
  }

  /** Leaves the terminal to others. */
  end(): void {
    this.#stop();
    this.#screen.live('');
  }

  #stop(): void {
    this.#progress?.end();
    this.#progress = null;
  }

  #idle(): void {
    if (!this.#isPage) return;
    for (const text of this.#warnings) this.note(text);
    this.#screen.live(KEYS, this.#screen.noteColors.dim);
  }

  #lines(lines: readonly string[]): void {
    const told = lines.filter((line) => line !== '');
    if (told.length === 0 || this.#head === null) return;
    if (this.#isPage && !this.#isFresh) {
      this.#screen.clear();
      this.#screen.print(`${this.#screen.colors.bold(headText(this.#head))}\n`);
    }
    this.#isFresh = true;
    this.#screen.print(`${told.join('\n')}\n`);
  }
}

/** `14:03:22 page-table.ts saved`. */
function headText({ id, at, changed, isFirst }: RoundHead): string {
  const what = isFirst ? id : changed.length === 0 ? `${id} again` : `${filesText(changed)} saved`;
  return defuseCommands(`${timeText(at)} ${oneLine(what)}`);
}

function filesText(files: readonly string[]): string {
  if (files.length <= MOST_FILES) return files.join(', ');
  return `${files.slice(0, MOST_FILES).join(', ')} and ${files.length - MOST_FILES} more`;
}

function timeText(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
