/** How the command ends. `--help` and `docs/` promise these numbers. */
export const EXIT = {
  /** Grading came to its end, whatever the score; or a watch was told to end, by a key or a signal: it has no other end. */
  done: 0,
  /** A submission is below `--fail-under`, a replayed check did not pass, or a suite is not what it should be: a planted bug got away, a correct variant lost. `gradebook`: something is left to settle by hand. `diff --exit-code`: there is a difference. */
  below: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The grader failed on a submission or a check, or could not write; everything else was finished first. */
  trouble: 3,
  /** Stopped by a signal; what was done is written. A watch only by a second one, while it is ending. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
