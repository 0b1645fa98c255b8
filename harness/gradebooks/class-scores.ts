/** What each submission of a class has earned in the assignments that count, or why that cannot be said. */
import { quoteSome } from '../intake/quote.ts';
import type { AssignmentGrade, SubmissionGrade } from '../scoring/grade.ts';
import { sumPoints } from '../scoring/points.ts';
import { checksInTrouble } from '../scoring/trouble.ts';
import { GradebookProblem } from './problem.ts';

/** What of a grade decides about a cell. Small, as there may be thousands. */
export interface ScoreCard {
  readonly submission: string;
  readonly outcome: SubmissionGrade['outcome'];
  readonly reason: string | null;
  readonly parts: readonly ScorePart[];
}

interface ScorePart {
  readonly assignment: string;
  readonly outcome: AssignmentGrade['outcome'];
  readonly selected: boolean;
  readonly score: number;
  readonly maxScore: number;
  /** The first check that the grader failed on. */
  readonly failedOn: string | null;
}

/** An assignment that counts, and what it is out of. */
export interface Counted {
  readonly assignment: string;
  readonly maxScore: number;
}

/** `points` is null if there is no score to give; `reason` then says why. With points, it says why nothing could be graded, if so. */
export interface Score {
  readonly submission: string;
  readonly points: number | null;
  readonly reason: string | null;
}

export interface ClassScores {
  readonly counted: readonly Counted[];
  readonly scores: readonly Score[];
}

/** The card of a grade. */
export function scoreCard({
  submission,
  outcome,
  reason,
  assignments,
}: SubmissionGrade): ScoreCard {
  return {
    submission,
    outcome,
    reason,
    parts: assignments.map((one) => ({
      assignment: one.assignment,
      outcome: one.outcome,
      selected: one.selected,
      score: one.score,
      maxScore: one.maxScore,
      failedOn: checksInTrouble(one)[0] ?? null,
    })),
  };
}

/**
 * Scores of a class.
 *
 * @param wanted ids of the assignments that count; null: all that the class handed in, if that is the same for everybody
 * @throws GradebookProblem if nobody was graded for one of them, or the class handed in this and that: what one of them brings along may not decide what
 *   the others are graded out of
 */
export function classScores(
  cards: readonly ScoreCard[],
  wanted: readonly string[] | null,
): ClassScores {
  const parts = cards.flatMap((card) => card.parts);
  const known = [...new Set(parts.map(({ assignment }) => assignment))];
  const handedIn = known.filter((id) =>
    parts.some(({ assignment, outcome }) => assignment === id && outcome !== 'not submitted'),
  );
  const unknown = (wanted ?? []).filter((id) => !handedIn.includes(id));
  if (unknown.length > 0) {
    throw new GradebookProblem(
      `Nobody was graded for ${quoteSome(unknown)}. The results have ${handedIn.join(', ') || 'no assignment'}.`,
    );
  }
  if (wanted === null) requireSame(cards, handedIn);
  const counted = handedIn
    .filter((id) => wanted?.includes(id) ?? true)
    .map((assignment) => ({
      assignment,
      // A check that the grader failed on is left out of one submission, not of the assignment.
      maxScore: Math.max(
        ...parts.filter((part) => part.assignment === assignment).map(({ maxScore }) => maxScore),
      ),
    }));
  return { counted, scores: cards.map((card) => score(card, counted)) };
}

function requireSame(cards: readonly ScoreCard[], handedIn: readonly string[]): void {
  const graded = cards.filter(({ outcome }) => outcome === 'graded');
  // What was not asked for says nothing of what was handed in.
  const isMissing = ({ outcome, selected }: ScorePart): boolean =>
    outcome === 'not submitted' && selected;
  const counts = handedIn.map((id) => {
    const without = graded.filter(({ parts }) =>
      parts.some((part) => part.assignment === id && isMissing(part)),
    );
    return { id, missing: without.length };
  });
  if (counts.every(({ missing }) => missing === 0)) return;
  const said = counts.map(({ id, missing }) => `${id} ${String(graded.length - missing)}`);
  throw new GradebookProblem(
    `Not all ${String(graded.length)} submissions have files for the same assignments (${said.join(', ')}). Say with --assignment which count: ${handedIn.join(',')}, or fewer.`,
  );
}

function score(
  { submission, outcome, reason, parts }: ScoreCard,
  counted: readonly Counted[],
): Score {
  if (outcome === 'error') return none(submission, `the grader failed: ${reason ?? 'no reason'}`);
  if (outcome === 'rejected') return { submission, points: 0, reason: reason ?? 'rejected' };
  let points = 0;
  for (const { assignment } of counted) {
    const part = parts.find((one) => one.assignment === assignment);
    if (part?.selected !== true) return none(submission, `it was not graded for ${assignment}`);
    if (part.outcome === 'error') return none(submission, `the grader failed on ${assignment}`);
    if (part.failedOn !== null) {
      return none(submission, `the grader failed on the check ${part.failedOn}`);
    }
    points = sumPoints([points, part.score]);
  }
  return { submission, points, reason: null };
}

function none(submission: string, reason: string): Score {
  return { submission, points: null, reason };
}
