/** Words for what demand-paging managers return and throw. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex } from '../protocol/program.ts';
import type { Outcome } from '../protocol/trace.ts';
import { outcomeText, valueText } from './words.ts';

/** `PageFlags` by bit. */
const FLAG_NAMES: readonly (readonly [bit: bigint, name: string])[] = [
  [0n, 'PRESENT'],
  [1n, 'WRITABLE'],
  [2n, 'USER'],
  [3n, 'WRITE_THROUGH'],
  [4n, 'NO_CACHE'],
  [5n, 'ACCESSED'],
  [6n, 'DIRTY'],
  [7n, 'HUGE'],
  [8n, 'GLOBAL'],
  [63n, 'NO_EXECUTE'],
];

/** `PRESENT | WRITABLE`; bits without a name in hex. */
export function pageFlagsText(flags: bigint): string {
  const named = FLAG_NAMES.filter(([bit]) => (flags & (1n << bit)) !== 0n);
  const rest = named.reduce((left, [bit]) => left & ~(1n << bit), flags);
  const names = named.map(([, name]) => name);
  if (rest !== 0n) names.push(hex(rest));
  return names.length === 0 ? 'no flags' : names.join(' | ');
}

/** What a call of a manager came to, as a phrase: `returned frame 0x104 with PRESENT | USER`. */
export function managerOutcomeText(outcome: Outcome): string {
  if (outcome.kind !== 'ok' || outcome.frame === undefined) return outcomeText(outcome);
  const { perm } = outcome;
  if (perm === undefined) return `returned frame ${hex(outcome.frame)}`;
  const flags = perm.type === 'bigint' ? pageFlagsText(BigInt(perm.value)) : valueText(perm);
  return `returned frame ${hex(outcome.frame)} with ${flags}`;
}

/** The errors that the rules ask for, as traces write them. */
export const ERROR = {
  unmapped: (addr: Hex) => `KernelError.UnmappedMemory { addr: ${hex(BigInt(addr))} }`,
  invalid: (addr: Hex) => `KernelError.InvalidAddress { addr: ${hex(BigInt(addr))} }`,
  noMemory: 'KernelError.OutOfMemory { requested: 0x1000, available: 0x0 }',
  notInitialized: 'KernelError.NotInitialized { subsystem: "demand_paging" }',
} as const;

/** `KernelError.InvalidAddress`, without the fields. */
export function kindOf(error: string): string {
  return error.split(' ', 1)[0] ?? '';
}

/** Whether an error is one that a manager may let out. */
export function isKernelError(error: string): boolean {
  return error.startsWith('KernelError.');
}
