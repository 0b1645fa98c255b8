import { EXPECTED_FILES } from './code-files.ts';
import { withAttemptsResolved } from './canvas-attempts.ts';
import { type ClassLayout, firstSteps, type Level, split } from './class-layout.ts';
import { submitter } from './submitter.ts';

/** `lovelaceada_LATE_123_456_fork-1.ts`: the student's name and number, the number of the file, the file. */
const NAME = /^(?<person>.+?)(?:_LATE)?_(?<id>\d+)_(?:\d+)_(?<file>.+)$/su;
/** `LATE_anon_x7Fq2_456_fork.ts`, where names are hidden. */
const ANONYMOUS = /^(?:LATE_)?(?<person>anon)_(?<id>[0-9A-Za-z]+)_(?:\d+)_(?<file>.+)$/su;
/** `lovelaceada_123_text.html`: what was typed into a form. */
const TYPED = /^(?<person>.+?)(?:_LATE)?_(?<id>\d+)_(?<file>(?:text|link)\.html)$/su;

interface Parts {
  readonly person: string;
  readonly id: string;
  readonly file: string;
}

/**
 * What Canvas gives when all submissions are downloaded: files side by side, of which those of one student begin alike; null for
 * anything else.
 */
export function canvasArchive(level: Level): ClassLayout | null {
  const steps = firstSteps(level);
  const names = [...steps.folders, ...steps.files];
  const people = new Map<string, string>();
  for (const name of names) {
    const parts = partsOf(name);
    if (parts !== null) people.set(parts.id, parts.person);
  }
  const strangers = names.filter((name) => partsOf(name) === null);
  // Files of one submission may be named with numbers, too.
  if (people.size === 0 || strangers.length > names.length / 2) return null;
  if (strangers.some((name) => EXPECTED_FILES.includes(name))) return null;

  return {
    place: (path) => {
      const [first, rest] = split(path);
      const parts = partsOf(first);
      if (parts === null || !people.has(parts.id)) return null;
      return { member: parts.id, path: rest === '' ? parts.file : `${parts.file}/${rest}` };
    },
    info: (id) => {
      const person = people.get(id)!;
      return {
        name: `${person}_${id}`,
        at: `${person}_${id}`,
        submitters: [submitter({ name: person === 'anon' ? null : person, platformId: id })],
        notes: [],
      };
    },
    expected: [],
    troubles: [],
    isStrict: true,
    superseded: new Map(),
    rename: withAttemptsResolved,
  };
}

function partsOf(name: string): Parts | null {
  const groups = (ANONYMOUS.exec(name) ?? NAME.exec(name) ?? TYPED.exec(name))?.groups;
  if (groups === undefined) return null;
  const { person = '', id = '', file = '' } = groups;
  return { person, id, file };
}
