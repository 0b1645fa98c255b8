import { isRejection, type Rejection, type Submission } from '../submission.ts';

/** The submission; a rejection fails the test with its reason. */
export function accepted(result: Submission | Rejection): Submission {
  if (isRejection(result)) throw new Error(`rejected: ${result.reason}`);
  return result;
}

/** The reason of a rejection; a submission fails the test. */
export function reasonOf(result: Submission | Rejection): string {
  if (!isRejection(result)) throw new Error(`accepted: ${Object.keys(result.files).join(', ')}`);
  return result.reason;
}
