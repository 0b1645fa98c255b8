/**
 * Grades one submission: compiles it, runs the assignments it is for, scores what the checks found.
 */
import { setImmediate } from 'node:timers/promises';
import type { Compilation, SubmissionCompiler } from '../sandbox/compile-process.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { cancellable } from '../sandbox/cancellable-player.ts';
import type { InterruptiblePlayer } from '../sandbox/twin-sandbox.ts';
import type { AssignmentGrade, SubmissionGrade } from '../scoring/grade.ts';
import { scoreSubmission } from '../scoring/score.ts';
import type { Submission } from '../intake/submission.ts';
import { assignmentInfos, loadAssignment } from './assignments.ts';
import type { FirstGrade } from './grade-assignment.ts';
import type { GradeListener, GradeOptions, Grading } from './grading.ts';
import { MadeOnce } from './made-once.ts';
import { loadModel } from './model.ts';
import { type Processes, startProcesses } from './processes.ts';
import { withDifferences } from './play-again.ts';
import { allProblems, tellProblems } from './problems.ts';
import type { AssignmentInfo } from './session/check-info.ts';
import { ModelRuns } from './session/model-runs.ts';
import type { Subject } from './session/subject.ts';
import { nothingTold, timeWasUp, type Told } from './told.ts';
import { GRADER_VERSION } from './version.ts';

/** Loaded on first need: by then there is something to wait for. */
const judging = () => import('./grade-assignment.ts');

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
      const compilation = await this.#compile(submission, options, listener);
      await this.#lookFirst(submission, compilation, options, listener);
      const told = nothingTold(submission.provenance, options.allowance);
      const grading = this.#grading(submission, compilation, options, listener, told);
      const { gradeAssignment } = await judging();
      const firsts: FirstGrade[] = [];
      for (const info of assignmentInfos()) {
        options.signal?.throwIfAborted();
        firsts.push(await gradeAssignment(grading, info));
        // It gets ready while the next assignment is graded.
        if (options.playAgain !== false && told.played.length > 0)
          fresh ??= new Sandbox({ spare: false });
      }
      const assignments: AssignmentGrade[] = [];
      for (const { grade, better } of firsts) {
        options.signal?.throwIfAborted();
        assignments.push(better === null ? grade : await better());
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

  async #compile(
    submission: Submission,
    options: GradeOptions,
    { onProblems }: GradeListener,
  ): Promise<Compilation> {
    const [compilation] = await Promise.all([
      this.#compiler.compileSubmission(submission.files),
      loadWhatJudges(options),
    ]);
    if (onProblems !== undefined)
      tellProblems(compilation, () => options.signal?.aborted !== true, onProblems);
    return compilation;
  }

  #grading(
    submission: Submission,
    compilation: Compilation,
    options: GradeOptions,
    listener: GradeListener,
    told: Told,
  ): Grading {
    return {
      submission,
      compilation,
      options,
      listener,
      told,
      compiler: this.#compiler,
      sandbox: this.#sandbox,
      modelRuns: this.#modelRuns,
    };
  }

  /** Each assignment on the one page table that it is asked for. */
  async #lookFirst(
    submission: Submission,
    compilation: Compilation,
    options: GradeOptions,
    { onFirst }: GradeListener,
  ): Promise<void> {
    const { gradeAssignment } = await judging();
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
      await gradeAssignment(this.#grading(submission, compilation, look, listener, told), info);
    }
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

/** Loads, once a process, what judges and the suites. The compiler is at work meanwhile: it has to be asked before. */
async function loadWhatJudges(options: GradeOptions): Promise<void> {
  await setImmediate();
  await judging();
  assignmentsAsked(options).forEach(loadAssignment);
}

function assignmentsAsked({ assignments }: GradeOptions): readonly AssignmentInfo[] {
  return assignmentInfos().filter(({ id }) => assignments?.includes(id) ?? true);
}
