/**
 * Whose row of the export a submission belongs to. A fact decides only if it names one row and nothing else that is known names another:
 * what is ambiguous is for a person to settle.
 */
import { quote } from '../intake/quote.ts';
import type { Submitter } from '../intake/submitter.ts';
import type { Student } from './gradebook.ts';
import { fileNameKeys, lettersOnly, nameKey } from './person-name.ts';

/** The row, or why there is none. */
export type Match =
  | { readonly student: Student; readonly reason: null }
  | { readonly student: null; readonly reason: string };

/** One thing known of a submitter, and the rows of which it is true. */
interface Finding {
  readonly fact: string;
  readonly students: readonly Student[];
}

/** Looks people up in an export. */
export class StudentIndex {
  readonly #byNumber: Index;
  readonly #byId: Index;
  readonly #byEmail: Index;
  readonly #byName: Index;
  readonly #byFileName: Index;

  constructor(students: readonly Student[]) {
    this.#byNumber = new Index(students, ({ number }) => (number === null ? [] : [number]));
    this.#byId = new Index(students, ({ ids }) => ids.map(key));
    // Where logins are e-mail addresses there is no column for these.
    this.#byEmail = new Index(students, ({ email, ids }) =>
      [...(email === null ? [] : [email]), ...ids].map(key).filter((id) => id.includes('@')),
    );
    this.#byName = new Index(students, ({ name }) => [nameKey(name)]);
    this.#byFileName = new Index(students, ({ name }) => fileNameKeys(name));
  }

  /** The row of somebody whom the platform names. */
  find({ platformId, sid, email, name }: Submitter): Match {
    const findings: Finding[] = [];
    const look = (fact: string, students: readonly Student[]): void => {
      findings.push({ fact, students });
    };
    if (platformId !== null) look(`the number ${platformId}`, this.#byNumber.get(platformId));
    if (sid !== null) look(`the student number ${quote(sid)}`, this.#byId.get(key(sid)));
    if (email !== null) look(`the e-mail ${email}`, this.#byEmail.get(key(email)));
    if (name !== null) look(`the name ${quote(name)}`, this.#named(name));
    return decide(findings);
  }

  /** The row of a submission of which only the id is known: a login, a student number, a name, or a platform's "name_number". */
  findById(id: string): Match {
    const words = id.replace(/_/gu, ' ');
    const { person, number } = /^(?<person>.+)_(?<number>\d+)$/su.exec(id)?.groups ?? {};
    // A number alone may be of anything: it counts only with the name.
    const numbered = this.#byNumber
      .get(number ?? '')
      .filter(({ name }) => fileNameKeys(name).includes(lettersOnly(person ?? '')));
    return decide([
      { fact: `the id ${quote(id)}`, students: numbered },
      { fact: `the id ${quote(id)}`, students: this.#byId.get(key(id)) },
      { fact: `the id ${quote(id)}`, students: this.#byEmail.get(key(id)) },
      { fact: `the name ${quote(words)}`, students: this.#byName.get(nameKey(words)) },
    ]);
  }

  /** By the name, or by what Canvas makes of it for the name of a file. */
  #named(name: string): readonly Student[] {
    const named = this.#byName.get(nameKey(name));
    return named.length > 0 || /[^\p{L}\p{M}\p{N}]/u.test(name)
      ? named
      : this.#byFileName.get(lettersOnly(name));
  }
}

function decide(findings: readonly Finding[]): Match {
  const hits = findings.filter(({ students }) => students.length > 0);
  const [first, ...weaker] = hits;
  if (first === undefined) {
    const facts = [...new Set(findings.map(({ fact }) => fact))].join(' or ');
    return {
      student: null,
      reason: facts === '' ? 'nothing is known of who it is' : `no student has ${facts}`,
    };
  }
  const [student] = first.students;
  if (first.students.length > 1) {
    return { student: null, reason: `${first.fact} is that of rows ${rows(first.students)}` };
  }
  const contradiction = weaker.find(({ students }) => !students.includes(student!));
  if (contradiction !== undefined) {
    return {
      student: null,
      reason: `${first.fact} is that of row ${rows(first.students)}, ${contradiction.fact} that of row ${rows(contradiction.students)}`,
    };
  }
  return { student: student!, reason: null };
}

/** As a spreadsheet numbers them. */
function rows(students: readonly Student[]): string {
  return students.map(({ row }) => row + 1).join(' and ');
}

function key(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/** Students by keys that several may share. */
class Index {
  readonly #students = new Map<string, Student[]>();

  constructor(students: readonly Student[], keys: (student: Student) => readonly string[]) {
    for (const student of students) {
      for (const one of new Set(keys(student))) {
        if (one !== '') this.#students.set(one, [...(this.#students.get(one) ?? []), student]);
      }
    }
  }

  get(one: string): readonly Student[] {
    return this.#students.get(one) ?? [];
  }
}
