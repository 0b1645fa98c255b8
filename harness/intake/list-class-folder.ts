import { join } from 'node:path';
import { refuseSpecial } from './disk.ts';
import { MAX_MEMBERS } from './limits.ts';
import { fileOnDisk, listFolder, readFolder } from './list-folder.ts';
import type { ListedFile } from './listed-file.ts';
import { type Listing, movedTo, sortedListing, type Trouble } from './listing.ts';
import { Refusal } from './refusal.ts';

/** Folders in folders that hold nothing else. */
const MAX_WRAPPING = 16;

/**
 * What lies under a folder that may hold the submissions of a class. Each folder in it is listed on its own: what is wrong with one is
 * trouble at its path, and the others are listed all the same.
 *
 * @throws {Refusal} when the folder itself cannot be listed.
 */
export async function listClassFolder(root: string, shown: string): Promise<Listing> {
  const files: ListedFile[] = [];
  const folders = new Set<string>();
  const troubles: Trouble[] = [];

  let above = '';
  let entries = await readFolder(root, shown, MAX_MEMBERS);
  for (let n = 0; n < MAX_WRAPPING && entries.length === 1 && entries[0]!.isDirectory(); n++) {
    folders.add(above + entries[0]!.name);
    above += `${entries[0]!.name}/`;
    entries = await readFolder(join(root, above), above, MAX_MEMBERS);
  }

  for (const entry of entries) {
    const path = above + entry.name;
    try {
      refuseSpecial(entry, path);
      if (!entry.isDirectory()) {
        files.push(fileOnDisk(root, path));
        continue;
      }
      folders.add(path);
      const inner = await listFolder(join(root, path), path);
      for (const file of inner.files) files.push(movedTo(file, `${path}/${file.path}`));
      for (const folder of inner.folders) folders.add(`${path}/${folder}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      troubles.push({ path, refusal: error });
    }
  }
  return sortedListing(files, folders, troubles);
}
