import { existsSync, readdirSync, statSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { withoutArchiveEnding } from './archive-name.ts';
import { classMembers } from './class-members.ts';
import { onDisk, readRegularFile } from './disk.ts';
import { findClass } from './find-class.ts';
import { CLASS_LIMITS } from './limits.ts';
import { listArchive } from './list-archive.ts';
import { listClassFolder } from './list-class-folder.ts';
import type { Listing } from './listing.ts';
import { listSource } from './list-source.ts';
import { Refusal, SourceTrouble } from './refusal.ts';
import type { Contents, Source } from './source.ts';
import { submissionId } from './submission-id.ts';

/**
 * The submissions that `paths` stand for, in the order given, each with a name no other has: `alice`, `alice-2`. Names that differ
 * only by case count as equal, since reports may be written to disks that do not tell them apart.
 *
 * A path may stand for a class: a platform’s export or a folder or archive of submissions. Among several paths each is one submission
 * unless `areClasses`, so that nobody can hand in what looks like a class and answer for others.
 */
export async function expandSources(
  paths: readonly string[],
  areClasses = false,
): Promise<readonly Source[]> {
  const found: Omit<Source, 'id'>[][] = [];
  const names: string[] = [];
  for (const path of paths) {
    const expanded = areClasses || paths.length === 1 ? await expand(path, areClasses) : null;
    const sources = expanded ?? [(await insideArchive(path)) ?? alone(path)];
    found.push(sources.map(({ source }) => source));
    names.push(...sources.map(({ name }) => name));
  }
  const next = new Map<string, number>();
  return found.flat().map((source, i) => ({ id: claim(submissionId(names[i]!), next), ...source }));
}

/** What lies at `path` as one submission, whatever it looks like: where a platform has put it there, it is nothing else. */
export function sourceAt(path: string): Source {
  const { name, source } = alone(path);
  return { id: submissionId(name), ...source };
}

interface Named {
  readonly name: string;
  readonly source: Omit<Source, 'id'>;
}

function alone(path: string): Named {
  const contents = (): Promise<Contents> => listSource(path);
  return { name: path, source: { path, from: path, submitters: [], contents } };
}

/** The submissions of the class at `path`; null if there is none, or it cannot be read. */
async function expand(path: string, isClass: boolean): Promise<readonly Named[] | null> {
  const listing = await classListing(path);
  const found = listing === null ? null : await findClass(listing, isClass);
  if (listing === null || found === null) return null;

  const { members, troubles } = classMembers(listing, found, path);
  const base = path.replace(/[/\\]+$/u, '');
  const named = members.map((member) => ({
    name: member.name,
    source: {
      path: `${base}/${found.folder}${member.at}`,
      from: path,
      submitters: member.submitters,
      contents: async () => {
        const { files, notes } = await member.files();
        return { files, isUnpacked: false, notes: [...member.notes, ...notes] };
      },
    },
  }));
  return troubles.length === 0 ? named : [...named, troubleRow(path, troubles)];
}

/** A row for what is wrong with a class as a whole, so that nobody takes the others for all. */
function troubleRow(path: string, troubles: readonly string[]): Named {
  const contents = (): Promise<Contents> => Promise.reject(new SourceTrouble(troubles.join(' ')));
  return {
    name: withoutArchiveEnding(path),
    source: { path, from: path, submitters: [], contents },
  };
}

async function classListing(path: string): Promise<Listing | null> {
  const full = resolve(path);
  try {
    const stats = await onDisk(path, () => lstat(full));
    if (stats.isDirectory()) return await listClassFolder(full, path);
    if (!stats.isFile()) return null;
    const bytes = await readRegularFile(full, path, CLASS_LIMITS.packed);
    if (bytes === null) return null;
    const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return await listArchive(archive, path, CLASS_LIMITS);
  } catch (error) {
    // Read again as a single submission, it tells what is wrong.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** The submission at a path that leads on into an archive, or to files that a platform keeps side by side. */
async function insideArchive(path: string): Promise<Named | null> {
  if (path === '' || path.includes('\0') || existsSync(path)) return null;
  let above = dirname(path);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  if (!mayHold(above, path)) return null;
  const all = (await expand(above, false)) ?? [];
  return all.find(({ source }) => source.path === path.replace(/[/\\]+$/u, '')) ?? null;
}

/** Whether it is worth a look: an archive, or a folder with files that begin like what `path` ends in (`lovelaceada_123`). */
function mayHold(above: string, path: string): boolean {
  const person = /^(.+)_[0-9A-Za-z]+$/u.exec(basename(path))?.[1];
  try {
    if (!statSync(above).isDirectory()) return true;
    return person !== undefined && readdirSync(above).some((name) => name.includes(person));
  } catch {
    // It may not be looked into, or is gone by now.
    return false;
  }
}

/** The first of `name`, `name-2`, `name-3` … that nobody has. `next`: for each name that was claimed, the number to try next. */
function claim(name: string, next: Map<string, number>): string {
  const key = name.toLowerCase();
  let n = next.get(key) ?? 1;
  const numbered = (): string => (n === 1 ? name : `${name}-${n}`);
  while (n > 1 && next.has(numbered().toLowerCase())) n++;
  const id = numbered();
  next.set(key, n + 1);
  if (n > 1) next.set(id.toLowerCase(), 2);
  return id;
}
