/** The folder of `--output`, before anything is graded. */
import type { Source } from '../intake/source.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import { OutputDirectory } from './output-directory.ts';
import type { Screen } from './screen.ts';
import { requireOutside } from './submission-paths.ts';

/** Opens it, if there is to be one. Throws if it cannot be written to, or results would be written into a submission. */
export async function openOutput(
  { output: path, formats, isTimeless, detail }: GradeCommandOptions,
  sources: readonly Source[],
  screen: Screen,
): Promise<OutputDirectory | null> {
  if (path === null) return null;
  requireOutside(path, sources);
  const output = await OutputDirectory.open(path, { formats, isTimeless });
  if (output.inherited.length > 0 && detail !== 'quiet') {
    screen.note(`Also writing ${output.inherited.join(' and ')}, as before in ${path}.`);
  }
  return output;
}
