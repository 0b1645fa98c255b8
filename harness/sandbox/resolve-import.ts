/** Which file of a submission an import names. */

/** Modules that exist in the sandbox without being files. */
export const PROVIDED_MODULES: readonly string[] = ['keos', 'veridian'];

/** Files that the sandbox supplies when a submission does not have them; see `child/stand-ins.ts`. */
export const STAND_INS: readonly string[] = ['fork.ts', 'pager.ts'];

/** Where the types of the file at `path` would be declared, if it is not there itself: what takes only types from it is emitted without the import. */
export function declarationOf(path: string): string {
  return path.replace(/\.ts$/, '.d.ts');
}

/**
 * The file that `specifier`, written in the file `from`, stands for: as it is, with `.ts`, with `.ts` instead of `.js`, or the `index.ts` of the folder.
 * `null` if it is not relative or leaves the submission. If no candidate exists the first one is returned, for messages and stand-ins.
 */
export function resolveImport(
  from: string,
  specifier: string,
  exists: (path: string) => boolean,
): string | null {
  if (!/^\.\.?(\/|$)/.test(specifier)) return null;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length === 0) return null;
      parts.pop();
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  const base = parts.join('/').replace(/\.[jt]s$/, '');
  const candidates = base === '' ? ['index.ts'] : [`${base}.ts`, `${base}/index.ts`];
  return candidates.find(exists) ?? candidates[0]!;
}
