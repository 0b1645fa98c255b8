/**
 * Grades one submission: compiles it, runs the assignments it is for, scores what the checks found.
 */
import type { Compilation, SubmissionCompiler } from '../sandbox/compile-process.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { cancellable } from '../sandbox/cancellable-player.ts';
import { StackMapper } from '../sandbox/stack-mapper.ts';
import type { InterruptiblePlayer } from '../sandbox/twin-sandbox.ts';
import type { AssignmentGrade, CheckResult, Problem, SubmissionGrade } from '../scoring/grade.ts';
import { scoreAssignment, scoreSubmission } from '../scoring/score.ts';
import type { Submission } from '../intake/submission.ts';
import { type Assignment, assignmentInfos, loadAssignment } from './assignments.ts';
import { MadeOnce } from './made-once.ts';
import { loadModel, modelModules } from './model.ts';
import { findMissingExport } from './missing-export.ts';
import { type Processes, startProcesses } from './processes.ts';
import { withDifferences } from './play-again.ts';
import { allProblems, tellProblems } from './problems.ts';
import { isForkUnfinished } from './unfinished-fork.ts';
import { useBeyondInterface } from './interchangeable.ts';
import {
  better,
  empty,
  failsAlike,
  fileNames,
  notInterchangeable,
  notSelected,
} from './other-grades.ts';
import { runAssignment } from './run-assignment.ts';
import type { AssignmentInfo } from './session/check-info.ts';
import { isClean } from './session/finding.ts';
import { ModelRuns } from './session/model-runs.ts';
import { MODEL_TIMES } from './session/program-player.ts';
import { Session, type SessionOptions } from './session/session.ts';
import type { Subject } from './session/subject.ts';
import type { Allowance, TimeLimit } from './session/time-limit.ts';
import { asideOf, nothingTold, timeWasUp, type Told } from './told.ts';
import { GRADER_VERSION } from './version.ts';

export interface GradeOptions {
  /** Assignments to grade by id; `null`: all that the submission has files for. */
  readonly assignments: readonly string[] | null;
  readonly seed: number;
  readonly runs: number;
  /** Consecutive seeds from each of which a property plays `runs` programs. Default: 1. */
  readonly seeds?: number;
  readonly only: SessionOptions['only'];
  /** Page table to run on. Left out: the submission's own, and the model's too where that may give a better score. */
  readonly pageTable?: 'own' | 'model';
  /** Rules that count as reported already, which properties then pass over: the state in which a replayed check ran. */
  readonly knownBroken?: readonly string[];
  /** Whether a sample of the programs is played again in a fresh process. Default: true. */
  readonly playAgain?: boolean;
  /** The time that the submission has if its code is slow. Default: as long as it takes. */
  readonly allowance?: Allowance;
  /** What to look at before everything else. It is told and does not count: the grade is the same as without. */
  readonly first?: readonly FirstLook[];
  /** Gives up when it is aborted: the outcome is then `error`, and means nothing. */
  readonly signal?: AbortSignal;
  /** Command that shows a check of this submission again. */
  readonly replayCommand: (point: ReplayPoint) => string;
}

/** Where a failure was met: all that a replay needs besides the submission, the seed and the number of runs. */
export interface ReplayPoint {
  readonly check: string;
  readonly assignment: string;
  readonly pageTable: AssignmentGrade['pageTable'];
  /** Rules that were reported already, if the check passes over them. */
  readonly knownBroken: readonly string[];
  /** Seed of the program, if it is not that of the run. */
  readonly seed?: number | undefined;
}

/** Checks of one assignment, by their ids, on the page table on which they were seen before. */
export interface FirstLook extends Pick<AssignmentGrade, 'assignment' | 'pageTable'> {
  readonly checks: readonly string[];
}

/** Told what happens while a submission is graded. */
export interface GradeListener {
  /** As soon as they are known: what does not compile, and type errors later. Never none. */
  readonly onProblems?: (problems: readonly Problem[]) => void;
  /** What a check came to that was looked at first. */
  readonly onFirst?: (assignment: string, result: CheckResult) => void;
  readonly onResult?: (assignment: string, result: CheckResult) => void;
}

