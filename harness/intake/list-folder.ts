import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk, readRegularFile, refuseSpecial } from './disk.ts';
import { isLitter } from './litter.ts';
import { count, MAX_ENTRIES, MAX_FILE_BYTES } from './limits.ts';
import type { ListedFile } from './listed-file.ts';
import { type Listing, sortedListing } from './listing.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

/**
 * What lies under a folder. Links are not followed.
 *
 * @throws {Refusal} for links, pipes, devices, folders that may not be read, and too many entries.
 */
export async function listFolder(root: string, shownRoot: string): Promise<Listing> {
  const files: ListedFile[] = [];
  const folders = new Set<string>();
  // Folders still to be read, as paths that end in '/', the next one last.
  const waiting = [''];
  let seen = 0;

  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const shown = folder === '' ? shownRoot : folder.slice(0, -1);
    const entries = await readFolder(join(root, folder), shown, MAX_ENTRIES - seen);
    seen += entries.length;

    for (const entry of entries) {
      const path = folder + entry.name;
      refuseSpecial(entry, path);
      if (entry.isDirectory()) {
        waiting.push(`${path}/`);
        folders.add(path);
      } else files.push(fileOnDisk(root, path));
    }
  }
  return sortedListing(files, folders, []);
}

/** A file at `path` below `root`. */
export function fileOnDisk(root: string, path: string): ListedFile {
  return {
    path,
    read: (limit = MAX_FILE_BYTES) => readRegularFile(join(root, path), path, limit),
  };
}

/** The entries of one folder, litter left out, in the order of their names; {@link Refusal} if there are more than `room`. */
export async function readFolder(path: string, shown: string, room: number): Promise<Dirent[]> {
  const entries = await onDisk(shown, async () => {
    const found: Dirent[] = [];
    // One by one: a folder of millions of files is refused before it is in memory.
    for await (const entry of await opendir(path)) {
      if (isLitter(entry.name)) continue;
      if (found.length === room) throw tooManyEntries(shown);
      found.push(entry);
    }
    return found;
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function tooManyEntries(shown: string): Refusal {
  return new Refusal(
    `More than ${count(MAX_ENTRIES)} files and folders were found, the last ones in ${quote(shown)}; hand in only the code.`,
  );
}
