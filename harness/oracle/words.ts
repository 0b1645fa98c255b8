/** Words for values, rights and outcomes, shared by everything that explains a divergence. */
import { describePageFault } from '../../reference/x86/access.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Outcome, Value } from '../protocol/trace.ts';

/** `READ | WRITE`, or `nothing`. */
export function permissionText(perm: number): string {
  const names = ['READ', 'WRITE', 'EXECUTABLE', 'USER'].filter(
    (_, bit) => (perm & (1 << bit)) !== 0,
  );
  return names.length === 0 ? 'no rights' : names.join(' | ');
}

/** `0x42`, two digits. */
export function byteText(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** A returned value. */
export function valueText(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value.type === 'number') return `${value.value} (a number, not a bigint)`;
  return value.value;
}

/** Bytes in run-length form: `0x00 x 4096`, `0x07 x 12, 0x00 x 4084`. */
function bytesText(bytes: readonly (readonly [number, number])[]): string {
  const shown = bytes
    .slice(0, 4)
    .map(([byte, count]) =>
      count === 1 ? byteText(byte) : `${byteText(byte)} x ${String(count)}`,
    );
  return bytes.length > 4 ? `${shown.join(', ')}, …` : shown.join(', ');
}

/** What an operation came to, as a phrase: `returned 0x1000`, `threw KernelError.InvalidArgument`. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ok':
      if (outcome.bytes !== undefined) return `read ${bytesText(outcome.bytes)}`;
      if (outcome.indices !== undefined) return outcome.indices.map(valueText).join(', ');
      return outcome.value === undefined || outcome.value.type === 'undefined'
        ? 'success'
        : `returned ${valueText(outcome.value)}`;
    case 'error':
      return `threw ${outcome.error}`;
    case 'killed':
      return `the access was refused (${outcome.error})`;
    case 'fault':
      return outcome.code === null
        ? '#GP: the address is not canonical'
        : `#PF(${hex(outcome.code)}): ${describePageFault(outcome.code)}`;
    case 'no-progress':
      return 'the handler returned, but the access faulted again and again';
    case 'panic':
      return panicText(outcome.panic.kind, outcome.panic.message);
    case 'bad-value':
      return `${outcome.what}; it returned ${valueText(outcome.value)}`;
    case 'skipped':
      return 'skipped';
  }
}

/** A panic as a phrase. */
export function panicText(kind: string, message: string): string {
  switch (kind) {
    case 'exception':
      return `exception: ${message}`;
    case 'limit':
      return `stopped: ${message}`;
    case 'todo':
      return message;
    default:
      return `kernel panic: ${message}`;
  }
}