/** The processes that grading needs, reused from one submission to the next. */
export class Grader {
  readonly #compiler: SubmissionCompiler;
  readonly #sandbox: InterruptiblePlayer;
  readonly #modelRuns = new ModelRuns(() => this.#loadModel());
  readonly #model = new MadeOnce<Subject>();
  #modelSandbox: Sandbox | null = null;

  /** Takes over `processes`, and ends them when it is closed. Throws if there are none and they cannot be started. */
  constructor({ compiler, sandbox }: Processes = startProcesses(true)) {
    this.#compiler = compiler;
    this.#sandbox = sandbox;
  }

  /** Grades `submission`. Trouble of our own comes back as outcome `error`, never as an exception. */
  async grade(
    submission: Submission,
    options: GradeOptions,
    listener: GradeListener = {},
  ): Promise<SubmissionGrade> {
    const start = performance.now();
    let fresh: Sandbox | null = null;
    const interrupt = (): void => {
      this.#sandbox.interrupt();
      fresh?.interrupt();
    };
    options.signal?.addEventListener('abort', interrupt);
    try {
      const compiling = this.#compiler.compileSubmission(submission.files);
      // Suites are loaded, once a process, while the compiler is at work.
      assignmentsAsked(options).forEach(loadAssignment);
      const compilation = await compiling;
      const { onProblems } = listener;
      if (onProblems !== undefined)
        tellProblems(compilation, () => options.signal?.aborted !== true, onProblems);
      await this.#lookFirst(submission, compilation, options, listener);
      const assignments: AssignmentGrade[] = [];
      const told = nothingTold(submission.provenance, options.allowance);
      for (const info of assignmentInfos()) {
        options.signal?.throwIfAborted();
        const grade = await this.#assignment(
          info,
          submission,
          compilation,
          options,
          listener,
          told,
        );
        if (isFaultless(grade)) info.requires.forEach((module) => told.sound.add(module));
        assignments.push(grade);
        // It gets ready while the next assignment is graded.
        if (options.playAgain !== false && told.played.length > 0)
          fresh ??= new Sandbox({ spare: false });
      }
      const compared =
        fresh === null || timeWasUp(told)
          ? assignments
          : await withDifferences(
              assignments,
              told.played,
              cancellable(fresh, options.signal),
              told.notes,
            );
      const problems = await allProblems(compilation);
      options.signal?.throwIfAborted();
      return this.#finish(
        submission,
        options,
        { assignments: compared, problems, outcome: 'graded', reason: null },
        start,
        told,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = message.split('\n', 1)[0]!;
      const stack = error instanceof Error && error.stack !== undefined ? [error.stack] : [];
      return this.#finish(
        submission,
        options,
        { assignments: [], problems: [], outcome: 'error', reason },
        start,
        nothingTold(stack),
      );
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
      await fresh?.close();
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    const sandboxes = [this.#sandbox, ...(this.#modelSandbox === null ? [] : [this.#modelSandbox])];
    await Promise.all([this.#compiler.close(), ...sandboxes.map((sandbox) => sandbox.close())]);
  }

  /** Each assignment on the one page table that it is asked for. */
  async #lookFirst(
    submission: Submission,
    compilation: Compilation,
    options: GradeOptions,
    { onFirst }: GradeListener,
  ): Promise<void> {
    const told = nothingTold([], options.allowance);
    for (const { assignment, pageTable, checks } of options.first ?? []) {
      const info = assignmentInfos().find(({ id }) => id === assignment);
      if (info === undefined) continue;
      options.signal?.throwIfAborted();
      const look = {
        ...options,
        only: ({ id }: { readonly id: string }) => checks.includes(id),
        pageTable: pageTable ?? 'own',
      };
      const listener = onFirst === undefined ? {} : { onResult: onFirst };
      await this.#assignment(info, submission, compilation, look, listener, told);
    }
  }

  async #assignment(
    info: AssignmentInfo,
    submission: Submission,
    compilation: Compilation,
    options: GradeOptions,
    listener: GradeListener,
    told: Told,
  ): Promise<AssignmentGrade> {
    const named = options.assignments?.includes(info.id) ?? false;
    if (options.assignments !== null && !named) return notSelected(info);
    const assignment = loadAssignment(info);
    if (options.only !== null && !assignment.checks.some(options.only)) return notSelected(info);
    const maxScore = pointsOf(assignment);
    const onResult = (result: CheckResult): void => listener.onResult?.(info.id, result);
    const absent = info.requires.filter((module) => !(`${module}.ts` in submission.files));
    if (absent.length > 0) {
      const misnamed = submission.notes.filter((note) =>
        absent.some((module) => note.includes(`${module}.ts`)),
      );
      return named
        ? empty(info, 'missing', maxScore, [
            `${fileNames(absent)} is not in the submission.`,
            ...misnamed,
          ])
        : empty(info, 'not submitted', 0, misnamed);
    }
    const unusable = info.requires.filter((module) => !(`${module}.ts` in compilation.modules));
    if (unusable.length > 0) {
      return empty(
        info,
        'broken',
        maxScore,
        unusable.map(
          (module) => `${module}.ts does not compile, so nothing of this assignment can be run.`,
        ),
      );
    }
    const run = (onModelParts: boolean, tell: typeof onResult): Promise<AssignmentGrade> =>
      this.#run(assignment, compilation, options, onModelParts, tell, told);
    const missing = info.modelParts.filter((part) => !(`${part}.ts` in compilation.modules));
    if (missing.length > 0) {
      const grade = await run(true, onResult);
      return {
        ...grade,
        notes: [
          `${fileNames(missing)} is missing or does not compile: graded on the model's.`,
          ...grade.notes,
        ],
      };
    }
    if (options.pageTable !== undefined)
      return run(options.pageTable === 'model' && info.modelParts.length > 0, onResult);
    const own = await run(false, onResult);
    if (info.modelParts.length === 0 || own.score === own.maxScore) return own;
    if (
      told.timeLimits.get('own')?.isOver !== true &&
      info.modelParts.every((part) => told.sound.has(part)) &&
      (await this.#failsAlike(own, assignment, compilation, options, told))
    )
      return own;
    const onModels = await run(true, () => undefined);
    if (onModels.score >= own.score) return better(own, onModels, info.modelParts);
    const use = await useBeyondInterface(
      this.#compiler,
      submission.files,
      compilation,
      info.modelParts,
    );
    return use === null ? own : notInterchangeable(own, info.modelParts, use);
  }

  /** Whether what has failed fails in the same way on the model's parts: then these cannot give more, and the rest need not be played on them. */
  async #failsAlike(
    own: AssignmentGrade,
    assignment: Assignment,
    compilation: Compilation,
    options: GradeOptions,
    told: Told,
  ): Promise<boolean> {
    const failed = new Set(own.checks.flatMap(({ id, failure }) => (failure === null ? [] : id)));
    const look = { ...options, only: ({ id }: { readonly id: string }) => failed.has(id) };
    const quiet = (): void => undefined;
    const seen = asideOf(told);
    const model = await this.#run(assignment, compilation, look, true, quiet, seen);
    if (!failsAlike(own, model)) return false;
    told.broken.set('model', new Set(seen.broken.get('model')));
    told.notes.push(...seen.notes);
    return true;
  }

