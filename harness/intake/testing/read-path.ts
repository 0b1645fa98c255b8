import { listSource } from '../list-source.ts';
import { readSubmission } from '../read-submission.ts';
import { submissionId } from '../submission-id.ts';
import type { Rejection, Submission } from '../submission.ts';

/** Reads what lies at `path` as one submission. */
export function readPath(path: string, id = submissionId(path)): Promise<Submission | Rejection> {
  return readSubmission({
    id,
    path,
    from: path,
    submitters: [],
    contents: () => listSource(path),
  });
}
