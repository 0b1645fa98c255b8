/** Which rule of the assignment is charged for a divergence, if any: programs also meet what other assignments are about. */
import { type Divergence, divergenceFrom } from '../../oracle/verdict.ts';
import { brokenAlike, withoutForks } from '../../oracle/without-forks.ts';
import type { Program } from '../../protocol/program.ts';
import type { Session } from './session.ts';

/**
 * The rule to charge for `found`, a divergence in `program`; `null` if nothing is: it is a matter of another assignment alone, or what is known to be
 * broken explains it. A rule of another assignment is known to be broken from then on.
 *
 * A rule of fork that an earlier part could be to blame for, and a rule of such a part, are told apart by playing the program without its forks: what goes
 * wrong there in the same way needs none.
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
  const cause = await brokenWithoutForks(session, program, found, isForeign);
  if (cause !== null) {
    rules.broken.add(cause);
    return null;
  }
  if (!isForeign) return rule;
  rules.chargeTogether(rule);
  return rules.together;
}

/** A rule of another assignment that is the cause of `found`; where that is the breach of such a rule itself, wherever the program breaks it. */
async function brokenWithoutForks(
  session: Session,
  program: Program,
  found: Divergence,
  isForeign: boolean,
): Promise<string | null> {
  const { rule, unforked = [] } = found;
  const suspects = isForeign ? [rule] : unforked;
  const [first] = suspects;
  if (first === undefined) return null;
  const plain = withoutForks(program);
  // Without a fork there is nothing else to blame.
  if (plain === null) return first;
  const played = await session.player.play(plain.program);
  if (played.kind !== 'judged') return null;
  if (isForeign) return divergenceFrom(played.verdict, rule) === null ? null : rule;
  return brokenAlike(plain, played, suspects, found) ?? null;
}
