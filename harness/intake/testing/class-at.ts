import { expandSources } from '../expand-sources.ts';
import { readSubmission } from '../read-submission.ts';
import { isRejection, type Rejection, type Submission } from '../submission.ts';

/** All submissions at a path, by id. */
export async function classAt(
  path: string,
  areClasses = false,
): Promise<Map<string, Submission | Rejection>> {
  const found = new Map<string, Submission | Rejection>();
  for (const source of await expandSources([path], areClasses)) {
    found.set(source.id, await readSubmission(source));
  }
  return found;
}

/** What became of each, in short: `alice: fork.ts`, or `bob: rejected`. */
export async function rowsAt(path: string, areClasses = false): Promise<string[]> {
  return [...(await classAt(path, areClasses))].map(
    ([id, one]) => `${id}: ${isRejection(one) ? one.outcome : Object.keys(one.files).join(' ')}`,
  );
}
