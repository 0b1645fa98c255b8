import { type ClassLayout, firstSteps, type Level, split } from './class-layout.ts';
import { submitter } from './submitter.ts';

/** `Ada Lovelace_123456_assignsubmission_file_`, the name of a folder, or what the name of a file begins with. */
const NAME =
  /^(?<person>.+?)_(?<id>\d+)_(?:assignsubmission_(?<plugin>[a-z]+)|(?<old>onlinetext))(?:_(?<file>.*))?$/su;

interface Parts {
  readonly person: string;
  readonly id: string;
  readonly plugin: string;
  readonly file: string;
}

/** What Moodle gives when all submissions are downloaded, in folders or without; null for anything else. */
export function moodleArchive(level: Level): ClassLayout | null {
  const steps = firstSteps(level);
  const people = new Map<string, string>();
  for (const step of [...steps.folders, ...steps.files]) {
    const parts = partsOf(step);
    if (parts !== null) people.set(parts.id, parts.person);
  }
  if (people.size === 0) return null;

  return {
    place: (path) => {
      const [first, rest] = split(path);
      const parts = partsOf(first);
      if (parts === null || !people.has(parts.id)) return null;
      const inside = [parts.file, rest].filter((step) => step !== '').join('/');
      // Texts typed into a form lie beside the files, under names that cannot be theirs.
      const isFile = parts.plugin === 'file' || inside === '';
      return { member: parts.id, path: isFile ? inside : `${parts.plugin}/${inside}` };
    },
    info: (id) => {
      const person = people.get(id)!;
      return {
        name: `${person}_${id}`,
        at: `${person}_${id}`,
        submitters: [submitter({ name: person, platformId: id })],
        notes: [],
      };
    },
    expected: [],
    troubles: [],
    isStrict: true,
    superseded: new Map(),
  };
}

function partsOf(name: string): Parts | null {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return null;
  const { person = '', id = '', old = '', plugin = old, file = '' } = groups;
  return { person, id, plugin, file };
}
