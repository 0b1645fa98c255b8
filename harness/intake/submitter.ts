/** Somebody who handed in a submission, as far as the platform tells. */
export interface Submitter {
  readonly name: string | null;
  readonly email: string | null;
  /** The university's number of the student. */
  readonly sid: string | null;
  /** The platform's own number: Canvas's user id, Moodle's participant number. */
  readonly platformId: string | null;
}

/** A submitter of whom only this much is known. */
export function submitter(known: Partial<Submitter>): Submitter {
  return { name: null, email: null, sid: null, platformId: null, ...known };
}
