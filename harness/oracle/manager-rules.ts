/** The rules of the assignment `demand-paging` that the judge names. Their texts are in the assignment. */
export const RULE = {
  backing: 'DP-1',
  contains: 'DP-2',
  lazy: 'DP-3',
  firstFault: 'DP-4',
  flags: 'DP-5',
  zeros: 'DP-6',
  file: 'DP-7',
  pastEnd: 'DP-8',
  once: 'DP-9',
  lastPage: 'DP-10',
  outside: 'DP-11',
  address: 'DP-12',
  unregister: 'DP-13',
  afresh: 'DP-14',
  counting: 'DP-15',
  isCow: 'DP-16',
  copy: 'DP-17',
  sharers: 'DP-18',
  lookUp: 'DP-19',
  ranges: 'DP-20',
  again: 'DP-21',
  noMemory: 'DP-22',
  noRead: 'DP-23',
  frames: 'DP-24',
  init: 'DP-25',
  global: 'DP-26',
  apart: 'DP-27',
} as const;

/** One of the rules. */
export type RuleId = (typeof RULE)[keyof typeof RULE];
