/** Plays a corpus, an attack after the other, with everything real: processes, compiler, grader, command. */
import { Grader } from '../runner/grade-submission.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import type { Attack, ReportedAttack } from './attack.ts';
import { setOutCanaries, type Canaries } from './canaries.ts';
import { playArchive } from './play-archive.ts';
import { playCheat, type TwinGrades } from './play-cheat.ts';
import { playEscaped } from './play-escaped.ts';
import { playReports } from './play-reports.ts';
import { playRunning } from './play-running.ts';
import { playSource } from './play-source.ts';
import { gained, type Verdict } from './verdict.ts';

/** An attack as it was played. */
export interface Played {
  readonly attack: Attack;
  readonly verdict: Verdict;
  readonly ms: number;
}

/** Little memory, so that using it up does not take long. */
const MEMORY = { heapMb: 48, dataMb: 128 };
/** Less than a student's submission gets, for the same reason. */
const COMPILER = { transpileMs: 6_000, typeCheckMs: 4_000 };

/** What the players need, made when one first does. */
class Stage {
  readonly twins: TwinGrades = new Map();
  readonly reports: readonly ReportedAttack[];
  readonly canaries: Canaries;
  #sandbox: Sandbox | null = null;
  #compiler: SubmissionCompiler | null = null;
  #grader: Grader | null = null;
  #reported: Promise<ReadonlyMap<string, Verdict>> | null = null;

  constructor(attacks: readonly Attack[], canaries: Canaries) {
    this.reports = attacks.filter((attack) => attack.from === 'report');
    this.canaries = canaries;
  }

  get sandbox(): Sandbox {
    return (this.#sandbox ??= new Sandbox(MEMORY));
  }

  get compiler(): SubmissionCompiler {
    return (this.#compiler ??= new SubmissionCompiler(COMPILER));
  }

  get grader(): Grader {
    return (this.#grader ??= new Grader());
  }

  /** One run of the command for all of them. */
  get reported(): Promise<ReadonlyMap<string, Verdict>> {
    return (this.#reported ??= playReports(this.reports, this.canaries));
  }

  async play(attack: Attack): Promise<Verdict> {
    switch (attack.from) {
      case 'running':
        return playRunning(attack, this.sandbox, this.canaries);
      case 'escaped':
        return playEscaped(attack, this.canaries);
      case 'source':
        return playSource(attack, this.compiler, this.sandbox, this.canaries);
      case 'cheat':
        return playCheat(attack, this.grader, this.canaries, this.twins);
      case 'archive':
        return playArchive(attack, this.canaries);
      case 'report':
        return (await this.reported).get(attack.id) ?? gained('it was not played');
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#sandbox?.close(), this.#compiler?.close(), this.#grader?.close()]);
    this.canaries.remove();
  }
}

/** Plays `attacks`; `told` hears of each when it is over. A player that fails is a gain: the grader has died of the attack. */
export async function playAll(
  attacks: readonly Attack[],
  told: (played: Played) => void = () => undefined,
): Promise<readonly Played[]> {
  const stage = new Stage(attacks, await setOutCanaries());
  const all: Played[] = [];
  try {
    for (const attack of attacks) {
      const start = performance.now();
      const verdict = await stage
        .play(attack)
        .catch((error: unknown) => gained(`the grader died: ${lastLines(error)}`));
      const played = { attack, verdict, ms: Math.round(performance.now() - start) };
      all.push(played);
      told(played);
    }
  } finally {
    await stage.close();
  }
  return all;
}

/** A command that failed puts its own words last. */
function lastLines(error: unknown): string {
  return String(error).slice(-400);
}
