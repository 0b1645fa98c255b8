/** Files that appear whole or not at all, and folders for them. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file under another name and then gives it its own: whatever ends the process, a reader finds the old file or the new one. The other name is always
 * the same one, so that the next attempt leaves nothing behind, and begins with a dot, as no submission's does.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    // What is there may be a link, in a folder that is not ours alone.
    await rm(temporary, { force: true, recursive: true });
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Makes a folder and those above it, whoever else may be making it. (`mkdir`'s own `recursive` never comes back where nothing can be made, as in `/proc`.) */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isFolder(path))) throw error;
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
