/** How an attack ended, and which wall it met. */
import type { Canaries } from './canaries.ts';

/** The walls, from the outside to the inside. */
export const LAYERS = [
  'intake',
  'syntax check',
  'import rules',
  'compiler limits',
  'type check',
  'frozen realm',
  'no event loop',
  'values by typeof',
  'crash-only machine',
  'ownership checks',
  'budgets',
  'engine limits',
  'memory limits',
  'wall clock',
  'node permission',
  'os sandbox',
  'pipe protocol',
  'oracle',
  'reporters',
] as const;

/** One of {@link LAYERS}; `nothing gained`: nothing has refused it. */
export type Layer = (typeof LAYERS)[number] | 'nothing gained';

export type Verdict =
  /** `seen`: what told so, in the words of what stopped it. */
  | { readonly kind: 'stopped'; readonly by: Layer; readonly seen: string }
  | { readonly kind: 'gained'; readonly what: string }
  /** Not played here; `why` not. */
  | { readonly kind: 'left out'; readonly why: string };

export function stoppedBy(by: Layer, seen: string): Verdict {
  return { kind: 'stopped', by, seen };
}

export function gained(what: string): Verdict {
  return { kind: 'gained', what };
}

/** What the output of code that ran gives away: a canary was touched, or the attack says so itself. */
export function gainIn(output: string, canaries: Canaries): Verdict | null {
  const what = canaries.touched(output) ?? /PWN ([^"\\]*)/.exec(output)?.[1];
  return what === undefined ? null : gained(what);
}
