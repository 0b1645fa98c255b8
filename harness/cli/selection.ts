/** Names of assignments, checks and rules on the command line, held against what there is. */
import { type Assignment, assignmentInfos, loadAssignment } from '../runner/assignments.ts';
import { selects } from '../runner/worker-job.ts';
import { UsageError } from './errors.ts';
import { didYouMean, didYouMeanOneOf } from './nearest.ts';

/** The assignments named, in teaching order; `null`: all. Throws a {@link UsageError} for a name that none has. */
export function assignmentsNamed(ids: readonly string[] | null): readonly Assignment[] {
  const infos = assignmentInfos();
  const unknown = ids?.find((id) => !infos.some((info) => info.id === id));
  if (unknown !== undefined) {
    const names = infos.map(({ id }) => id);
    const home = infos.find(({ requires }) => requires.includes(unknown));
    if (home !== undefined)
      throw new UsageError(`"${unknown}" is a file of the assignment ${home.id}: -a ${home.id}.`);
    throw new UsageError(`There is no assignment "${unknown}".${didYouMeanOneOf(unknown, names)}`);
  }
  return infos.filter(({ id }) => ids?.includes(id) ?? true).map(loadAssignment);
}

/** Throws a {@link UsageError} if one of the patterns means no check of the assignments. */
export function requireChecks(
  patterns: readonly string[],
  assignments: readonly Assignment[],
): void {
  const checks = assignments.flatMap((assignment) => assignment.checks);
  const useless = patterns.find((pattern) => !checks.some((check) => selects(pattern, check)));
  if (useless === undefined) return;
  const where =
    assignments.length === assignmentInfos().length
      ? ''
      : ` in ${assignments.map(({ info }) => info.id).join(', ')}`;
  const names = new Set([...checks.map(({ rule }) => rule), ...checks.map(({ id }) => id)]);
  const near = didYouMean(useless, names) || ' "list" shows all checks.';
  throw new UsageError(`No check or rule${where} matches "${useless}".${near}`);
}
