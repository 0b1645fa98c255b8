import { type ClassLayout, firstSteps, type Level, split } from './class-layout.ts';
import {
  type GradescopeEntry,
  METADATA_NAME,
  readGradescopeMetadata,
} from './gradescope-metadata.ts';
import { MAX_METADATA_BYTES } from './limits.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import type { Submitter } from './submitter.ts';

const FOLDER = /^submission_\d+$/;

/** A Gradescope export: `submission_metadata.yml` beside a folder for each submission; null for anything else. */
export async function gradescopeExport(level: Level): Promise<ClassLayout | null> {
  const list = level.files.find(({ path }) => METADATA_NAME.test(path));
  const { folders } = firstSteps(level);
  if (list === undefined) return null;

  let entries: ReadonlyMap<string, GradescopeEntry> = new Map();
  const troubles: string[] = [];
  try {
    const bytes = await list.read(MAX_METADATA_BYTES);
    if (bytes === null) throw new Refusal(`${quote(list.path)} is too large.`);
    entries = readGradescopeMetadata(Buffer.from(bytes).toString('utf8'), list.path);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    troubles.push(`${error.message} Nobody’s name is known.`);
  }
  // Of somebody's folder it would be a file like any other.
  if (![...folders].some((name) => FOLDER.test(name) || entries.has(name))) return null;

  const isMember = (name: string): boolean => entries.has(name) || FOLDER.test(name);
  return {
    place: (path) => {
      const [first, rest] = split(path);
      return isMember(first) && folders.has(first) ? { member: first, path: rest } : null;
    },
    info: (member) => ({
      name: member,
      at: member,
      submitters: entries.get(member)?.submitters ?? [],
      notes:
        entries.has(member) || entries.size === 0
          ? []
          : [`${quote(member)} is not in ${quote(list.path)}: whose it is is not known.`],
    }),
    expected: [...entries.keys()],
    troubles,
    isStrict: true,
    superseded: olderAttempts(entries),
  };
}

/** An attempt gives way only to one that counts for all who handed it in. */
function olderAttempts(entries: ReadonlyMap<string, GradescopeEntry>): Map<string, string> {
  const older = new Map<string, string>();
  for (const [key, { submitters, createdAt }] of entries) {
    if (createdAt === null || submitters.length === 0) continue;
    const newest = [...entries]
      .filter(
        ([other, entry]) =>
          other !== key &&
          entry.createdAt !== null &&
          entry.createdAt > createdAt &&
          submitters.every((one) => entry.submitters.some((two) => isSame(one, two))),
      )
      .sort(([, a], [, b]) => b.createdAt! - a.createdAt!)[0];
    if (newest !== undefined) older.set(key, newest[0]);
  }
  return older;
}

function isSame(one: Submitter, two: Submitter): boolean {
  if (one.sid !== null && two.sid !== null) return one.sid === two.sid;
  return one.email !== null && one.email.toLowerCase() === two.email?.toLowerCase();
}
