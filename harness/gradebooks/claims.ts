/** Which submissions are whose. */
import type { Submitter } from '../intake/submitter.ts';
import type { Score } from './class-scores.ts';
import type { Unsettled } from './fill-report.ts';
import type { Student } from './gradebook.ts';
import { type Match, StudentIndex } from './match-student.ts';
import type { Submitters } from './submitters.ts';

/** A submission that is a student's. */
export interface Claim {
  readonly score: Score;
  readonly who: string;
}

/** The submissions of each student, by the row of the export, and those that are nobody's or that nobody can tell whose they are. */
export function claimed(
  students: readonly Student[],
  scores: readonly Score[],
  submitters: Submitters,
): {
  readonly claims: ReadonlyMap<number, readonly Claim[]>;
  readonly unmatched: readonly Unsettled[];
} {
  const index = new StudentIndex(students);
  const claims = new Map<number, Claim[]>();
  const unmatched: Unsettled[] = [];
  for (const score of scores) {
    const { submission } = score;
    for (const { who, match } of matches(submission, submitters.get(submission) ?? [], index)) {
      if (match.student === null) unmatched.push({ submission, who, reason: match.reason });
      else {
        const { row } = match.student;
        const own = claims.get(row) ?? [];
        // A group may name somebody twice.
        if (own.some((claim) => claim.score === score)) continue;
        claims.set(row, [...own, { score, who }]);
      }
    }
  }
  return { claims, unmatched };
}

function matches(
  submission: string,
  people: readonly Submitter[],
  index: StudentIndex,
): readonly { readonly who: string; readonly match: Match }[] {
  if (people.length === 0) return [{ who: '', match: index.findById(submission) }];
  return people.map((person) => ({
    who: person.name ?? person.email ?? person.sid ?? '',
    match: index.find(person),
  }));
}
