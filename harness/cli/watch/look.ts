/** What lies in the folder at a moment, and what has changed since. */
import { readSubmission } from '../../intake/read-submission.ts';
import { isRejection, type Submission } from '../../intake/submission.ts';
import type { Source } from '../../intake/source.ts';
import { UsageError } from '../errors.ts';
import { onlySource } from '../submission-paths.ts';

/** Code, or the reason why there is nothing to grade, in a sentence. */
export type Look =
  | { readonly kind: 'code'; readonly submission: Submission }
  | { readonly kind: 'nothing'; readonly reason: string };

/** The submission that the folder is. Throws a {@link UsageError} if there is none, or if it holds submissions. */
export async function sourceAt(path: string): Promise<Source> {
  const source = await onlySource(path);
  if (source.path === source.from) return source;
  throw new UsageError(`The submission in "${path}" is "${source.path}": watch that folder.`);
}

/** Reads the folder as `grade` would. */
export async function lookAt(path: string): Promise<Look> {
  try {
    const found = await readSubmission(await sourceAt(path));
    return isRejection(found)
      ? { kind: 'nothing', reason: found.reason }
      : { kind: 'code', submission: found };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'nothing', reason: error.message };
  }
}

/** Whether grading both comes to the same. */
export function isSame(some: Look, other: Look): boolean {
  return essence(some) === essence(other);
}

/** Whether files that were there are missing: they may be on their way, since some editors delete a file before they write it again. */
export function isLess(now: Look, before: Look | null): boolean {
  if (before?.kind !== 'code') return false;
  return (
    now.kind === 'nothing' ||
    Object.keys(before.submission.files).some((path) => !(path in now.submission.files))
  );
}

/** The files that differ: added, removed, or with another text; in alphabetical order. */
export function changedFiles(before: Look | null, now: Submission): readonly string[] {
  const old = before?.kind === 'code' ? before.submission.files : {};
  const paths = new Set([...Object.keys(old), ...Object.keys(now.files)]);
  return [...paths].filter((path) => old[path] !== now.files[path]).sort();
}

function essence(look: Look): string {
  if (look.kind === 'nothing') return look.reason;
  return [look.submission.digest, ...look.submission.notes].join('\n');
}
