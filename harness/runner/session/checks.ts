/** Checks that a suite can declare. Each becomes a mocha test. The third kind is in `enumeration.ts`. */
import { expect } from 'chai';
import fc from 'fast-check';
import { divergences, type Verdict } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { CheckDeclaration, CheckInfo } from './check-info.ts';
import { culpritsAmong, takeDearest, unknownRules } from './culprits.ts';
import { declareCheck, declareProgram, session } from './current-session.ts';
import { explainDeath, explainUnloadable } from './failing-program.ts';
import { failed, type Finding, findingOfVerdict, PASSED, skipped } from './finding.ts';
import { withoutInjection } from './injected.ts';
import type { Played } from './played.ts';
import { MODEL_TIMES, OutOfTime } from './program-player.ts';
import type { Session } from './session.ts';

/** A named short program that judges one rule. */
export function scenario(info: CheckInfo, program: Program): void {
  const check = { ...info, kind: 'scenario', programs: () => [program] } as const;
  declare(check, async (running) =>
    findingOf(running, check, program, await running.player.play(program)),
  );
  declareProgram(program);
}

/**
 * Many generated programs. Fails at the one that breaks the dearest rule which nobody has seen broken yet: its own rule stands for all rules together, and
 * one cause is charged once.
 */
export function property(info: CheckInfo, programs: fc.Arbitrary<Program>): void {
  const check: CheckDeclaration = {
    ...info,
    kind: 'property',
    programs: ({ seed, runs, seeds = 1 }) =>
      Array.from({ length: seeds }, (_, nth) =>
        fc.sample(programs, { seed: seedOf(seed + nth, info.id), numRuns: runs }),
      ).flat(),
  };
  declare(check, async (running) => {
    const { seed, runs } = running.options;
    const generated = running.programsOf(check);
    if (running.excuses.isGroundless) {
      return skipped(
        'a rule that everything builds on is broken: generated programs would only show it again',
      );
    }
    const share = running.shareOf(check.rule);
    const passOver = ({ ops }: Program, { broken }: Verdict): void =>
      share.add(ops.length, broken?.step ?? ops.length);
    const culprits = await culpritsAmong(running, generated, passOver);
    for (;;) {
      const culprit = takeDearest(running, culprits, passOver);
      if (culprit === undefined) break;
      const { program, played } = culprit;
      if (played.kind === 'died' && running.player.deaths > 0) return skipped(DEADLY);
      if (played.kind === 'judged' && (await onlyFailuresTell(running, program, played.verdict)))
        continue;
      const finding = await findingOf(running, check, program, played);
      if (played.kind !== 'judged' || finding.status === 'failed') {
        const from = seed + Math.floor(generated.indexOf(program) / runs);
        return seenAgainFrom(from, finding, running, info.id);
      }
      // What is wrong with it is charged elsewhere.
      passOver(program, played.verdict);
    }
    // Enough for all properties of the rule together: a single one comes to a little more or less with every seed.
    if (share.isEnough || !running.isLastProperty(check)) return PASSED;
    return skipped(
      'most generated programs were cut short by rules that are already reported as broken',
    );
  });
}

/** The finding, shown again by the seed that its program came from. */
export function seenAgainFrom(
  seed: number,
  finding: Finding,
  running: Session,
  id: string,
): Finding {
  if (finding.failure === null || seed === running.options.seed) return finding;
  const replay = running.options.replayCommand(id, seed);
  return { ...finding, failure: { ...finding.failure, replay } };
}

/** Whether no rule is broken without the failures injected, and it is known that their answers are wrong: one cause is charged once. */
async function onlyFailuresTell(
  running: Session,
  program: Program,
  verdict: Verdict,
): Promise<boolean> {
  const rules = unknownRules(running, verdict);
  const blamed = running.rules.aboutFailuresIn(program.ops);
  if (!blamed.some((rule) => running.rules.broken.has(rule))) return false;
  if (!rules.every((rule) => running.rules.hints.has(rule) && !blamed.includes(rule))) return false;
  const played = await running.player.play({ ...program, ops: program.ops.map(withoutInjection) });
  return (
    played.kind === 'judged' &&
    divergences(played.verdict).every(({ rule }) => !rules.includes(rule))
  );
}

const TIRED =
  'its program was stopped, too, like those of many checks before it: see what is said there';
const OUT_OF_TIME = skipped(
  `the time of the submission was up: its code takes ${String(MODEL_TIMES)} times as long as the model pager, or longer`,
);
export const DEADLY = 'generated programs kill the process too: see the check that reports it';

/** Declares a check that finds out by `body`. */
export function declare(
  check: CheckDeclaration,
  body: (running: Session) => Promise<Finding>,
): void {
  declareCheck(check);
  it(check.title, async function () {
    const running = session();
    if (running.options.only !== null && !running.options.only(check)) this.skip();
    running.reach(check.id);
    const finding = await investigate(running, check, body);
    running.record({
      id: check.id,
      title: check.title,
      rule: check.rule,
      // Reports tell one program from many.
      kind: check.kind === 'scenario' ? 'scenario' : 'property',
      points: check.points,
      visibility: check.visibility ?? 'visible',
      injections: null,
      ...finding,
    });
    if (finding.status === 'skipped') this.skip();
    expect(finding.status, finding.failure?.summary ?? finding.reason ?? '').to.equal('passed');
  });
}

async function investigate(
  running: Session,
  check: CheckInfo,
  body: (running: Session) => Promise<Finding>,
): Promise<Finding> {
  const missing = running.lacks(check);
  if (missing !== undefined) {
    const { status, title } = running.results.get(missing) ?? { status: 'skipped', title: missing };
    const reason = `it builds on the check "${title}", which did not pass`;
    // What the grader could not find out must not cost points further on.
    return status === 'error' ? { status, failure: null, reason } : skipped(reason);
  }
  try {
    return (await running.player.isOutOfTime()) ? OUT_OF_TIME : await body(running);
  } catch (error) {
    if (error instanceof OutOfTime) return OUT_OF_TIME;
    // Whatever goes wrong here is ours: the check is left out of the score, and the run reports it.
    // No stack: it would differ from machine to machine.
    return { status: 'error', failure: null, reason: String(error) };
  }
}

/** What a played program means for a check. */
export async function findingOf(
  running: Session,
  check: CheckDeclaration,
  program: Program,
  played: Played,
): Promise<Finding> {
  switch (played.kind) {
    case 'unloadable':
      running.noticeFailure(check.id);
      return failed(explainUnloadable(running, check, played.panic));
    case 'died':
      running.noticeFailure(check.id);
      if (running.player.isTiredOfDeaths) return skipped(TIRED);
      running.player.countDeath();
      return failed(await explainDeath(running, check, program, played));
    case 'judged':
      return findingOfVerdict(running, check, program, played.verdict);
  }
}

/** A seed of its own for each check, so that adding one does not change the others. */
export function seedOf(seed: number, id: string): number {
  let hash = seed | 0;
  for (const char of id) hash = (Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193) + 1) | 0;
  return hash;
}
