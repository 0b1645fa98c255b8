/**
 * Plays programs on a subject, and begins those that will be asked for next while a process has nothing to do. What is begun for nothing costs time
 * and changes no result: programs leave nothing behind.
 */
import type { Program, RunOptions } from '../../protocol/program.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import type { Player } from '../../sandbox/twin-sandbox.ts';

/** Programs that may be begun, or played already, before anybody asks for them: so many for each process, of the check that runs and of later ones. */
const AHEAD = 2;

export interface PlayOptions extends RunOptions {
  readonly wallMs: number;
}

/** Programs that a check will ask for, in order; made when they are needed. `null`: it is not certain yet that it will. */
export type Expected = () => Iterable<Program> | null;

/** Told what came of a program, and how many milliseconds it took. */
type Tell = (program: Program, ms: number, run: RunResult) => void;

interface Begun {
  readonly run: Promise<RunResult>;
  /** Position of the check that it was begun for. */
  readonly check: number;
}

export class PlayAhead {
  readonly #player: Player;
  readonly #options: () => PlayOptions;
  readonly #tell: Tell;
  #checks: readonly Expected[] = [];
  readonly #begun = new Map<Program, Begun>();
  readonly #asked = new WeakSet<Program>();
  /** Processes that are taken. */
  #playing = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #unfinished = new Set<Promise<unknown>>();
  /** Position of the check that runs, and of the one whose programs are expected. */
  #current = 0;
  #expected = 0;
  #source: Iterator<Program> | null = null;
  /** What the check that runs has said last that it will ask for, and what of it is to be begun. */
  #list: readonly Program[] = [];
  #next: Iterator<Program> | null = null;
  #goesOn = true;

  /**
   * For programs that are played with `options`, which are asked for whenever one begins.
   *
   * @param tell told of programs that were played with nothing looking on
   */
  constructor(player: Player, options: () => PlayOptions, tell: Tell = () => undefined) {
    this.#player = player;
    this.#options = options;
    this.#tell = tell;
  }

  /** Checks will ask for programs in this order. */
  plan(checks: readonly Expected[]): void {
    this.#checks = checks;
  }

  /** The check at `position` begins: what was begun for those before it is not waited for any more. */
  reach(position: number): void {
    this.#current = position;
    this.#list = [];
    if (this.#expected < position) this.#expect(position);
    for (const [program, { check }] of this.#begun)
      if (check < position) this.#begun.delete(program);
  }

  /** Nothing is begun any more for checks that have not begun themselves. */
  stop(): void {
    this.#goesOn = false;
  }

  /**
   * The check that runs will ask for `programs`, in this order, unless something keeps it from it; for nothing of what it has named before that is not among
   * them. `null`: it does not know.
   */
  expect(programs: readonly Program[] | null): void {
    this.#next = programs?.[Symbol.iterator]() ?? null;
    if (programs === null) return;
    const wanted = new Set(programs);
    for (const program of this.#list) if (!wanted.has(program)) this.#begun.delete(program);
    this.#list = programs;
    // It knows better than the plan.
    if (this.#expected <= this.#current) this.#expect(this.#current + 1);
  }

  /** What comes of a program: if it was begun already, of that run. */
  async play(program: Program): Promise<RunResult> {
    this.#asked.add(program);
    const begun = this.#begun.get(program);
    this.#begun.delete(program);
    const run = begun?.run ?? this.run(program, this.#options());
    this.#fill();
    return run;
  }

  /** Plays a program with options of its own, as soon as a process is free. */
  async run(program: Program, options: PlayOptions): Promise<RunResult> {
    if (!this.#takes()) await this.#turn();
    try {
      return await this.#timed(program, options);
    } finally {
      this.#give();
      this.#fill();
    }
  }

  /** As {@link run}, while no other program of the submission is played. One at a time. */
  async runAlone(program: Program, options: PlayOptions): Promise<RunResult> {
    for (let place = 0; place < this.#player.width; place++) if (!this.#takes()) await this.#turn();
    try {
      return await this.#timed(program, options);
    } finally {
      for (let place = 0; place < this.#player.width; place++) this.#give();
      this.#fill();
    }
  }

  async #timed(program: Program, options: PlayOptions): Promise<RunResult> {
    const start = performance.now();
    const run = await this.#player.run(program, options);
    if (!options.recordSites && options.trail === undefined)
      this.#tell(program, performance.now() - start, run);
    return run;
  }

  /** Waits until nothing is played any more. */
  async finish(): Promise<void> {
    this.stop();
    this.expect(null);
    await Promise.all(this.#unfinished);
    this.#begun.clear();
  }

  /** Takes a process, if one has nothing to do. */
  #takes(): boolean {
    if (this.#playing >= this.#player.width) return false;
    this.#playing++;
    return true;
  }

  /** Waits for a process that somebody else has taken. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The place is handed over, so that nobody slips in between. */
  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#playing--;
    else next();
  }

  #fill(): void {
    while (this.#playing < this.#player.width) {
      const found = this.#upcoming();
      if (found === null) return;
      const run = this.run(found.program, this.#options());
      // If it fails before it is asked for, that is told when it is.
      const done = run.catch(() => undefined).finally(() => this.#unfinished.delete(done));
      this.#unfinished.add(done);
      this.#begun.set(found.program, { run, check: found.check });
    }
  }

  #upcoming(): { readonly program: Program; readonly check: number } | null {
    if (!this.#isRoomFor(this.#current)) return null;
    for (const program of rest(this.#next))
      if (this.#isNew(program)) return { program, check: this.#current };
    while (
      this.#goesOn &&
      this.#expected < this.#checks.length &&
      this.#isRoomFor(this.#expected)
    ) {
      this.#source ??= this.#checks[this.#expected]!()?.[Symbol.iterator]() ?? null;
      if (this.#source === null) return null;
      for (const program of rest(this.#source))
        if (this.#isNew(program)) return { program, check: this.#expected };
      this.#expect(this.#expected + 1);
    }
    return null;
  }

  /** Whether another program of the check at `position` may be begun. What later checks will ask for must not stand in the way of the one that runs. */
  #isRoomFor(position: number): boolean {
    const isLater = position > this.#current;
    const begun = [...this.#begun.values()].filter(
      ({ check }) => check > this.#current === isLater,
    );
    return begun.length < AHEAD * this.#player.width;
  }

  #expect(position: number): void {
    this.#expected = position;
    this.#source = null;
  }

  #isNew(program: Program): boolean {
    return !this.#asked.has(program) && !this.#begun.has(program);
  }
}

/** What is left of an iterator. Leaving the loop does not end it. */
function* rest(source: Iterator<Program> | null): Generator<Program> {
  for (let step = source?.next(); step?.done === false; step = source?.next()) yield step.value;
}
