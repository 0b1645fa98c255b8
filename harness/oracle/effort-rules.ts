/** Upper bounds on what an operation may cost. Doing less is always fine. */
import type { ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { ModelProcess } from './address-space-model.ts';
import type { Mismatch } from './mismatch.ts';

/** Frames one touched page may take: the page, a copy of it, and three tables. */
const FRAMES_PER_PAGE = 5;

export function effortMismatch(
  op: ProcessOp,
  step: Step,
  process: ModelProcess | undefined,
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
    case 'access':
    case 'page-fault':
    case 'get-user-page': {
      const length = op.op === 'access' ? op.length : 1;
      const pages = Math.ceil((Number(BigInt(op.addr) & 0xfffn) + length) / 4096);
      const most = pages * FRAMES_PER_PAGE;
      return frames <= most
        ? null
        : costs('LP-12', 'one touch', `at most ${String(most)} frames`, frames, fileReads);
    }
    default:
      return null;
  }
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
