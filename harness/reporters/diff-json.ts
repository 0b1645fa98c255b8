/** What has changed between two gradings, for programs. Hidden checks included, as in `results.json`. */
import { type ClassDiff, countChanges } from '../scoring/class-diff.ts';
import { visibleJson } from './results-json.ts';

/** The text, ending in a newline. */
export function diffJson(diff: ClassDiff): string {
  const { compared, changes, onlyOld, onlyNew, unreadable } = diff;
  const counts = countChanges(diff);
  return `${visibleJson({ schema: 'faultline/diff/v1', compared, counts, changes, onlyOld, onlyNew, unreadable })}\n`;
}
