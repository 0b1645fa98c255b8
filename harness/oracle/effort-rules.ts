/** Upper bounds on what an operation may cost. Doing less is always fine. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { ModelProcess } from './model-process.ts';
import { hasForked, tablesOf, touchedPages } from './fork-rules.ts';
import type { Mismatch } from './mismatch.ts';
import { pageOf } from './region-rules.ts';

/** Frames one touched page may take: the page, a copy of it, and three tables. */
const FRAMES_PER_PAGE = 5;
/** Frames one copied page may take: the copy, one to work with, and three tables if the old page is unmapped first. */
const FRAMES_PER_COPY = 5;
/** Frames a fork may take beside the tables of the child. */
const SPARE_FRAMES = 2;
/** Invalidations a fork or the handling of a fault may cost on each processor, beside those for each page. */
const INVALIDATIONS = 8;
/** Invalidations a fork may cost on each processor for each loaded page. */
const INVALIDATIONS_PER_PAGE = 2;
const WRITE = 2;

/** An operation, what was seen of it, the process that it is on, and whether it writes to a page that a fork has made read-only. */
interface Seen {
  readonly op: ProcessOp;
  readonly step: Step;
  readonly process: ModelProcess | undefined;
  readonly copies: boolean;
}

/**
 * What an operation did more than it may, or `null`.
 *
 * @param before leaves of the process before it
 * @param cpus processors of the machine
 * @param isEager the pager loads pages in `mmap`
 */
export function effortMismatch(
  { op, step, process, copies }: Seen,
  before: readonly Leaf[],
  cpus: number,
  isEager: boolean,
): Mismatch | null {
  const { frames, fileReads } = step.effort;
  if (process === undefined) return null;
  // A pager that copes with a failure may have to begin again, and one that cannot see why an access fails handles the fault over and over.
  if (step.injected || step.outcome.kind === 'no-progress') return null;
  switch (op.op) {
    case 'mmap':
    case 'sys-mmap':
      if (isEager) return null;
      return frames + fileReads === 0
        ? null
        : costs(
            'LP-5',
            'mmap',
            'nothing: pages are loaded at their first touch',
            frames,
            fileReads,
          );
    case 'access-ok':
    case 'access-range':
      return frames + fileReads === 0
        ? null
        : costs('LP-20', 'accessOk', 'nothing: it answers from the regions', frames, fileReads);
    case 'fork':
      return forkMismatch(step, process, before.length, cpus);
    case 'access':
    case 'page-fault':
    case 'get-user-page': {
      const length = op.op === 'access' ? op.length : 1;
      const pages = Math.ceil((Number(BigInt(op.addr) & 0xfffn) + length) / 4096);
      if (copies) return copyMismatch(step, pages, cpus);
      if (isOutOfDate(op, before) && hasForked(process) && frames > 0)
        return costs(
          'CW-16',
          'a fault that is out of date',
          'nothing: the page is writable already',
          frames,
          fileReads,
        );
      const most = pages * FRAMES_PER_PAGE;
      return frames <= most
        ? null
        : costs('LP-12', 'one touch', `at most ${String(most)} frames`, frames, fileReads);
    }
    default:
      return null;
  }
}

/** A fault by a write to a page that is writable. */
function isOutOfDate(op: ProcessOp, before: readonly Leaf[]): boolean {
  if (op.op !== 'page-fault' || (op.code & 3) !== 3) return false;
  const page = pageOf(op.addr);
  return before.some(({ va, rights }) => va === page && (rights & WRITE) !== 0);
}

function forkMismatch(
  { effort, outcome }: Step,
  process: ModelProcess,
  loaded: number,
  cpus: number,
): Mismatch | null {
  if (outcome.kind !== 'ok') return null;
  const { frames, fileReads, invalidations } = effort;
  if (fileReads > 0)
    return costs('CW-5', 'fork', 'no file reads: it loads nothing', frames, fileReads);
  const most = tablesOf(process) + SPARE_FRAMES;
  if (frames > most) {
    const expected = `at most ${String(most)} frames, for the page tables of the child`;
    return costs('CW-2', 'fork', expected, frames, fileReads);
  }
  const drops = cpus * (INVALIDATIONS + INVALIDATIONS_PER_PAGE * loaded);
  return invalidations <= drops ? null : invalidates('fork', drops, invalidations);
}

/**
 * A copy that nobody needs, or `null`: an operation that copies shared pages has moved another one, too.
 *
 * @param before leaves of the process before the operation, `now` after it
 */
export function needlessCopy(
  { op, step, process, copies }: Seen,
  before: readonly Leaf[],
  now: readonly Leaf[],
): Mismatch | null {
  if (process === undefined || !copies || step.injected || !('addr' in op)) return null;
  const asked = new Set(touchedPages(op));
  const frames = new Map(now.map(({ va, frame }) => [va, frame]));
  const moved = before.find(({ va, frame }) => {
    const after = frames.get(va);
    const isShared = process.pages.get(va)?.shared === true;
    return isShared && !asked.has(va) && after !== undefined && after !== frame;
  });
  if (moved === undefined) return null;
  return {
    rule: 'CW-16',
    summary: 'one copy does more than it needs to',
    expected: 'other pages stay on the frames that they share',
    observed: `the page at ${hex(moved.va)} was copied, too`,
  };
}

/** A write to a shared page, or `getUserPage` of one. What crosses into another page may have to load that. */
function copyMismatch({ effort }: Step, pages: number, cpus: number): Mismatch | null {
  const { frames, fileReads, invalidations } = effort;
  const most = pages * FRAMES_PER_COPY;
  if (frames > most)
    return costs('CW-16', 'one copy', `at most ${String(most)} frames`, frames, fileReads);
  const drops = cpus * pages * INVALIDATIONS;
  return invalidations <= drops ? null : invalidates('one copy', drops, invalidations);
}

function invalidates(what: string, most: number, invalidations: number): Mismatch {
  return {
    rule: 'CW-16',
    summary: `${what} does more than it needs to`,
    expected: `at most ${String(most)} invalidations`,
    observed: `${String(invalidations)} invalidations`,
  };
}

function costs(
  rule: string,
  what: string,
  expected: string,
  frames: number,
  fileReads: number,
): Mismatch {
  const observed = `${String(frames)} page frames allocated, ${String(fileReads)} file reads`;
  return { rule, summary: `${what} does more than it needs to`, expected, observed };
}