  async #run(
    assignment: Assignment,
    compilation: Compilation,
    options: GradeOptions,
    onModelParts: boolean,
    onResult: (result: CheckResult) => void,
    told: Told,
  ): Promise<AssignmentGrade> {
    const { info } = assignment;
    const { signal } = options;
    const pageTable = info.modelParts.length === 0 ? null : onModelParts ? 'model' : 'own';
    const parts = onModelParts ? await modelModules(this.#compiler, info.modelParts) : {};
    const sandbox = cancellable(this.#sandbox, signal);
    const subject = { sandbox, mapper: new StackMapper(compilation.maps) };
    const all = { ...compilation.modules, ...parts };
    await sandbox.load(all);
    const timeLimit = told.timeLimits.get(pageTable);
    const isPlayed = timeLimit?.isOver !== true;
    const missingExport = isPlayed ? await findMissingExport(info, subject) : null;
    if (missingExport !== null) return empty(info, 'broken', pointsOf(assignment), [missingExport]);
    const forkIsUnfinished =
      isPlayed && info.id === 'lazy-pager' && 'fork.ts' in all && (await isForkUnfinished(subject));
    const modules = forkIsUnfinished
      ? Object.fromEntries(Object.entries(all).filter(([path]) => path !== 'fork.ts'))
      : all;
    if (forkIsUnfinished) await sandbox.load(modules);
    const session: Session = new Session(subject, this.#modelRuns, {
      seed: options.seed,
      runs: options.runs,
      ...(options.seeds === undefined ? {} : { seeds: options.seeds }),
      only: options.only,
      ...(timeLimit === undefined ? {} : { timeLimit }),
      replayCommand: (check, seed) => {
        const passesOver = assignment.checks.find(({ id }) => id === check)?.kind !== 'scenario';
        return options.replayCommand({
          check,
          assignment: info.id,
          pageTable,
          knownBroken: passesOver ? [...session.rules.broken] : [],
          seed,
        });
      },
      onResult,
    });
    for (const rule of options.knownBroken ?? []) session.rules.broken.add(rule);
    session.rules.areOf(info, told.broken.get(pageTable) ?? []);
    for (const rule of info.rules) session.rules.hints.set(rule.id, ruleHint(rule, assignment));
    const checks = await runAssignment(assignment, session, signal);
    signal?.throwIfAborted();
    told.broken.set(pageTable, new Set([...(told.broken.get(pageTable) ?? []), ...session.rules.broken]));
    told.notes.push(
      `${info.id}${onModelParts ? ' on the model page table' : ''}: ${String(session.player.programs)} programs`,
    );
    told.notes.push(...session.player.notes);
    const runs = session.player.sample.items;
    told.played.push({ assignment: info.id, pageTable, modules, runs });
    if (session.firstFailure !== null)
      told.firstFailures.push({ assignment: info.id, pageTable, ...session.firstFailure });
    const scored = scoreAssignment(info.rules, checks, session.rules.broken);
    const notes = [
      ...(forkIsUnfinished
        ? ['fork.ts is not implemented yet: graded with one that refuses every copy-on-write.']
        : []),
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

  #loadModel(): Promise<Subject> {
    return this.#model.get(() => {
      this.#modelSandbox ??= new Sandbox({ spare: false });
      return loadModel(this.#compiler, this.#modelSandbox);
    });
  }

  #finish(
    submission: Submission,
    options: GradeOptions,
    found: Pick<SubmissionGrade, 'assignments' | 'problems' | 'outcome' | 'reason'>,
    start: number,
    told: Told,
  ): SubmissionGrade {
    const { notes, firstFailures } = told;
    return {
      schema: 'faultline/results/v1',
      submission: submission.id,
      outcome: found.outcome,
      reason: found.reason,
      ...scoreSubmission(found.assignments),
      seed: options.seed,
      runs: options.runs,
      version: GRADER_VERSION,
      problems: found.problems,
      assignments: found.assignments,
      diagnostics: {
        durationMs: Math.round(performance.now() - start),
        node: process.version,
        layers: this.#sandbox.layers,
        notes,
        ...(firstFailures.length === 0 ? {} : { firstFailures }),
        ...(timeWasUp(told) ? { timeWasUp: true } : {}),
      },
    };
  }
}

function timeIsUp({ limitMs }: TimeLimit): string {
  return `Time was up: code that takes ${String(MODEL_TIMES)} times as long as the model pager has ${String(limitMs / 1000)} seconds for a submission. What was left was not judged.`;
}

function assignmentsAsked({ assignments }: GradeOptions): readonly AssignmentInfo[] {
  return assignmentInfos().filter(({ id }) => assignments?.includes(id) ?? true);
}

function pointsOf(assignment: Assignment): number {
  return assignment.checks.reduce((sum, check) => sum + check.points, 0);
}

/** Said of a rule that was met in a check of another one: what its own checks would say. */
function ruleHint({ id, text }: AssignmentInfo['rules'][number], { checks }: Assignment): string {
  return checks.find((check) => check.rule === id)?.hint ?? text;
}

/** Whether all checks there are have passed. */
function isFaultless({ outcome, score, maxScore, checks }: AssignmentGrade): boolean {
  return outcome === 'graded' && score === maxScore && checks.every(isClean);
}
