/**
 * Scores of a submission in columns of plain text: an assignment a line, then the total.
 */
import { formatPoints } from '../scoring/points.ts';
import { NOT_DETERMINISTIC } from './difference-text.ts';
import { lostText } from './not-judged.ts';
import type { AssignmentView, GradeView } from './student-view.ts';
import { wrap } from './text-layout.ts';
import { counts, remark } from './wording.ts';

interface Row {
  readonly title: string;
  readonly score: string;
  readonly of: string;
  readonly remarks: string;
}

/** Lines of at most `width` characters; long remarks go on in their column. The last line is the total. */
export function scoreTable(view: GradeView, width: number): readonly string[] {
  const total = {
    title: 'Total',
    score: formatPoints(view.score),
    of: formatPoints(view.maxScore),
    remarks: `${view.percent} %`,
  };
  const rows = [...view.assignments.map(rowOf), total];
  const widest = (key: keyof Row): number => Math.max(...rows.map((row) => row[key].length));
  const [title, score, of] = [widest('title'), widest('score'), widest('of')];
  return rows.flatMap((row) => {
    const lead = `  ${row.title.padEnd(title)}  ${row.score.padStart(score)} / ${row.of.padStart(of)}  `;
    return wrap((lead + row.remarks).trimEnd(), width, ' '.repeat(lead.length));
  });
}

function rowOf(assignment: AssignmentView): Row {
  const isCounted = counts(assignment);
  return {
    title: assignment.title,
    score: isCounted ? formatPoints(assignment.score) : '-',
    of: isCounted ? formatPoints(assignment.maxScore) : '-',
    remarks: remarks(assignment),
  };
}

/** What is said beside the score of an assignment: which page table counted, whether a program came to something else when it was played again, and what the lost points were lost to. */
export function remarks(assignment: AssignmentView): string {
  const unsteady = assignment.difference === null ? '' : NOT_DETERMINISTIC;
  return [remark(assignment), unsteady, lostText(assignment)]
    .filter((part) => part !== '')
    .join('; ');
}
