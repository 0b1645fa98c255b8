/**
 * The two streams of the command: results on stdout, everything else on stderr. Knows what kind of terminal they are, if any, and keeps
 * the live line out of the way of what is printed.
 */
import { createColors } from 'picocolors';
import type { Audience } from '../reporters/student-view.ts';
import { defuseCommands } from '../reporters/escaping.ts';

type Colors = ReturnType<typeof createColors>;

/** Columns where nobody says how many there are. */
const PLAIN_WIDTH = 100;
/** The spinner, a space, and the last column, which some terminals wrap at. */
const ROOM_FOR_DECORATION = 3;
/** Lines where nobody says how many there are. */
const PLAIN_HEIGHT = 24;
const CLEAR_PAGE = '\u001b[H\u001b[J';
const CLEAR_LINE = '\r\u001b[K';

export class Screen {
  /** Colours for stdout. */
  readonly colors: Colors;
  /** Colours for stderr. */
  readonly noteColors: Colors;
  /** Whether a line on stderr may change while it is shown. */
  readonly isLive: boolean;
  /** Whether both streams are read in one place. */
  readonly isOneTerminal: boolean;
  /** A teacher at a terminal sees what is hidden; a log may be read by students. */
  audience: Audience;
  /** Called once if nobody reads stdout any more (`| head`). */
  onHangUp: () => void = () => undefined;
  #live = '';
  #isCleared = false;
  #isGone = false;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    const isCi = !['', '0', 'false'].includes(env['CI'] ?? '');
    const isDumb = env['TERM'] === 'dumb';
    this.colors = createColors(wantsColors(env, process.stdout.isTTY && !isDumb));
    this.noteColors = createColors(wantsColors(env, process.stderr.isTTY && !isDumb));
    this.isLive = process.stderr.isTTY && !isDumb && !isCi;
    this.isOneTerminal = process.stdout.isTTY && process.stderr.isTTY;
    this.audience = process.stdout.isTTY && !isCi ? 'staff' : 'student';
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', () => {
        if (this.#isGone || stream === process.stderr) return;
        this.#isGone = true;
        this.onHangUp();
      });
    }
  }

  /** Columns of stdout, now. */
  get width(): number {
    return columnsOf(process.stdout) ?? PLAIN_WIDTH;
  }

  /** Lines of the terminal that stdout is, now. */
  get height(): number {
    return known((process.stdout as { readonly rows?: number }).rows) ?? PLAIN_HEIGHT;
  }

  /** Empties the terminal that stdout is. What somebody else has written can still be scrolled to. */
  clear(): void {
    this.live('');
    if (!this.#isCleared) process.stdout.write('\n'.repeat(this.height));
    this.#isCleared = true;
    process.stdout.write(CLEAR_PAGE);
  }

  /** Writes to stdout. */
  print(text: string): void {
    if (this.#isGone || text === '') return;
    this.#without(() => process.stdout.write(text));
  }

  /** Writes a line to stderr. */
  note(line: string): void {
    this.#without(() => process.stderr.write(`${defuseCommands(line)}\n`));
  }

  /** Shows `line`, cut to fit and then decorated, as the live line until the next; empty: none. Only on a live screen. */
  live(line: string, decorate: (line: string) => string = String): void {
    if (!this.isLive) return;
    const columns = columnsOf(process.stderr) ?? 80;
    const room = Math.max(1, columns - ROOM_FOR_DECORATION);
    const cut = line.length > room ? `${line.slice(0, room - 1)}…` : line;
    this.#live = cut === '' ? '' : decorate(cut);
    process.stderr.write(CLEAR_LINE + this.#live);
  }

  #without(write: () => void): void {
    if (this.#live !== '') process.stderr.write(CLEAR_LINE);
    write();
    if (this.#live !== '') process.stderr.write(this.#live);
  }
}

/** The types say that a stream always has columns; a pipe has none. */
function columnsOf(stream: { readonly columns?: number }): number | undefined {
  return known(stream.columns);
}

/** A terminal that nobody has given a size has 0 of both. */
function known(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}

/** https://no-color.org, and what Node and most tools make of FORCE_COLOR. */
function wantsColors(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return terminal;
}
