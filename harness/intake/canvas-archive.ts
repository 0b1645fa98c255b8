import { withAttemptsResolved } from './canvas-attempts.ts';
import { type ClassLayout, type Level, split } from './class-layout.ts';
import { peopleOf, platformName } from './platform-names.ts';
import { submitter } from './submitter.ts';

/**
 * What Canvas gives when all submissions are downloaded: files side by side, of which those of one student begin alike; null for
 * anything else.
 */
export function canvasArchive(level: Level): ClassLayout | null {
  const people = peopleOf(level, 'canvas');
  if (people === null) return null;

  return {
    place: (path) => {
      const [first, rest] = split(path);
      const parts = platformName(first);
      if (parts?.platform !== 'canvas' || !people.has(parts.id)) return null;
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
