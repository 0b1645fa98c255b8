/** Which rule of the assignment is charged for a divergence, if any: programs also meet what other assignments are about. */
import { type Divergence, divergenceFrom } from '../../oracle/verdict.ts';
import { withoutForks } from '../../oracle/without-forks.ts';
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
  found: Pick<Divergence, 'rule' | 'unforked'>,
): Promise<string | null> {
  const { rule, unforked = [] } = found;
  const { rules } = session;
  const isForeign = rules.isForeign(rule);
  if (isForeign && rules.broken.has(rule)) return rules.isCharged(rule) ? rules.together : null;
  // Nobody is spared a rule that everything builds on.
  if (!rules.fundamental.has(rule) && unforked.some((each) => rules.isCharged(each))) return null;
  const others = isForeign ? [rule] : unforked;
  const cause = await brokenWithoutForks(session, program, others);
  if (cause !== null) {
    rules.broken.add(cause);
    return null;
  }
  if (!isForeign) return rule;
  rules.chargeTogether(rule);
  return rules.together;
}

async function brokenWithoutForks(
  session: Session,
  program: Program,
  suspects: readonly string[],
): Promise<string | null> {
  const [first] = suspects;
  if (first === undefined) return null;
  const plain = withoutForks(program);
  // Without a fork there is nothing else to blame.
  if (plain === null) return first;
  const played = await session.player.play(plain);
  if (played.kind !== 'judged') return null;
  return suspects.find((rule) => divergenceFrom(played.verdict, rule) !== null) ?? null;
}
