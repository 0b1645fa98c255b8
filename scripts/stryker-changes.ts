/** What Stryker's mutators would change in files: their list only; nothing of Stryker runs the code. */
import { Instrumenter } from '@stryker-mutator/instrumenter';
import type { Change } from '../harness/quality/automatic-mutant.ts';
import type { Files } from '../harness/quality/plant.ts';

/** All changes of all of Stryker's mutators. Throws if a file does not parse. */
export async function strykerChanges(files: Files): Promise<readonly Change[]> {
  const instrumenter = new Instrumenter(SILENT);
  const { mutants } = await instrumenter.instrument(
    Object.entries(files).map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  );
  return mutants.map(({ fileName, location, mutatorName, replacement }) => ({
    file: fileName,
    start: offsetOf(files[fileName]!, location.start),
    end: offsetOf(files[fileName]!, location.end),
    mutator: mutatorName,
    replacement,
  }));
}

/** Lines and columns count from 0. */
function offsetOf(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): number {
  return text
    .split('\n')
    .slice(0, line)
    .reduce((sum, { length }) => sum + length + 1, column);
}

const no = (): boolean => false;
const nothing = (): void => undefined;

const SILENT = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
