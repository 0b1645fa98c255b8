/** `console` as student code sees it: lines are kept, up to a limit, and travel with the trace. */
import { errorName } from '../../../reference/emulator/keos/errors.ts';
import { errorText } from '../../../reference/emulator/veridian/errors.ts';
import { ownText } from './own-text.ts';

/** Most characters and lines kept of one program's output. */
const MOST_CHARACTERS = 4_000;
const MOST_LINES = 200;

const CUT = '… (the rest of the output is left out)';

export class ConsoleCapture {
  #lines: string[] = [];
  #left = MOST_CHARACTERS;

  /** The methods of `console`. They all do the same: a pager has one output. */
  readonly console = makeConsole((values) => this.#print(values));

  /** The lines printed since the last call, and starts afresh. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#left = MOST_CHARACTERS;
    return lines;
  }

  #print(values: readonly unknown[]): void {
    if (this.#left < 0) return;
    let text = '';
    for (const value of values) {
      text += `${text === '' ? '' : ' '}${show(value, this.#left + 1)}`;
      if (text.length > this.#left) break;
    }
    for (const line of text.slice(0, this.#left).split('\n')) {
      if (this.#lines.length >= MOST_LINES) {
        this.#cut();
        return;
      }
      this.#lines.push(line);
    }
    if (text.length > this.#left) this.#cut();
    else this.#left -= text.length;
  }

  #cut(): void {
    this.#left = -1;
    this.#lines.push(CUT);
  }
}

/** A value as text, never running any of its code: addresses in hex, objects by their type only. */
function show(value: unknown, most: number): string {
  switch (typeof value) {
    case 'bigint':
      return value < 0n ? `-0x${hexDigits(-value)}` : `0x${hexDigits(value)}`;
    case 'string':
      return value.slice(0, most);
    case 'object':
      return value === null ? 'null' : showObject(value);
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    default:
      return String(value);
  }
}

function hexDigits(value: bigint): string {
  return value < 1n << 4096n ? value.toString(16) : '…(a huge bigint)';
}

/** The errors of the interface by name, exceptions by message, anything else is an object. */
function showObject(value: object): string {
  const name = errorName(value) ?? errorText(value);
  if (name !== undefined) return name;
  const message = ownText(value, 'message', 500);
  return message === undefined ? '[object]' : `[error: ${message}]`;
}

type Print = (...values: unknown[]) => void;

function makeConsole(print: (values: readonly unknown[]) => void): Readonly<Record<string, Print>> {
  const method: Print = (...values) => print(values);
  return { log: method, info: method, warn: method, error: method, debug: method };
}
