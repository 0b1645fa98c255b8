/** Which rule of the assignment is charged for a divergence, if any: programs also meet what other assignments are about. */
import type { Divergence } from '../../oracle/verdict.ts';
import { brokenAlike, withoutForks } from '../../oracle/without-forks.ts';
import type { Program } from '../../protocol/program.ts';
import type { Session } from './session.ts';

/**
 * The rule to charge for `found`, a divergence in `program`; `null` if nothing is: it is a matter of another assignment alone, or what is known to be
 * broken explains it. A rule of another assignment is known to be broken from then on.
 *
 * A rule of fork that an earlier part could be to blame for, and a rule of such a part, are told apart by playing the program without its forks: what goes
 * wrong there, too, needs none.
 */
export async function chargedRule(
  session: Session,
  program: Program,
  found: Divergence,
): Promise<string | null> {
  const { rule, unforked = [] } = found;
  const { rules } = session;
  const isForeign = rules.isForeign(rule);
  if (isForeign && rules.broken.has(rule)) return rules.isCharged(rule) ? rules.together : null;
  // Nobody is spared a rule that everything builds on.
  if (!rules.fundamental.has(rule) && unforked.some((each) => rules.isCharged(each))) return null;
  const suspects = isForeign ? [rule] : unforked;
  const causeOf = await causeWithoutForks(session, program, found, suspects);
  const cause = causeOf(false);
  if (cause !== undefined && !rules.hasHeldBefore(cause)) {
    rules.spare(cause);
    return null;
  }
  // What its own assignment has not seen is charged here.
  const charged = cause === undefined ? undefined : causeOf(true);
  if (!isForeign && charged === undefined) return rule;
  rules.chargeTogether(charged ?? rule);
  return rules.together;
}

/** Finds the one of `suspects`, rules of another assignment, that is the cause of `found`: nearly any breach of it, or one that is surely the same mistake. */
async function causeWithoutForks(
  session: Session,
  program: Program,
  found: Divergence,
  suspects: readonly string[],
): Promise<(isSure: boolean) => string | undefined> {
  const [first] = suspects;
  if (first === undefined) return () => undefined;
  const plain = withoutForks(program);
  // Without a fork there is nothing else to blame.
  if (plain === null) return () => first;
  const played = await session.player.play(plain.program);
  if (played.kind !== 'judged') return () => undefined;
  return (isSure) => brokenAlike(plain, played, suspects, found, isSure);
}
