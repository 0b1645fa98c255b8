/** Two gradings of a class. */
import type { GradeChange } from './compare-grades.ts';

/** A result that is there and cannot be read. */
export interface Unreadable {
  readonly submission: string;
  readonly side: 'old' | 'new';
  readonly reason: string;
}

export interface ClassDiff {
  /** Submissions with a result on both sides. */
  readonly compared: number;
  /** Those whose results do not say the same. */
  readonly changes: readonly GradeChange[];
  readonly onlyOld: readonly string[];
  readonly onlyNew: readonly string[];
  readonly unreadable: readonly Unreadable[];
}

/** The numbers of a {@link ClassDiff}. `changed` is the sum of the next four. */
export interface DiffCounts {
  readonly changed: number;
  readonly up: number;
  readonly down: number;
  /** Other checks or rules, same score. */
  readonly level: number;
  /** One side has no score, as the grader failed. */
  readonly scoreless: number;
  /** Nothing that counts has changed. */
  readonly same: number;
  /** Of these: told in other words. */
  readonly words: number;
  /** Results that had to be the same. */
  readonly unexplained: number;
}

/** Counts. */
export function countChanges({ compared, changes }: ClassDiff): DiffCounts {
  const real = changes.filter((change) => !change.isWordsOnly);
  const of = (score: GradeChange['score']): number =>
    real.filter((change) => change.score === score).length;
  return {
    changed: real.length,
    up: of('up'),
    down: of('down'),
    level: of('same'),
    scoreless: of('none'),
    same: compared - real.length,
    words: changes.length - real.length,
    unexplained: changes.filter(isUnexplained).length,
  };
}

/** Whether it had to be the same. */
export function isUnexplained({ causes }: GradeChange): boolean {
  return causes.some(({ kind }) => kind === 'unexplained');
}

/** Whether the two gradings differ in anything that counts. */
export function hasChanged(diff: ClassDiff): boolean {
  const { changed, unexplained } = countChanges(diff);
  const others = diff.onlyOld.length + diff.onlyNew.length + diff.unreadable.length;
  return changed + unexplained + others > 0;
}
