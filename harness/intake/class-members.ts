import { type ClassLayout, isList, type MemberInfo, type Renamed } from './class-layout.ts';
import type { FoundClass } from './find-class.ts';
import type { ListedFile } from './listed-file.ts';
import { type Listing, movedTo, soundFiles, type Trouble } from './listing.ts';
import { quote, quoteSome } from './quote.ts';
import { Refusal, SourceTrouble } from './refusal.ts';

/** One submission of a class. */
export interface Member extends MemberInfo {
  /** Its files under the names they were handed in with. Throws {@link Refusal}. */
  files(): Promise<Renamed>;
}

/** The submissions of a class, and what is wrong with it as a whole. */
export interface Class {
  readonly members: readonly Member[];
  /** Sentences about what belongs to no submission, or may be missing. */
  readonly troubles: readonly string[];
}

interface Parts {
  readonly files: ListedFile[];
  readonly folders: Set<string>;
  readonly troubles: Trouble[];
}

/** Deals out what was listed to the submissions it belongs to. What is wrong with an entry is wrong with that one alone. */
export function classMembers(
  listing: Listing,
  { folder, layout }: FoundClass,
  source: string,
): Class {
  const parts = new Map<string, Parts>();
  const partsOf = (member: string): Parts => {
    const known = parts.get(member) ?? { files: [], folders: new Set(), troubles: [] };
    parts.set(member, known);
    return known;
  };
  for (const key of layout.expected) partsOf(key);

  const strangers: string[] = [];
  for (const file of listing.files) {
    if (!file.path.startsWith(folder)) continue;
    const place = layout.place(file.path.slice(folder.length));
    if (place === null) strangers.push(file.path);
    else partsOf(place.member).files.push(movedTo(file, place.path));
  }
  for (const path of listing.folders) {
    const place = path.startsWith(folder) ? layout.place(path.slice(folder.length)) : null;
    if (place === null) continue;
    const { folders } = partsOf(place.member);
    if (place.path !== '') folders.add(place.path);
  }
  const strays: Refusal[] = [];
  for (const trouble of listing.troubles) {
    const member = memberAt(layout, folder, trouble.path);
    if (member === null) strays.push(trouble.refusal);
    else partsOf(member).troubles.push(trouble);
  }

  const broken = listing.incomplete;
  const brokenAt = broken && listing.last === null ? null : memberAt(layout, folder, listing.last);
  if (broken !== null && brokenAt !== null) {
    partsOf(brokenAt).troubles.unshift({
      path: listing.last!,
      refusal: new SourceTrouble(`Its files are cut off: ${broken.message}`),
    });
  }
  const members = [...parts.keys()]
    .filter((key) => !layout.superseded.has(key))
    .map((key) => memberOf(key, partsOf(key), layout, broken));
  return {
    members: members.sort((a, b) => (a.at < b.at ? -1 : 1)),
    troubles: [
      ...(broken === null
        ? []
        : [`${broken.message.replace(/\.$/u, '')}: submissions and files may be missing.`]),
      ...layout.troubles,
      ...strays.slice(0, 3).map(({ message }) => message),
      ...(strays.length > 3 ? [`${strays.length - 3} more entries were refused.`] : []),
      ...(layout.isStrict
        ? unplaced(
            strangers.filter((path) => !isList(path)),
            source,
          )
        : []),
    ],
  };
}

function memberOf(key: string, parts: Parts, layout: ClassLayout, broken: Refusal | null): Member {
  const info = layout.info(key);
  const older = [...layout.superseded].filter(([, by]) => by === key).map(([name]) => name);
  return {
    ...info,
    notes: [
      ...info.notes,
      ...(older.length === 0
        ? []
        : [`${quote(key)} counts, not the older ${quoteSome(older.sort())}.`]),
      ...(broken === null
        ? []
        : ['The archive it comes from is incomplete: files of it may be missing.']),
    ],
    files: async () => {
      if (layout.expected.includes(key) && parts.files.length + parts.troubles.length === 0) {
        throw new SourceTrouble(`There is no file of ${quote(key)}; export it again.`);
      }
      const files = soundFiles({ ...parts, incomplete: null }).map(damageIsOurs);
      return (await layout.rename?.(files)) ?? { files, notes: [] };
    },
  };
}

/** The student did not pack the archive of the class. */
function damageIsOurs(file: ListedFile): ListedFile {
  return {
    path: file.path,
    read: (limit) =>
      file.read(limit).catch((error: unknown) => {
        if (!(error instanceof Refusal) || !error.isDamage) throw error;
        throw new SourceTrouble(error.message);
      }),
  };
}

/** Whose an entry is that may lead anywhere: what its path begins with. */
function memberAt(layout: ClassLayout, folder: string, path: string | null): string | null {
  const plain = (path ?? '').replaceAll('\\', '/').replace(/^(\.\/)+/u, '');
  if (!plain.startsWith(folder)) return null;
  const inside = plain.slice(folder.length);
  const [first = ''] = inside.split('/');
  if (first === '' || first === '..' || /^[A-Za-z]:/u.test(first)) return null;
  return layout.place(inside)?.member ?? null;
}

function unplaced(paths: readonly string[], source: string): string[] {
  if (paths.length === 0) return [];
  return [`In ${quote(source)} nobody’s submission holds ${quoteSome(paths)}.`];
}
