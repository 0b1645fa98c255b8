/**
 * Ends the reading of one submission from wherever the trouble is found; `readSubmission` turns it into a `Rejection`. Its message
 * is the reason shown to people.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /**
   * True when the bytes are not those that were packed. In what a student packed that is the student's business; in the archive of a
   * whole class it is nobody's whose submission lies there.
   */
  readonly isDamage: boolean;

  constructor(message: string, isDamage = false) {
    super(message);
    this.isDamage = isDamage;
  }
}

/** A refusal through no fault of the submission: it is to be an `error`, without a score. */
export class SourceTrouble extends Refusal {}
