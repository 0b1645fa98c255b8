import { count, MAX_ENTRIES } from './limits.ts';
import type { ListedFile } from './listed-file.ts';
import { quoteSome } from './quote.ts';
import { Refusal } from './refusal.ts';

/** An entry that no submission may hold. */
export interface Trouble {
  /** The path as stored, which may lead anywhere. */
  readonly path: string;
  readonly refusal: Refusal;
}

/** What a folder or an archive holds, litter left out, with everything wrong beside what is right. */
export interface Listing {
  /** In the order of their paths. */
  readonly files: readonly ListedFile[];
  /** Paths of folders, empty ones included as far as the source knows them. */
  readonly folders: ReadonlySet<string>;
  /** In the order found. */
  readonly troubles: readonly Trouble[];
  /** Why there may be more than is listed; null when all is there. */
  readonly incomplete: Refusal | null;
  /** The path of the last entry come by: where an incomplete source breaks off. */
  readonly last: string | null;
}

/** A listing of all that there is. */
export function sortedListing(
  files: readonly ListedFile[],
  folders: ReadonlySet<string>,
  troubles: readonly Trouble[],
): Listing {
  const inOrder = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: inOrder, folders, troubles, incomplete: null, last: null };
}

/**
 * The files of a listing that stands for one submission.
 *
 * @throws {Refusal} when anything is wrong with it, or it has too many entries.
 */
export function soundFiles({
  files,
  folders,
  troubles,
  incomplete,
}: Omit<Listing, 'last'>): ListedFile[] {
  if (incomplete !== null) throw incomplete;
  if (troubles[0] !== undefined) throw troubles[0].refusal;
  if (files.length + folders.size > MAX_ENTRIES) {
    const paths = files.slice(-3).map(({ path }) => path);
    throw new Refusal(
      `More than ${count(MAX_ENTRIES)} files and folders were found, such as ${quoteSome(paths)}; hand in only the code.`,
    );
  }
  return [...files];
}

/** The same file under another path. */
export function movedTo(file: ListedFile, path: string): ListedFile {
  return { path, read: (limit) => file.read(limit) };
}
