/** What a verdict means for a check: whose rule is broken, and what that leaves undecided. */
import { type Divergence, divergences, isCutShort, type Verdict } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { CheckResult, Failure } from '../../scoring/grade.ts';
import type { CheckDeclaration } from './check-info.ts';
import { explainDivergence } from './failing-program.ts';
import type { Session } from './session.ts';

/** What a check found out. */
export type Finding = Pick<CheckResult, 'status' | 'failure' | 'reason'> &
  Partial<Pick<CheckResult, 'injections'>>;

export const PASSED: Finding = { status: 'passed', failure: null, reason: null };

const EXPLAINED =
  'it could not be judged: what is wrong may come from a rule that is broken elsewhere';

/** The finding of a check that has failed. */
export function failed(failure: Failure): Finding {
  return { status: 'failed', failure, reason: null };
}

/** The finding of a check that could not be decided. */
export function skipped(reason: string): Finding {
  return { status: 'skipped', failure: null, reason };
}

/** Whether a check has passed and seen no other rule broken. */
export function isClean({ status, failure }: Pick<Finding, 'status' | 'failure'>): boolean {
  return status === 'passed' && failure === null;
}

/** What `verdict`, on `program`, means for `check`. What is a matter of another assignment is passed over. */
export async function findingOfVerdict(
  running: Session,
  check: CheckDeclaration,
  program: Program,
  verdict: Verdict,
): Promise<Finding> {
  const elsewhere = new Set<string>();
  for (;;) {
    const found = nextToExplain(running, check, verdict, elsewhere);
    if (found === undefined) return decided(running, check, verdict, elsewhere, null);
    if (found.rule === check.rule || check.kind === 'property') running.noticeFailure(check.id);
    const failure = await explainDivergence(running, check, program, found);
    if (failure === null) {
      elsewhere.add(found.rule);
      continue;
    }
    // A property stands for all rules. A scenario is about its own.
    if (failure.rule === check.rule || check.kind === 'property') {
      // What its own rule is can come out only now.
      running.noticeFailure(check.id);
      return failed(failure);
    }
    return decided(running, check, verdict, elsewhere, failure);
  }
}

/** The check's own rule first, then whatever nobody has seen yet: a property, for which all rules are alike, takes the one with the most points. */
function nextToExplain(
  { rules, excuses }: Session,
  check: CheckDeclaration,
  verdict: Verdict,
  elsewhere: ReadonlySet<string>,
): Divergence | undefined {
  const open = divergences(verdict).filter(({ rule }) => !elsewhere.has(rule));
  const own = open.find(({ rule }) => rule === check.rule);
  const fresh = open.filter(({ rule }) => !rules.broken.has(rule));
  const isOfTogether = ({ rule }: Divergence): boolean =>
    rules.isForeign(rule) && (!rules.broken.has(rule) || rules.isCharged(rule));
  const charged = check.rule === rules.together ? open.find(isOfTogether) : undefined;
  if (check.kind === 'property')
    fresh.sort((a, b) => excuses.worthOf(b.rule) - excuses.worthOf(a.rule));
  return own ?? charged ?? fresh[0];
}

/** A scenario in which its own rule was not seen broken can be decided if nothing has ended the comparison before that rule was judged. */
function decided(
  running: Session,
  check: CheckDeclaration,
  verdict: Verdict,
  elsewhere: ReadonlySet<string>,
  failure: Failure | null,
): Finding {
  if (elsewhere.has(check.rule)) return { ...skipped(EXPLAINED), failure };
  // One cause is charged once, as long as nobody can want to hide behind it.
  const excused =
    check.kind === 'scenario'
      ? verdict.excused?.find(
          ({ rule, cause }) => rule === check.rule && !running.excuses.mayExcuse(cause, rule),
        )
      : undefined;
  if (excused !== undefined) {
    if (excused.isUnseen === true) {
      running.letBuildOn(check.id);
      return {
        ...skipped(`what it is about did not come about: ${excused.cause} is broken`),
        failure,
      };
    }
    running.excuses.refuse(check.rule);
    return {
      ...skipped(
        `it could not be judged: what is wrong may come from ${whose(running, excused.cause)} being broken`,
      ),
      failure,
    };
  }
  const hidden =
    check.kind === 'scenario'
      ? verdict.refused?.find(
          ({ rule }) => rule !== check.rule && !running.excuses.mayExcuse(rule, check.rule),
        )
      : undefined;
  const first = hidden ?? (isCutShort(verdict, check.rule) ? verdict.broken : null);
  if (first === null) return { ...PASSED, failure };
  return {
    ...skipped(`it could not be judged: ${whose(running, first.rule)} is broken first`),
    failure,
  };
}

function whose(running: Session, rule: string): string {
  return running.rules.isForeign(rule) ? `${rule}, a rule of another assignment,` : rule;
}
