/** What kind of answer an operation gave. */
import type { Outcome } from '../protocol/trace.ts';

/** It was refused with an error of the interface. */
export function isRefusal(
  outcome: Outcome,
): outcome is Extract<Outcome, { kind: 'error' | 'killed' }> {
  return outcome.kind === 'error' || outcome.kind === 'killed';
}

/** It returned `null`. */
export function isNull(outcome: Outcome): boolean {
  return outcome.kind === 'ok' && outcome.value?.type === 'null';
}

/** It returned this number, as a bigint. */
export function isBigint(outcome: Outcome, value: bigint): boolean {
  return (
    outcome.kind === 'ok' &&
    outcome.value?.type === 'bigint' &&
    BigInt(outcome.value.value) === value
  );
}

/** It returned `true` or `false`, as wanted. */
export function isBoolean(outcome: Outcome, value: boolean): boolean {
  return (
    outcome.kind === 'ok' &&
    outcome.value?.type === 'boolean' &&
    outcome.value.value === String(value)
  );
}
