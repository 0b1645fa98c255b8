import { canvasArchive } from './canvas-archive.ts';
import { type ClassLayout, firstSteps, type Level } from './class-layout.ts';
import { gradescopeExport } from './gradescope-export.ts';
import { type Listing, movedTo } from './listing.ts';
import { moodleArchive } from './moodle-archive.ts';
import { plainClass } from './plain-class.ts';

/** Where the submissions of a class lie, and how. */
export interface FoundClass {
  /** The folder: `''`, or a path that ends in `/`. */
  readonly folder: string;
  readonly layout: ClassLayout;
}

/**
 * The submissions of a class in a listing, in the folder itself or in folders that hold nothing else; null if it is a single submission.
 *
 * @param isClass - whether it is known to be a class.
 */
export async function findClass(listing: Listing, isClass: boolean): Promise<FoundClass | null> {
  const folders = ['', ...wrapping(listing)];
  for (const folder of folders) {
    const level = levelAt(listing, folder);
    const layout = (await gradescopeExport(level)) ?? moodleArchive(level) ?? canvasArchive(level);
    if (layout !== null) return { folder, layout };
  }
  // A class of one is wrapping, too, and its student's folders are: the innermost that has no code right in it is the class's.
  for (const folder of folders.reverse()) {
    const layout = plainClass(levelAt(listing, folder), isClass);
    if (layout !== null) return { folder, layout };
  }
  return null;
}

/** Folders that hold nothing but a folder, and the one in the last of them, outermost first. */
function wrapping(listing: Listing): string[] {
  const found: string[] = [];
  for (let folder = ''; ;) {
    const { folders, files } = firstSteps(levelAt(listing, folder));
    const [only] = folders;
    if (only === undefined || folders.size > 1 || files.size > 0) return found;
    folder += `${only}/`;
    found.push(folder);
  }
}

function levelAt({ files, folders }: Listing, folder: string): Level {
  const inside = (path: string): boolean => path.startsWith(folder) && path !== folder;
  return {
    files: files
      .filter(({ path }) => inside(path))
      .map((file) => movedTo(file, file.path.slice(folder.length))),
    folders: [...folders].filter(inside).map((path) => path.slice(folder.length)),
  };
}
