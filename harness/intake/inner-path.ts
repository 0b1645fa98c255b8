import { MAX_DEPTH, MAX_PATH_LENGTH } from './limits.ts';

/**
 * What is wrong with a path inside a submission, as the predicate of a sentence about it; undefined when nothing is. A good path is
 * relative, stays where it is, and means the same on every system.
 */
export function pathTrouble(path: string): string | undefined {
  if (path.length > MAX_PATH_LENGTH) return `has more than ${MAX_PATH_LENGTH} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';
  if (path.includes('\\')) return 'has a backslash in its path';
  if (path.split('/').includes('..')) return 'leads out of its folder';
  if (plainPath(path).split('/').length > MAX_DEPTH + 1)
    return `lies more than ${MAX_DEPTH} folders deep`;
  if (/[\p{Cc}\p{Cs}\uFFFD]/u.test(path)) return 'has a control or invalid character in its name';
  return undefined;
}

/** The path without empty and `.` steps. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}
