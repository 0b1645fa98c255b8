/** Smaller programs by leaving operations out: everything about one label, a run of operations, a single one, a pair. */
import type { Op, Program } from '../protocol/program.ts';
import type { Candidate } from './reduce-candidate.ts';

/** The `at`th removal to try, or `null` after the last. */
export function removals(program: Program, at: number): Candidate | null {
  const { ops } = program;
  let place = at;
  const labels = [...new Set(ops.flatMap(labelsOf))];
  const label = labels[place];
  if (label !== undefined)
    return { program: keep(program, (op) => !labelsOf(op).includes(label)), next: at + 1 };
  place -= labels.length;
  for (let length = Math.floor(ops.length / 2); length >= 1; length = Math.floor(length / 2)) {
    const places = Math.ceil(ops.length / length);
    if (place < places) {
      const from = ops.length - (place + 1) * length;
      return { program: keep(program, (_, i) => i < from || i >= from + length), next: at + 1 };
    }
    place -= places;
  }
  // Pairs: an operation and a later one that only make sense together (a map and its unmap).
  const pairs = ops.length <= 16 ? (ops.length * (ops.length - 1)) / 2 : 0;
  if (place >= pairs) return null;
  let first = 0;
  while (place >= ops.length - 1 - first) place -= ops.length - 1 - first++;
  const second = first + 1 + place;
  return { program: keep(program, (_, i) => i !== first && i !== second), next: at + 1 };
}

function keep(program: Program, kept: (op: Op, index: number) => boolean): Program | null {
  const ops = program.ops.filter(kept);
  return ops.length === program.ops.length || ops.length === 0 ? null : { ...program, ops };
}

/** Names of things that the operation makes or uses. */
function labelsOf(op: Op): string[] {
  const fields = op as Partial<
    Record<'table' | 'page' | 'process' | 'child' | 'file' | 'manager' | 'frame', string | null>
  >;
  const { table, page, process, child, file, manager, frame } = fields;
  return [table, page, process, child, file, manager, frame].filter(
    (label): label is string => typeof label === 'string',
  );
}
