/** Which checks to look at first: those that failed the last time. */
import type { FirstLook } from '../../runner/grading.ts';
import { viewOf } from '../../reporters/student-view.ts';
import type { SubmissionGrade } from '../../scoring/grade.ts';

/** Checks looked at first. With more of them the look takes as long as the grading. */
const MOST_CHECKS = 10;

/** For each rule the first check that has shown it broken, as far as a student may see it; the first few of them. */
export function firstLooks(last: SubmissionGrade): readonly FirstLook[] {
  const rules = new Set<string>();
  const looks: FirstLook[] = [];
  for (const { assignment, pageTable, checks } of viewOf(last, 'student').assignments) {
    const chosen: string[] = [];
    for (const { id, status, rule, failure } of checks) {
      const broken = failure?.rule ?? rule;
      if (status !== 'failed' || rules.has(broken) || rules.size === MOST_CHECKS) continue;
      rules.add(broken);
      chosen.push(id);
    }
    if (chosen.length > 0) looks.push({ assignment, pageTable, checks: chosen });
  }
  return looks;
}
