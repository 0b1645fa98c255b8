/** Walls without which nothing is graded: `--require-layers`. */
import { isUp, type Layer } from '../runner/layer-names.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { Screen } from './screen.ts';

/** Whether these walls can be put up here; says what is missing. */
export async function hasLayers(required: readonly Layer[], screen: Screen): Promise<boolean> {
  if (required.length === 0) return true;
  const { reportLayers } = await import('../runner/layer-report.ts');
  const missing = (await reportLayers()).filter(
    ({ layer, state }) => state === 'missing' && required.includes(layer),
  );
  for (const { layer, advice } of missing)
    screen.note(
      `${screen.noteColors.red('error:')} the layer ${layer} is required and is not there. ${advice ?? ''}`.trim(),
    );
  if (missing.length > 0) screen.note('Nothing was graded.');
  return missing.length === 0;
}

/** A wall that had to be up while this was graded, and was not. A wall may turn out not to work long after the first process. */
export function lacking(
  required: readonly Layer[],
  { outcome, diagnostics }: SubmissionGrade,
): Layer | undefined {
  if (outcome !== 'graded') return undefined;
  return required.find((layer) => !isUp(layer, diagnostics.layers));
}
