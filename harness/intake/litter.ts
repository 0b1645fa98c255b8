const LITTER = new Set([
  '__macosx',
  'node_modules',
  'thumbs.db',
  'desktop.ini',
  'icon\r', // macOS: a folder's custom icon
]);

/**
 * True for a file or folder name that operating systems, editors and package managers leave behind. Names with a leading dot are
 * (`.git`, `.DS_Store`, `._fork.ts`): nothing under such a name is looked at, symbolic links included.
 */
export function isLitter(name: string): boolean {
  return name.startsWith('.') || LITTER.has(name.toLowerCase());
}
