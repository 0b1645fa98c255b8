import { isCode } from './code-files.ts';
import { decodeSource } from './decode-source.ts';
import { digestOf } from './digest.ts';
import { pathTrouble } from './inner-path.ts';
import { count, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES } from './limits.ts';
import { listSource } from './list-source.ts';
import type { ListedFile } from './listed-file.ts';
import { locateCode, misnamed } from './locate-code.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { submissionId } from './submission-id.ts';
import type { Rejection, Submission } from './submission.ts';

/**
 * Reads one submission, a folder or a zip file, into memory. Whatever is there, the answer is a submission or the reason why there is
 * none; nothing is written, followed or run.
 *
 * @param id - its name in this run (`expandSources`).
 */
export async function readSubmission(
  path: string,
  id = submissionId(path),
): Promise<Submission | Rejection> {
  try {
    return { id, source: path, ...(await read(path)) };
  } catch (error) {
    if (error instanceof Refusal) return { id, source: path, reason: error.message };
    throw error;
  }
}

async function read(source: string): Promise<Pick<Submission, 'files' | 'digest' | 'notes'>> {
  const listed = await listSource(source);
  if (listed.length === 0) {
    throw new Refusal(`${quote(source)} is empty; hand in the TypeScript files of the assignment.`);
  }
  const paths = listed.map((file) => file.path);
  const folder = locateCode(paths);
  const bytes = await readCode(listed, folder);

  const files: Record<string, string> = {};
  for (const [path, content] of bytes) files[path] = decodeSource(content, folder + path);
  return { files, digest: digestOf(bytes), notes: misnamed(paths, folder) };
}

/** The bytes of the files of code in `folder`, by their paths from there. */
async function readCode(
  listed: readonly ListedFile[],
  folder: string,
): Promise<Map<string, Uint8Array>> {
  const code = listed.filter(
    ({ path }) => path.startsWith(folder) && isCode(path.slice(folder.length)),
  );
  if (code.length > MAX_FILES) {
    throw new Refusal(
      `It has ${count(code.length)} TypeScript files, at most ${MAX_FILES} are read; hand in only the files the pager needs.`,
    );
  }

  const contents = new Map<string, Uint8Array>();
  let total = 0;
  for (const file of code) {
    const trouble = pathTrouble(file.path);
    if (trouble !== undefined) {
      throw new Refusal(`${quote(file.path)} ${trouble}; rename it.`);
    }
    const bytes = await file.read();
    if (bytes === null) {
      throw new Refusal(
        `${quote(file.path)} is larger than ${MAX_FILE_BYTES / 1024} KiB; hand in code only, without generated data.`,
      );
    }
    total += bytes.length;
    if (total > MAX_TOTAL_BYTES) {
      throw new Refusal(
        `Its TypeScript files are larger than ${MAX_TOTAL_BYTES / 1024 / 1024} MiB together; hand in only the files the pager needs.`,
      );
    }
    contents.set(file.path.slice(folder.length), bytes);
  }
  return contents;
}
