/**
 * Ends the reading of one submission from wherever the trouble is found; `readSubmission` turns it into a `Rejection`. Its message
 * is the reason shown to people.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
