import { basename } from 'node:path';
import { isCode } from './code-files.ts';
import { decodeSource } from './decode-source.ts';
import { digestOf } from './digest.ts';
import { pathTrouble } from './inner-path.ts';
import { count, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES } from './limits.ts';
import type { ListedFile } from './listed-file.ts';
import { locateCode, misnamed } from './locate-code.ts';
import { quote } from './quote.ts';
import { Refusal, SourceTrouble } from './refusal.ts';
import type { Source } from './source.ts';
import type { Rejection, Submission } from './submission.ts';
import { withoutWrapping } from './packed-code.ts';

/**
 * Reads one submission into memory. Whatever is there, the answer is a submission or the reason why there is none; nothing is written,
 * followed or run.
 */
export async function readSubmission(source: Source): Promise<Submission | Rejection> {
  const { id, path, submitters } = source;
  try {
    return { id, source: path, submitters, ...(await read(source)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const outcome = error instanceof SourceTrouble ? 'error' : 'rejected';
    // Students read it: where the submission lay on the machine that grades is none of their business.
    const reason = error.message.replaceAll(quote(path), quote(basename(path)));
    return { id, source: path, submitters, reason, outcome };
  }
}

async function read(
  source: Source,
): Promise<Pick<Submission, 'files' | 'folder' | 'digest' | 'notes' | 'provenance'>> {
  const contents = await source.contents();
  if (contents.files.length === 0) {
    throw new Refusal(
      `${quote(source.path)} is empty; hand in the TypeScript files of the assignment.`,
    );
  }
  const { files: listed, notes: provenance } = await withoutWrapping(contents);
  const paths = listed.map((file) => file.path);
  const folder = locateCode(paths);
  const bytes = await readCode(listed, folder);

  const files: Record<string, string> = {};
  for (const [path, content] of bytes) files[path] = decodeSource(content, folder + path);
  return { files, folder, digest: digestOf(bytes), notes: misnamed(paths, folder), provenance };
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
