/** The paths on the command line, as submissions to read. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expandSources, type Source } from '../intake/expand-sources.ts';
import { UsageError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { COMMANDS } from './options.ts';

/**
 * Gives each path its name in this run. Throws a {@link UsageError} if there is none, or nothing at any of them; if only some are missing,
 * these become rejected rows.
 */
export async function sourcesOf(paths: readonly string[]): Promise<readonly Source[]> {
  const [first] = paths;
  if (first === undefined) {
    throw new UsageError('Which submission? Give a folder or a zip file.');
  }
  if (!paths.some((path) => existsSync(path))) {
    const what =
      paths.length === 1
        ? `There is no "${first}".`
        : `There is nothing at any of the ${paths.length} paths given, such as "${first}".`;
    const commands = /[/\\.]/u.test(first) ? [] : COMMANDS.map(({ name }) => name);
    throw new UsageError(
      `${what}${didYouMean(basename(first), [...commands, ...neighbours(first)])}`,
    );
  }
  return expandSources(paths);
}

function neighbours(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}
