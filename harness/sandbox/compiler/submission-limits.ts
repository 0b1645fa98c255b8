/** How large a submission may be. Generous for a pager, small enough that compiling is never the slow part. */
import type { CompileProblem } from '../compile-problem.ts';

const MOST_FILES = 200;
const MOST_FILE_CHARACTERS = 256 * 1024;
const MOST_CHARACTERS = 1024 * 1024;

/** The TypeScript files of a submission that are compiled or declare types, and a problem for every one that is neither. */
export function withinLimits(files: Readonly<Record<string, string>>): {
  accepted: ReadonlyMap<string, string>;
  problems: readonly CompileProblem[];
} {
  const accepted = new Map<string, string>();
  const problems: CompileProblem[] = [];
  let total = 0;
  const sources = Object.entries(files).filter(([path]) => path.endsWith('.ts'));
  for (const [path, text] of sources.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const refusal =
      refusedPath(path) ??
      (text.length > MOST_FILE_CHARACTERS
        ? `the file has more than ${String(MOST_FILE_CHARACTERS)} characters`
        : accepted.size >= MOST_FILES
          ? `the submission has more than ${String(MOST_FILES)} files`
          : total + text.length > MOST_CHARACTERS
            ? `the files of the submission have more than ${String(MOST_CHARACTERS)} characters together`
            : null);
    if (refusal === null) {
      accepted.set(path, text);
      total += text.length;
    } else
      problems.push({
        kind: 'limit',
        message: refusal,
        location: { file: path, line: 1, column: 1 },
      });
  }
  return { accepted, problems };
}

function refusedPath(path: string): string | null {
  const bad =
    path.length > 200 ||
    path.split('/').some((part) => /^(|\.|\.\.|__proto__)$|[\\:\p{Cc}]/u.test(part));
  return bad ? 'the name of the file cannot be imported' : null;
}
