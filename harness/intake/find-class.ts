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
  const levels = wrapping({ files: listing.files, folders: [...listing.folders] });
  for (const { folder, level } of levels) {
    const layout = (await gradescopeExport(level)) ?? moodleArchive(level) ?? canvasArchive(level);
    if (layout !== null) return { folder, layout };
  }
  // A class of one is wrapping, too, and its student's folders are: the innermost that has no code right in it is the class's.
  for (const { folder, level } of levels.reverse()) {
    const layout = plainClass(level, isClass);
    if (layout !== null) return { folder, layout };
  }
  return null;
}

/** The top, folders that hold nothing but a folder, and the one in the last of them, outermost first. */
function wrapping(top: Level): { folder: string; level: Level }[] {
  const found = [{ folder: '', level: top }];
  for (let folder = '', level = top; ;) {
    const { folders, files } = firstSteps(level);
    const [only] = folders;
    if (only === undefined || folders.size > 1 || files.size > 0) return found;
    folder += `${only}/`;
    level = below(level, `${only}/`);
    found.push({ folder, level });
  }
}

function below({ files, folders }: Level, folder: string): Level {
  const inside = (path: string): boolean => path.startsWith(folder) && path !== folder;
  return {
    files: files
      .filter(({ path }) => inside(path))
      .map((file) => movedTo(file, file.path.slice(folder.length))),
    folders: folders.filter(inside).map((path) => path.slice(folder.length)),
  };
}
