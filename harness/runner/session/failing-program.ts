/**
 * From "this program breaks a rule" to the shortest program that does, and why: what a student gets to read.
 */
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import type { FrameSites } from '../../../reference/contract/machine-facts.ts';
import { judge } from '../../oracle/judge.ts';
import { describeOp, TEARDOWN_STEP } from '../../oracle/describe.ts';
import { reduce } from '../../oracle/reduce.ts';
import { type Divergence, divergenceFrom } from '../../oracle/verdict.ts';
import { panicText } from '../../oracle/words.ts';
import type { Program } from '../../protocol/program.ts';
import type { Panic, Trace } from '../../protocol/trace.ts';
import { DEFAULTS } from '../../sandbox/child-process.ts';
import type { DeathCause } from '../../sandbox/confined-process.ts';
import type { StackMapper } from '../../sandbox/stack-mapper.ts';
import type { Failure } from '../../scoring/grade.ts';
import { chargedRule } from './charge.ts';
import type { CheckInfo } from './check-info.ts';
import { hintFor, hintForDeath } from './hint.ts';
import { isInjected } from './injected.ts';
import { judgingWork } from './judging-work.ts';
import type { Played } from './played.ts';
import { refusedFrames } from './refused-frames.ts';
import { MODEL_TIMES } from './program-player.ts';
import type { Session } from './session.ts';

/** Milliseconds at least that a program is given while looking for the line: it hangs, or is known to come to an end, but what looks on makes it slow. */
const LOOK_WALL_MS = { hangs: 800, ends: 20_000 };
/** The same as times what the model takes for it. */
const LOOK_TIMES = { hangs: MODEL_TIMES, ends: 5 * MODEL_TIMES };
/** Programs that use up a budget before the shortest one found so far is good enough. */
const MOST_LIMITS = 10;
/** The same for {@link judgingWork} of all programs tried: as much as for 600 programs of twenty operations with a hundred pages. */
const MOST_WORK = 1_200_000;

/** The grader disagrees with itself: the model pager fails the same program. Nobody loses a point for it. */
class ModelDisagrees extends Error {
  override readonly name = 'ModelDisagrees';
}

/**
 * Explains a program in which the student's code diverges: reduced as far as it goes for the same rule, confirmed by the model. `null`: nothing is
 * charged for it.
 *
 * If it still takes an injected failure to break the rule, it is the answer to the failure that is wrong, and the rule about that is reported.
 *
 * Throws {@link ModelDisagrees} if the model pager breaks a rule on the program found.
 */
