import { parseDocument } from 'yaml';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { submitter, type Submitter } from './submitter.ts';

/** The list of submissions at the top of a Gradescope export. */
export const METADATA_NAME = /^submission_metadata\.ya?ml$/i;

/** A submission as Gradescope lists it. */
export interface GradescopeEntry {
  readonly submitters: readonly Submitter[];
  /** Milliseconds since 1970; null if it does not say. */
  readonly createdAt: number | null;
}

/**
 * The submissions of an export by the names of their folders. Keys are Ruby’s symbols (`:submitters:`); what is not understood is left
 * out.
 *
 * @throws {Refusal} when it is no YAML, or no map.
 */
export function readGradescopeMetadata(
  text: string,
  path: string,
): ReadonlyMap<string, GradescopeEntry> {
  let listed: unknown;
  try {
    const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
    if (document.errors[0] !== undefined) throw document.errors[0];
    listed = document.toJS({ mapAsMap: true });
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Refusal(`${quote(path)} cannot be read as YAML (${quote(reason)}); export it again.`);
  }
  if (!(listed instanceof Map))
    throw new Refusal(`${quote(path)} lists no submissions; export it again.`);
  return new Map(
    [...(listed as Map<unknown, unknown>)].map(([key, value]) => [String(key), entryOf(value)]),
  );
}

function entryOf(value: unknown): GradescopeEntry {
  const people = field(value, 'submitters');
  return {
    submitters: (Array.isArray(people) ? people : []).map((person: unknown) =>
      submitter({
        name: text(field(person, 'name')),
        email: text(field(person, 'email')),
        sid: text(field(person, 'sid')),
      }),
    ),
    createdAt: instantOf(text(field(value, 'created_at')) ?? ''),
  };
}

function field(value: unknown, name: string): unknown {
  return value instanceof Map ? (value.get(`:${name}`) ?? value.get(name)) : undefined;
}

function text(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** `2026-03-01 17:00:00.123456789 -08:00` in milliseconds since 1970; UTC where no zone is told, so that no machine's own one counts. */
function instantOf(time: string): number | null {
  const parts =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d*\s*(?:Z|UTC|([+-]\d\d):?(\d\d))?$/u.exec(
      time,
    );
  if (parts === null) return null;
  const [, date = '', clock = '', fraction = '', hours, minutes = ''] = parts;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  // eslint-disable-next-line no-restricted-globals -- it reads a time that is written down, not a clock
  const instant = Date.parse(`${date}T${clock}${fraction}${zone}`);
  return Number.isNaN(instant) ? null : instant;
}
