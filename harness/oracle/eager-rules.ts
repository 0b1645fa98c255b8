/**
 * The two pagers keep the same rules, but for when pages are loaded. The oracle names the lazy pager's; in programs of an eager pager they are those of
 * the assignment `address-space`.
 */
import type { Divergence, Verdict } from './verdict.ts';

const OF_LAZY: Readonly<Record<string, string>> = {
  'LP-1': 'AS-1',
  'LP-2': 'AS-2',
  'LP-3': 'AS-3',
  'LP-4': 'AS-4',
  // When a page is loaded is what an eager pager does differently: all of them in mmap, and no others.
  'LP-5': 'AS-5',
  'LP-6': 'AS-5',
  'LP-12': 'AS-5',
  'LP-7': 'AS-6',
  'LP-8': 'AS-7',
  'LP-9': 'AS-8',
  'LP-10': 'AS-9',
  'LP-11': 'AS-9',
  'LP-13': 'AS-10',
  'LP-18': 'AS-10',
  'LP-14': 'AS-11',
  'LP-15': 'AS-12',
  'LP-16': 'AS-13',
  'LP-17': 'AS-14',
  'LP-19': 'AS-15',
  'LP-20': 'AS-16',
  'LP-21': 'AS-17',
  'LP-22': 'AS-18',
  'LP-23': 'AS-19',
  'LP-24': 'AS-20',
  'LP-25': 'AS-21',
};

function renamedRule(rule: string): string {
  return OF_LAZY[rule] ?? rule;
}

/** The verdict with the rules of `address-space`. */
export function inEagerRules({ broken, noted, unjudged, excused, refused }: Verdict): Verdict {
  const renamed = (divergence: Divergence): Divergence => ({
    ...divergence,
    rule: renamedRule(divergence.rule),
    ...(divergence.perhaps === undefined ? {} : { perhaps: divergence.perhaps.map(renamedRule) }),
    ...(divergence.surely === undefined ? {} : { surely: divergence.surely.map(renamedRule) }),
  });
  const seen = new Set<string>();
  return {
    broken: broken === null ? null : renamed(broken),
    // Two rules may have become one.
    noted: noted.map(renamed).filter(({ rule }) => !seen.has(rule) && seen.add(rule)),
    ...(unjudged === undefined ? {} : { unjudged: unjudged.map(renamedRule) }),
    ...(refused === undefined ? {} : { refused: refused.map(renamed) }),
    ...(excused === undefined
      ? {}
      : {
          excused: excused.map(({ rule, cause, ...more }) => ({
            ...more,
            rule: renamedRule(rule),
            cause: renamedRule(cause),
          })),
        }),
  };
}