export async function explainDivergence(
  session: Session,
  info: CheckInfo,
  program: Program,
  found: Divergence,
): Promise<Failure | null> {
  const { rule, unforked = [] } = found;
  const { rules } = session;
  const isKnown = (charged: string): boolean =>
    charged !== rule && charged !== info.rule && rules.broken.has(charged);
  if (rules.isForeign(rule) && rules.together !== null && isKnown(rules.together)) return null;
  // If something that may be the cause is known to be wrong, the program as it is tells: it is not worth reducing.
  const isSuspicious = [rule, ...unforked].some((each) => rules.broken.has(each));
  if (isSuspicious && (await chargedRule(session, program, found)) === null) return null;
  let deaths = 0;
  let limits = 0;
  let work = 0;
  const reduced = await reduce(program, found.step, async (candidate) => {
    // Smaller programs that hang instead cost seconds each: two are enough. Those that use up a budget come to an end by themselves.
    if (deaths >= 2 || limits >= MOST_LIMITS || work >= MOST_WORK) return false;
    if (await session.player.isOutOfTime()) return false;
    const played = await session.player.playOnce(candidate);
    if (played.kind === 'died') deaths++;
    if (played.kind === 'judged') work += judgingWork(played.trace);
    if (played.kind === 'judged' && played.verdict.broken?.panic?.kind === 'limit') limits++;
    return played.kind === 'judged' && divergenceFrom(played.verdict, rule) !== null;
  });
  const again = await lookAgain(session, reduced.program, rule);
  const divergence = again?.divergence ?? found;
  const shown = again === null ? program : reduced.program;
  const charged = await chargedRule(session, shown, divergence);
  if (charged === null) return null;
  const reported = rules.blamed(charged, reduced.program.ops);
  if (isKnown(reported)) return null;
  await confirmByModel(session, reduced.program);
  const { mapper } = session.subject;
  const { sites } = divergence;
  // What went wrong with a frame went wrong where it was released, or was not released after it was allocated; what is stale is so since a change.
  const site = [sites?.changed, sites?.released, sites?.allocated].find((one) => one) ?? '';
  const stack = divergence.panic?.stack ?? site;
  return {
    rule: reported,
    summary:
      !rules.isForeign(rule) || reported === rule
        ? divergence.summary
        : `after a fork ${rule} does not hold any more: ${divergence.summary}`,
    ...(await stepsOf(session, shown, divergence.step)),
    expected: divergence.expected,
    observed: `${divergence.observed}${sitesText(mapper, sites)}`,
    walk: again?.trace.walk?.join('\n') ?? null,
    hint: hintFor(rules, info, reported, divergence.panic),
    stack: mapper.locations(stack).slice(0, 8),
    log: again?.trace.log ?? [],
    replay: session.options.replayCommand(info.id),
  };
}

/** Runs the program twice more: once to see the divergence, once up to it, with sites recorded and the walk printed. */
async function lookAgain(
  session: Session,
  program: Program,
  rule: string,
): Promise<{ divergence: Divergence; trace: Trace } | null> {
  const played = await session.player.play(program);
  const divergence = played.kind === 'judged' ? divergenceFrom(played.verdict, rule) : null;
  if (divergence === null) return null;
  const until = { ...program, ops: program.ops.slice(0, divergence.step + 1) };
  const inspect =
    divergence.focus === null || divergence.focus.space === '' ? {} : { inspect: divergence.focus };
  // A machine that was cut short has no stack of its own.
  const wasTorn = divergence.panic?.kind === 'torn';
  const run = await session.player.run(until, {
    // A stack for each of so many frames takes long, and no frame is what is wrong.
    recordSites: !wasTorn,
    ...(wasTorn ? { trail: 'deepest' } : {}),
    ...(played.kind === 'judged' && played.unwatched === true ? { unwatched: true } : {}),
    wallMs: wasTorn ? await lookWallMs(session, until, 'ends') : LOOK_WALL_MS.ends,
    ...inspect,
  });
  if (run.kind === 'died' || played.kind !== 'judged') return null;
  const seen = divergenceFrom(judge(until, run.trace), rule);
  const sites = seen?.sites ?? null;
  const stack = seen?.panic?.stack ?? '';
  const isTorn = divergence.panic?.kind === 'torn' && stack !== '';
  const panic = isTorn ? { ...divergence.panic, stack } : (divergence.panic ?? null);
  return { divergence: { ...divergence, sites, panic }, trace: run.trace };
}

async function confirmByModel(session: Session, program: Program): Promise<void> {
  const run = await session.model.of(program);
  if (run.kind === 'died')
    throw new ModelDisagrees(
      `the model pager did not finish the program (${run.why}: ${run.detail})`,
    );
  if (run.trace.loadError !== null)
    throw new ModelDisagrees(`the model pager could not be loaded: ${run.trace.loadError.message}`);
  const { broken, noted } = judge(program, run.trace);
  const divergence = broken ?? noted[0];
  if (divergence === undefined) return;
  throw new ModelDisagrees(
    `the model pager breaks ${divergence.rule} on the same program: ${divergence.summary}`,
  );
}

