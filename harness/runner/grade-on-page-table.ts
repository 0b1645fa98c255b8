/** Grades one assignment of a submission on one page table: the submission's own, or the model's. */
import { cancellable } from '../sandbox/cancellable-player.ts';
import { StackMapper } from '../sandbox/stack-mapper.ts';
import type { AssignmentGrade } from '../scoring/grade.ts';
import { scoreAssignment } from '../scoring/score.ts';
import type { Assignment } from './assignments.ts';
import type { Grading } from './grading.ts';
import { findMissingExport, refusedFiles } from './missing-export.ts';
import { modelModules } from './model.ts';
import { empty } from './other-grades.ts';
import type { PlayedSession } from './play-again.ts';
import { runAssignment } from './run-assignment.ts';
import type { AssignmentInfo } from './session/check-info.ts';
import { MODEL_TIMES } from './session/program-player.ts';
import { Session, type SessionOptions } from './session/session.ts';
import type { Subject } from './session/subject.ts';
import type { TimeLimit } from './session/time-limit.ts';
import { isForkUnfinished } from './unfinished-fork.ts';

/** The grade of `assignment`. Each result is told to `onResult`. Throws when the grading is aborted. */
export async function gradeOnPageTable(
  grading: Grading,
  assignment: Assignment,
  onModelParts: boolean,
  onResult: NonNullable<SessionOptions['onResult']>,
): Promise<AssignmentGrade> {
  const { info } = assignment;
  const { compilation, compiler, options, told } = grading;
  const { signal } = options;
  const pageTable = info.modelParts.length === 0 ? null : onModelParts ? 'model' : 'own';
  const parts = onModelParts ? await modelModules(compiler, info.modelParts) : {};
  const sandbox = cancellable(grading.sandbox, signal);
  const subject = { sandbox, mapper: new StackMapper(compilation.maps) };
  const all = { ...compilation.modules, ...parts };
  const loaded = await sandbox.load(all);
  const timeLimit = told.timeLimits.get(pageTable);
  const isPlayed = timeLimit?.isOver !== true;
  const missingExport = isPlayed ? await findMissingExport(info, subject) : null;
  if (missingExport !== null) {
    const notes = [missingExport, ...refusedFiles(loaded)];
    return empty(info, 'broken', pointsOf(assignment), notes);
  }
  const forkIsUnfinished =
    isPlayed && info.id === 'lazy-pager' && 'fork.ts' in all && (await isForkUnfinished(subject));
  const modules = forkIsUnfinished
    ? Object.fromEntries(Object.entries(all).filter(([path]) => path !== 'fork.ts'))
    : all;
  if (forkIsUnfinished) await sandbox.load(modules);
  const session = sessionFor(grading, assignment, subject, pageTable, onResult);
  const checks = await runAssignment(assignment, session, signal);
  signal?.throwIfAborted();
  const scored = scoreAssignment(info.rules, checks, session.rules.broken);
  const held = scored.rules.filter(({ status }) => status === 'held').map(({ id }) => id);
  tell(grading, info.id, { pageTable, modules, held }, session);
  const notes = [
    ...(forkIsUnfinished
      ? ['fork.ts is not implemented yet: graded with one that refuses every copy-on-write.']
      : []),
    ...costsNothing(session.rules.spared),
    ...(timeLimit?.isOver === true ? [timeIsUp(timeLimit)] : []),
  ];
  return {
    assignment: info.id,
    title: info.title,
    outcome: 'graded',
    selected: true,
    ...scored,
    pageTable,
    notes,
    checks,
    difference: null,
  };
}

/** Points of all checks. */
export function pointsOf({ checks }: Assignment): number {
  return checks.reduce((sum, check) => sum + check.points, 0);
}

function sessionFor(
  { modelRuns, options, told }: Grading,
  assignment: Assignment,
  subject: Subject,
  pageTable: AssignmentGrade['pageTable'],
  onResult: NonNullable<SessionOptions['onResult']>,
): Session {
  const { info } = assignment;
  const { seed, runs, seeds, only } = options;
  const timeLimit = told.timeLimits.get(pageTable);
  const session: Session = new Session(subject, modelRuns, {
    seed,
    runs,
    ...(seeds === undefined ? {} : { seeds }),
    only,
    ...(timeLimit === undefined ? {} : { timeLimit }),
    replayCommand: (check, otherSeed) => {
      const passesOver = assignment.checks.find(({ id }) => id === check)?.kind !== 'scenario';
      return options.replayCommand({
        check,
        assignment: info.id,
        pageTable,
        knownBroken: passesOver ? [...session.rules.broken] : [],
        seed: otherSeed,
      });
    },
    onResult,
  });
  for (const rule of options.knownBroken ?? []) session.rules.broken.add(rule);
  session.rules.areOf(info, told.rules.get(pageTable));
  for (const rule of info.rules) session.rules.hints.set(rule.id, ruleHint(rule, assignment));
  return session;
}

/** Adds what a session has found out to what is told of the submission. */
function tell(
  { told }: Grading,
  id: AssignmentGrade['assignment'],
  {
    pageTable,
    modules,
    held,
  }: Pick<PlayedSession, 'pageTable' | 'modules'> & { readonly held: readonly string[] },
  { rules, player, firstFailure }: Session,
): void {
  const before = told.rules.get(pageTable);
  told.rules.set(pageTable, {
    held: new Set([...(before?.held ?? []), ...held]),
    broken: new Set([...(before?.broken ?? []), ...rules.broken]),
  });
  const where = pageTable === 'model' ? ' on the model page table' : '';
  told.notes.push(`${id}${where}: ${String(player.programs)} programs`, ...player.notes);
  told.played.push({ assignment: id, pageTable, modules, runs: player.sample.items });
  if (firstFailure !== null)
    told.firstFailures.push({ assignment: id, pageTable, ...firstFailure });
}

/** Said of rules of other assignments that explain what is wrong, and that nobody has charged. */
function costsNothing(rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [];
  const those = rules.length === 1 ? 'a rule' : 'rules';
  return [
    `What breaks ${rules.join(', ')} goes wrong without a fork, too, and costs nothing here: ${those} of an assignment that was not graded before this one.`,
  ];
}

function timeIsUp({ limitMs }: TimeLimit): string {
  return `Time was up: code that takes ${String(MODEL_TIMES)} times as long as the model pager has ${String(limitMs / 1000)} seconds for a submission. What was left was not judged.`;
}

/** Said of a rule that was met in a check of another one: what its own checks would say. */
function ruleHint({ id, text }: AssignmentInfo['rules'][number], { checks }: Assignment): string {
  return checks.find((check) => check.rule === id)?.hint ?? text;
}
