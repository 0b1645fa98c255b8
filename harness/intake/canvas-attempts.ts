import { isArchiveName } from './archive-name.ts';
import { EXPECTED_FILES } from './code-files.ts';
import type { Renamed } from './class-layout.ts';
import type { ListedFile } from './listed-file.ts';
import { movedTo } from './listing.ts';
import { quote } from './quote.ts';

/** `fork-2.ts`: what Canvas makes of the name of a file that is handed in for the third time. */
const NUMBERED = /^(?<stem>.+)-(?<attempt>\d+)(?<ending>\.tar\.gz|\.[^./]+)$/u;

interface Numbered {
  readonly file: ListedFile;
  /** The name without the number. */
  readonly name: string;
  readonly attempt: number;
}

/**
 * The files of a student under the names they were handed in with. Of several attempts at a file the newest counts, the others are named
 * in a note. A helper file keeps its number unless the code asks for it without: `level-1.ts` may be called just that.
 */
export async function withAttemptsResolved(files: readonly ListedFile[]): Promise<Renamed> {
  const loose = files.filter(({ path }) => !path.includes('/'));
  const wanted = await importsOf(loose);
  const attempts = new Map<string, Numbered[]>();
  for (const file of loose) {
    const one = numbered(file, wanted);
    attempts.set(one.name, [...(attempts.get(one.name) ?? []), one]);
  }

  const renamed: ListedFile[] = files.filter(({ path }) => path.includes('/'));
  const notes: string[] = [];
  for (const [name, all] of attempts) {
    const [newest, ...older] = all.sort((a, b) => b.attempt - a.attempt);
    renamed.push(movedTo(newest!.file, name));
    for (const { file } of older) {
      notes.push(`${quote(newest!.file.path)} counts, not the older ${quote(file.path)}.`);
    }
  }
  return { files: renamed.sort((a, b) => (a.path < b.path ? -1 : 1)), notes };
}

function numbered(file: ListedFile, wanted: ReadonlySet<string>): Numbered {
  const { stem = '', attempt = '', ending = '' } = NUMBERED.exec(file.path)?.groups ?? {};
  const name = stem + ending;
  const isAttempt =
    EXPECTED_FILES.includes(name) ||
    isArchiveName(name) ||
    (ending === '.ts' && wanted.has(stem) && !wanted.has(`${stem}-${attempt}`));
  return stem !== '' && isAttempt
    ? { file, name, attempt: Number(attempt) }
    : { file, name: file.path, attempt: 0 };
}

/** Names of modules beside them that files of code ask for, without their endings. */
async function importsOf(files: readonly ListedFile[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of files.filter(({ path }) => path.endsWith('.ts'))) {
    const bytes = await file.read();
    const text = bytes === null ? '' : Buffer.from(bytes).toString('utf8');
    for (const [, name] of text.matchAll(/['"]\.\/([^'"/\n]+?)(?:\.[jt]s)?['"]/gu))
      names.add(name!);
  }
  return names;
}
