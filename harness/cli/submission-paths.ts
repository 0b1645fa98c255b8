/** The paths on the command line, as submissions to read. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { expandSources, sourceAt } from '../intake/expand-sources.ts';
import type { Source } from '../intake/source.ts';
import { UsageError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { COMMANDS } from './commands.ts';

/**
 * Gives each path its name in this run. Throws a {@link UsageError} if there is none, or nothing at any of them; if only some are missing,
 * these become rejected rows.
 *
 * @param areClasses whether each path may stand for many submissions, and not only a single one
 */
export async function sourcesOf(
  paths: readonly string[],
  areClasses = false,
): Promise<readonly Source[]> {
  const [first] = paths;
  if (first === undefined) {
    throw new UsageError('Which submission? Give a folder or an archive.');
  }
  const sources = await expandSources(paths, areClasses);
  if (sources.every(isMissing)) {
    const what =
      paths.length === 1
        ? `There is no "${first}".`
        : `There is nothing at any of the ${paths.length} paths given, such as "${first}".`;
    const commands = /[/\\.]/u.test(first) ? [] : COMMANDS.map(({ name }) => name);
    throw new UsageError(what + nearTo(first, commands));
  }
  return sources;
}

/** What lies at `path`, as one submission even if it looks like a class. Throws a {@link UsageError} if nothing does. */
export function exactSource(path: string): Source {
  if (!isThere(path)) throw new UsageError(`There is no "${path}".${nearTo(path)}`);
  return sourceAt(path);
}

/** The submission at `path`. Throws a {@link UsageError} if there is none, or more than one. */
export async function onlySource(path: string): Promise<Source> {
  const [source, second] = await sourcesOf([path]);
  if (second === undefined) return source!;
  throw new UsageError(
    `There are several submissions in "${path}": name one of them, such as "${source!.path}".`,
  );
}

/** A sentence for each path with nothing at it. */
export function missingPaths(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(isMissing)
    .map(({ path }) => `There is no "${path}"; it is listed as rejected.${nearTo(path)}`);
}

/** A link that leads nowhere is there, too: reading it says what it is. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isMissing({ path, from }: Source): boolean {
  return path === from && !isThere(path);
}

/** Throws a {@link UsageError} if results would be written among the files of a submission. */
export function requireOutside(output: string, sources: readonly Source[]): void {
  const folders = new Set(sources.map(({ id }) => resolve(output, id)));
  // What lies in the folder of a class is taken for a submission the next time.
  const holder = sources.find(
    ({ path, from }) =>
      isWithin(path, output) || isWithin(from, output) || folders.has(resolve(path)),
  );
  if (holder === undefined) return;
  throw new UsageError(
    `With --output ${output}, results would be written into the submission "${holder.path}": choose a folder outside of all submissions.`,
  );
}

/** Throws a {@link UsageError} if `output` lies in `checkout` by its path, and a link on the way leads out: a student may have put it there. */
export function requireInside(output: string, checkout: string): void {
  if (!isWithin(checkout, output)) return;
  let there = resolve(output);
  while (!isThere(there)) there = dirname(there);
  if (isWithin(realpathSync(checkout), realOf(there))) return;
  throw new UsageError(
    `--output ${output} leads out of ${checkout} by a link, which may be a student's: choose a folder that no student can write to.`,
  );
}

/** A link that leads nowhere leads out. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return sep;
  }
}

function isWithin(folder: string, path: string): boolean {
  const [first] = relative(resolve(folder), resolve(path)).split(sep);
  return first !== '..';
}

function nearTo(path: string, more: readonly string[] = []): string {
  return didYouMean(basename(path), [...more, ...neighbours(path)]);
}

function neighbours(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}
