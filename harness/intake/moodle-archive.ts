import { type ClassLayout, type Level, split } from './class-layout.ts';
import { peopleOf, platformName } from './platform-names.ts';
import { submitter } from './submitter.ts';

/** What Moodle gives when all submissions are downloaded, in folders or without; null for anything else. */
export function moodleArchive(level: Level): ClassLayout | null {
  const people = peopleOf(level, 'moodle');
  if (people === null) return null;

  return {
    place: (path) => {
      const [first, rest] = split(path);
      const parts = platformName(first);
      if (parts?.platform !== 'moodle' || !people.has(parts.id)) return null;
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
