import { posix } from 'node:path';
import { isArchiveName } from './archive-name.ts';
import { type ClassLayout, firstSteps, type Level, split } from './class-layout.ts';
import { EXPECTED_FILES, isCode } from './code-files.ts';

/**
 * A folder or an archive for each submission, side by side; null for what may be a single submission: it has code right here, or
 * there are not two that look like submissions.
 *
 * @param isClass - whether it is known to be a class, so that one is enough. Two are enough where code lies beside them: no single file may make one
 *   submission of a class.
 */
export function plainClass(level: Level, isClass: boolean): ClassLayout | null {
  const { folders, files } = firstSteps(level);
  const archives = [...files].filter(isArchiveName);
  const loose = [...files].filter(isExpected);
  if (loose.length > 0 && !isClass) return null;

  const withCode = new Set<string>();
  const withArchive = new Set<string>();
  for (const { path } of level.files) {
    const [first, rest] = split(path);
    if (rest === '') continue;
    if (isCode(path) && isExpected(posix.basename(path))) withCode.add(first);
    else if (isArchiveName(path)) withArchive.add(first);
  }
  const packed = archives.length + [...withArchive].filter((name) => !withCode.has(name)).length;
  // A folder of code beside one archive: more likely somebody's code and an old copy of it.
  const isPlain =
    loose.length > 0
      ? withCode.size + packed >= 2
      : withCode.size >= 2 ||
        (withCode.size === 0 && packed >= 2) ||
        (withCode.size === 1 && archives.length >= 2) ||
        (isClass && folders.size + archives.length > 0);
  if (!isPlain) return null;

  return {
    place: (path) => {
      const [first, rest] = split(path);
      if (folders.has(first)) return { member: first, path: rest };
      return isArchiveName(first) ? { member: first, path: first } : null;
    },
    info: (member) => ({ name: member, at: member, submitters: [], notes: [] }),
    expected: [],
    troubles: loose.map(
      (name) =>
        `${name} lies beside the submissions, and nobody knows whose it is: put it into the folder of who has written it.`,
    ),
    isStrict: false,
    superseded: new Map(),
  };
}

function isExpected(name: string): boolean {
  return EXPECTED_FILES.includes(name);
}
