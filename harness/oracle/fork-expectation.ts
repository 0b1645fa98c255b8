/** What a fork must come to. */
import type { ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelProcess } from './model-process.ts';
import type { ProcessExpectation } from './mismatch.ts';
import { outcomeText } from './words.ts';

export function expectFork(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'fork' }>,
): ProcessExpectation {
  const text = 'a child process';
  return {
    rule: 'CW-1',
    text,
    judge: ({ outcome, injected }) => {
      if (outcome.kind === 'ok') {
        model.fork(process, op.child);
        return null;
      }
      const observed = outcomeText(outcome);
      const again = process.forkFailed;
      if (injected && outcome.kind === 'error') {
        model.forkFailed(process);
        if (outcome.error.startsWith('KernelError.')) return null;
        const summary = 'a fork that fails lets no KernelError out';
        return { rule: 'CW-9', summary, expected: 'a KernelError', observed, harmless: true };
      }
      return {
        rule: injected || again ? 'CW-9' : 'CW-1',
        summary: again
          ? `a fork that had failed does not work when it is repeated: it ${observed}`
          : `it should have worked, but ${observed}`,
        expected: text,
        observed,
      };
    },
  };
}
