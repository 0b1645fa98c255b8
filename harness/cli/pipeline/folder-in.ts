import { posix, relative, resolve, sep } from 'node:path';
import type { PipelineRun } from './delivery.ts';

/** Where the submission's code lies in the repository that was checked out at `root`: with slashes, none at its end; empty for its root, or if it is not in there. */
export function folderIn(
  root: string | undefined,
  { submission, codeFolder }: Pick<PipelineRun, 'submission' | 'codeFolder'>,
): string {
  const below = root === undefined || root === '' ? '' : relative(root, resolve(submission));
  const path = posix.join(below.split(sep).join('/'), codeFolder).replace(/\/$/u, '');
  return path === '.' || path.startsWith('..') ? '' : path;
}
