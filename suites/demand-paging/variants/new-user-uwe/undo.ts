/** Runs `work`. If it throws, runs `undo` with what was thrown, and lets the same thing out (unless `undo` throws something better). */
const orUndo = <T>(work: () => T, undo: (thrown: unknown) => void): T => {
  try {
    return work();
  } catch (thrown) {
    undo(thrown);
    throw thrown;
  }
};

export { orUndo };
