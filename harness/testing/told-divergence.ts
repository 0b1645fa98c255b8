/** Divergences of which only the rules and the place matter. */
import type { Divergence } from '../oracle/verdict.ts';

/** A breach of `rule` in step `step`, which breaches of `perhaps` would have as a consequence, too. */
export function divergence(rule: string, step: number, perhaps?: readonly string[]): Divergence {
  return {
    rule,
    step,
    ...(perhaps === undefined ? {} : { perhaps }),
    summary: '',
    expected: '',
    observed: '',
    focus: null,
    panic: null,
    sites: null,
  };
}