/** Where a frame came from and went, for the end of a sentence: ` (allocated at page-table.ts:12, released at page-table.ts:30)`; an entry is `changed`. */
function sitesText(mapper: StackMapper, sites: FrameSites | null): string {
  const places = (['allocated', 'released', 'changed'] as const).flatMap((what) => {
    const [place] = mapper.locations(sites?.[what] ?? '');
    return place === undefined ? [] : [`${what} at ${place.file}:${String(place.line)}`];
  });
  return places.length === 0 ? '' : ` (${places.join(', ')})`;
}

async function stepsOf(
  session: Session,
  program: Program,
  failing: number,
): Promise<Pick<Failure, 'steps' | 'failingStep'>> {
  const uses = program.ops.some(isInjected)
    ? await refusedFrames(session.player, program, await lookWallMs(session, program, 'hangs'))
    : new Map<number, FrameUse>();
  const steps = program.ops.map((op, index) => describeOp(op, index, uses.get(index)));
  return failing >= steps.length
    ? { steps: [...steps, TEARDOWN_STEP], failingStep: steps.length }
    : { steps, failingStep: failing };
}

/** Enough to get where the program ends or hangs, on a machine as slow as this one is now. */
async function lookWallMs(
  session: Session,
  program: Program,
  it: 'hangs' | 'ends',
): Promise<number> {
  return Math.max(LOOK_WALL_MS[it], LOOK_TIMES[it] * (await session.model.timeOf(program)));
}

/** What each end of a process means. Limits are named, amounts are not: they differ between two runs, and stand in the diagnostics. */
const DEATHS: Readonly<Record<DeathCause, { readonly summary: string; readonly limit: string }>> = {
  timeout: {
    summary: 'the code did not come to an end',
    limit: `: played again, alone, it took more than ${String(MODEL_TIMES)} times as long as the model pager`,
  },
  memory: {
    summary: 'the code used up its memory',
    limit: `: a process has ${String(DEFAULTS.heapMb)} MiB for objects, and ${String(DEFAULTS.dataMb)} MiB for array buffers and the rest`,
  },
  crash: { summary: 'the process running the code died', limit: '' },
  'reply-too-large': { summary: 'the code produced far too much output', limit: '' },
  protocol: { summary: 'the process running the code gave no sensible answer', limit: '' },
};

/** Explains a program that killed its process. In which step, the process has told; it is played up to that once more, to find the line. */
export async function explainDeath(
  session: Session,
  info: CheckInfo,
  program: Program,
  played: Extract<Played, { kind: 'died' }>,
): Promise<Failure> {
  const last = program.ops.length;
  const step = Math.min(played.lastOp ?? last - 1, last);
  const shown = { ...program, ops: program.ops.slice(0, step + 1) };
  const { summary, limit } = DEATHS[played.why];
  const lastSeen = await session.player.lastSeen(
    shown,
    await lookWallMs(session, shown, played.why === 'timeout' ? 'hangs' : 'ends'),
  );
  return {
    rule: info.rule,
    summary,
    ...(await stepsOf(session, shown, step)),
    expected: 'the step comes to an end',
    observed: `stopped: ${summary}${limit}`,
    walk: null,
    hint: hintForDeath(played.why),
    stack: session.subject.mapper.locations(lastSeen).slice(0, 8),
    log: [],
    replay: session.options.replayCommand(info.id),
  };
}

/** Explains modules that could not be loaded. */
export function explainUnloadable(session: Session, info: CheckInfo, panic: Panic): Failure {
  return {
    rule: info.rule,
    summary: panicText(panic.kind, panic.message),
    steps: ['the modules of the submission are loaded'],
    failingStep: 0,
    expected: 'they load, and export what the assignment needs',
    observed: panicText(panic.kind, panic.message),
    walk: null,
    hint: 'Nothing can be run before the modules load: look at the line named here first.',
    stack: session.subject.mapper.locations(panic.stack),
    log: [],
    replay: session.options.replayCommand(info.id),
  };
}
