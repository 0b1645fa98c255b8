import { EXPECTED_FILES } from './code-files.ts';
import { firstSteps, isList, type Level } from './class-layout.ts';

/** What a platform has written before the name of what somebody handed in. */
export interface PlatformName {
  readonly platform: 'canvas' | 'moodle';
  /** The student’s name, as far as it is told. */
  readonly person: string;
  /** The student’s number. */
  readonly id: string;
  /** Moodle: the kind of what was handed in, `file` or `onlinetext`. */
  readonly plugin: string;
  /** What the student called it. */
  readonly file: string;
}

const PATTERNS: readonly (readonly [platform: PlatformName['platform'], pattern: RegExp])[] = [
  // `LATE_anon_x7Fq2_456_fork.ts`, where names are hidden.
  ['canvas', /^(?:LATE_)?(?<person>anon)_(?<id>[0-9A-Za-z]+)_\d+_(?<file>.+)$/su],
  // `lovelaceada_LATE_123_456_fork-1.ts`: the student's name and number, the number of the file, the file.
  ['canvas', /^(?<person>.+?)(?:_LATE)?_(?<id>\d+)_\d+_(?<file>.+)$/su],
  // `lovelaceada_123_text.html`: what was typed into a form.
  ['canvas', /^(?<person>.+?)(?:_LATE)?_(?<id>\d+)_(?<file>(?:text|link)\.html)$/su],
  // `Ada Lovelace_123456_assignsubmission_file_`, the name of a folder, or what the name of a file begins with.
  [
    'moodle',
    /^(?<person>.+?)_(?<id>\d+)_(?:assignsubmission_(?<plugin>[a-z]+)|(?<old>onlinetext))(?:_(?<file>.*))?$/su,
  ],
];

/**
 * Whose a file or folder in a platform’s download is; null if no platform names one like that. It is read from its front, where the platform
 * writes: where two patterns match, the one with the shorter person has its marks first, and the other’s are the student’s.
 */
export function platformName(name: string): PlatformName | null {
  let found: PlatformName | null = null;
  for (const [platform, pattern] of PATTERNS) {
    const groups = pattern.exec(name)?.groups;
    if (groups === undefined) continue;
    const { person = '', id = '', old = '', plugin = old, file = '' } = groups;
    if (found === null || person.length < found.person.length)
      found = { platform, person, id, plugin, file };
  }
  return found;
}

/**
 * The students in a download of a platform, by number; null if the level is none. Students with names of that platform have to outnumber
 * all else that may be a submission, so that nobody decides by the name of a file how the others are read.
 */
export function peopleOf(
  level: Level,
  platform: PlatformName['platform'],
): ReadonlyMap<string, string> | null {
  const { folders, files } = firstSteps(level);
  const people = new Map<string, string>();
  const others = new Set<string>();
  for (const name of [...folders, ...files]) {
    const known = platformName(name);
    if (known?.platform === platform) people.set(known.id, known.person);
    // Files of one submission may be named with numbers, too.
    else if (EXPECTED_FILES.includes(name)) return null;
    // However many files somebody has, they are one.
    else if (known !== null) others.add(`${known.platform} ${known.id}`);
    else if (folders.has(name) || !isList(name)) others.add(name);
  }
  return people.size > others.size ? people : null;
}
