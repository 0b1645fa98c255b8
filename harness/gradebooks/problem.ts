/** The export, or what it is to be filled with, is not what it should be. The message says what, and what to do. */
export class GradebookProblem extends Error {
  override readonly name = 'GradebookProblem';
}
