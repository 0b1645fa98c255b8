/** Which rule of the assignment is charged for a divergence, if any: programs also meet what other assignments are about. */
import type { Divergence } from '../../oracle/verdict.ts';
import { divergenceFrom } from '../../oracle/verdict.ts';
import { withoutForks } from '../../oracle/without-forks.ts';
import type { Program } from '../../protocol/program.ts';
import type { Session } from './session.ts';

/**
 * The rule to charge for `found`, a divergence in `program`; `null` if it is a matter of another assignment alone. Then the rule of that one is known
 * to be broken from now on.
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
  const isForeign = session.isForeign(rule);
  if (isForeign && session.broken.has(rule)) return null;
  const suspects = isForeign ? [rule] : unforked.filter((each) => session.isForeign(each));
  const cause = await brokenWithoutForks(session, program, suspects);
  if (cause !== null) {
    session.broken.add(cause);
    return null;
  }
  return isForeign ? session.together : rule;
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
  const played = await session.play(plain);
  if (played.kind !== 'judged') return null;
  return suspects.find((rule) => divergenceFrom(played.verdict, rule) !== null) ?? null;
}
