/** Signals that ask the command to stop. The second one stops it at once. */
import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interruption {
  /** Resolves when the command is to stop. */
  readonly requested: Promise<void>;
  #isRequested = false;
  #resolve: () => void = () => undefined;
  readonly #listener = (): void => {
    // Whoever asks twice does not want to wait: children end by themselves when their pipes close, and those that hang with their parent, where `prlimit` and `setpriv` see to it.
    if (this.#isRequested) process.exit(EXIT.interrupted);
    this.request();
  };

  /** Listens from now on. */
  constructor() {
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Asks the command to stop. */
  request(): void {
    this.#isRequested = true;
    this.#resolve();
  }

  /** Leaves signals to the system again. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
