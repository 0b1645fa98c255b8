/** Single keys, where somebody sits at a terminal. */

/** What a key asks for. */
export interface KeyListener {
  readonly onAgain: () => void;
  readonly onQuit: () => void;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_Z = '\u001a';

export class Keys {
  readonly #listener: KeyListener;
  readonly #onData = (keys: Buffer): void => {
    for (const key of keys.toString('latin1')) this.#pressed(key);
  };
  readonly #onContinue = (): void => void process.stdin.setRawMode(true);
  #listens = false;

  /** Listens from now on, if there is a terminal to listen to. */
  constructor(listener: KeyListener) {
    this.#listener = listener;
    if (!process.stdin.isTTY) return;
    this.#listens = true;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData).resume();
    if (process.platform !== 'win32') process.on('SIGCONT', this.#onContinue);
  }

  /** Gives the terminal back as it was. */
  end(): void {
    if (!this.#listens) return;
    this.#listens = false;
    process.off('SIGCONT', this.#onContinue);
    process.stdin.off('data', this.#onData).pause();
    process.stdin.setRawMode(false);
  }

  #pressed(key: string): void {
    switch (key) {
      case 'q':
      case 'Q':
      case CTRL_C:
      case CTRL_D:
        this.#listener.onQuit();
        break;
      case 'r':
      case 'R':
      case '\r':
      case '\n':
        this.#listener.onAgain();
        break;
      case CTRL_Z:
        if (process.platform === 'win32') break;
        // The terminal does not do it while it hands over single keys.
        process.stdin.setRawMode(false);
        process.kill(0, 'SIGTSTP');
        break;
    }
  }
}
