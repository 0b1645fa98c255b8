/** One operation of a program, as rules look at it. */
import type { ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { ModelProcess } from './model-process.ts';

export interface Scene {
  readonly op: ProcessOp;
  readonly step: Step;
  /** Label of the process that it is on; empty for none. */
  readonly space: string;
  readonly process: ModelProcess | undefined;
  /** It is to copy a page that a fork has made read-only: it writes to one, or gets it for the kernel. */
  readonly copies: boolean;
}

/** The rule that an operation breaks into which a failure was injected: it loads a page, or it copies or is to share one. Otherwise `otherwise`. */
export function failureRule(
  { op, step, copies }: Pick<Scene, 'op' | 'step' | 'copies'>,
  otherwise: string,
): string {
  if (!step.injected) return otherwise;
  return op.op === 'fork' || copies ? 'CW-9' : 'LP-23';
}
