/** The two kinds of checks a suite can declare. Each becomes a mocha test. */
import { expect } from 'chai';
import fc from 'fast-check';
import { divergences, type Verdict } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { CheckInfo } from './check-info.ts';
import { type CheckDeclaration, declareCheck, session } from './current-session.ts';
import { explainDeath, explainUnloadable } from './failing-program.ts';
import { failed, type Finding, findingOfVerdict, PASSED, skipped } from './finding.ts';
import type { Played } from './played.ts';
import type { Session } from './session.ts';

/** A named short program that judges one rule. */
export function scenario(info: CheckInfo, program: Program): void {
  declare({ ...info, kind: 'scenario' }, async (running) => {
    const played = await running.play(program);
    return findingOf(running, { ...info, kind: 'scenario' }, program, played);
  });
}

/**
 * Many generated programs. Fails at the first one that breaks a rule nobody has seen broken yet: its own rule stands for all rules together, and
 * one cause is charged once.
 */
export function property(info: CheckInfo, programs: fc.Arbitrary<Program>): void {
  declare({ ...info, kind: 'property' }, async (running) => {
    const { seed, runs, seeds = 1 } = running.options;
    const generated = Array.from({ length: seeds }, (_, nth) =>
      fc.sample(programs, { seed: seedOf(seed + nth, info.id), numRuns: runs }),
    ).flat();
    if ([...running.broken].some((rule) => running.fundamental.has(rule))) {
      return skipped(
        'a rule that everything builds on is broken: generated programs would only show it again',
      );
    }
    let planned = 0;
    let judged = 0;
    const passOver = (program: Program, { broken }: Verdict): void => {
      planned += program.ops.length;
      judged += broken?.step ?? program.ops.length;
    };
    for (let next = 0; next < generated.length;) {
      const culprits: { program: Program; played: Played }[] = [];
      await running.playAll(generated.slice(next), (program, played) => {
        if (
          played.kind === 'judged' &&
          divergences(played.verdict).every(({ rule }) => running.broken.has(rule))
        ) {
          passOver(program, played.verdict);
          return true;
        }
        culprits.push({ program, played });
        return false;
      });
      const [culprit] = culprits;
      if (culprit === undefined) break;
      const { program, played } = culprit;
      if (played.kind === 'died' && running.deaths > 0) return skipped(DEADLY);
      const finding = await findingOf(running, { ...info, kind: 'property' }, program, played);
      const at = generated.indexOf(program, next);
      const from = seed + Math.floor(at / runs);
      if (played.kind !== 'judged' || finding.status === 'failed')
        return from === seed ? finding : seenAgainFrom(from, finding, running, info.id);
      // Everything that was wrong with it is a matter of another assignment.
      passOver(program, played.verdict);
      next = at + 1;
    }
    if (judged >= planned * LEAST_JUDGED) return PASSED;
    return skipped(
      'most generated programs were cut short by rules that are already reported as broken',
    );
  });
}

/** The finding, shown again by the seed that its program came from. */
function seenAgainFrom(seed: number, finding: Finding, running: Session, id: string): Finding {
  if (finding.failure === null) return finding;
  const replay = running.options.replayCommand(id, seed);
  return { ...finding, failure: { ...finding.failure, replay } };
}

/** Share of the generated operations that must have been judged before a rule that is broken already ended their program. */
const LEAST_JUDGED = 0.25;
const EXHAUSTED = 'not run: several programs killed the process before';
const DEADLY = 'generated programs kill the process too: see the check that reports it';

function declare(check: CheckDeclaration, body: (running: Session) => Promise<Finding>): void {
  declareCheck(check);
  it(check.title, async function () {
    const running = session();
    if (running.options.only !== null && !running.options.only(check)) this.skip();
    const finding = await investigate(running, check, body);
    running.record({
      id: check.id,
      title: check.title,
      rule: check.rule,
      kind: check.kind,
      points: check.points,
      visibility: check.visibility ?? 'visible',
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
  const needed = running.options.only === null ? (check.requires ?? []) : [];
  const missing = needed.find((id) => running.results.get(id)?.status !== 'passed');
  if (missing !== undefined) {
    const { status, title } = running.results.get(missing) ?? { status: 'skipped', title: missing };
    const reason = `it builds on the check "${title}", which did not pass`;
    // What the grader could not find out must not cost points further on.
    return status === 'error' ? { status, failure: null, reason } : skipped(reason);
  }
  if (running.exhausted) return skipped(EXHAUSTED);
  try {
    return await body(running);
  } catch (error) {
    // Whatever goes wrong here is ours: the check is left out of the score, and the run reports it.
    // No stack: it would differ from machine to machine.
    return { status: 'error', failure: null, reason: String(error) };
  }
}

/** What a played program means for a check. */
async function findingOf(
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
      running.countDeath();
      return failed(await explainDeath(running, check, program, played));
    case 'judged':
      return findingOfVerdict(running, check, program, played.verdict);
  }
}

/** A seed of its own for each check, so that adding one does not change the others. */
function seedOf(seed: number, id: string): number {
  let hash = seed | 0;
  for (const char of id) hash = (Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193) + 1) | 0;
  return hash;
}
