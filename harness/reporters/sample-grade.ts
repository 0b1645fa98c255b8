/**
 * A grade with one of everything, and with hostile text wherever a student can put some. For tests and golden files.
 */
import type { AssignmentGrade, CheckResult, Failure, SubmissionGrade } from '../scoring/grade.ts';
import { scoreAssignment, scoreSubmission, type RubricRule } from '../scoring/score.ts';

const ESC = '\u001b';
/** Markup, commands and escapes for every format there is. */
export const HOSTILE = `=cmd() <script>alert(1)</script> ::error::pwned ]]> \`tick\` ${ESC}[31mred${ESC}[0m\n::error::next line\u202egnp.exe`;

/** A check, passed unless told otherwise. */
export function sampleCheck(id: string, more: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    title: `keeps rule ${id}`,
    rule: id.split('.')[0]!,
    kind: 'scenario',
    points: 2,
    visibility: 'visible',
    status: 'passed',
    failure: null,
    reason: null,
    injections: null,
    ...more,
  };
}

/** A failure of `rule`. */
export function sampleFailure(rule: string, more: Partial<Failure> = {}): Failure {
  return {
    rule,
    summary: `rule ${rule} does not hold`,
    steps: ['new-table t', 'indices 0x1000'],
    failingStep: 1,
    expected: 'pml4ei 0',
    observed: 'pml4ei 1',
    walk: null,
    hint: '',
    stack: [],
    log: [],
    replay: `npx ts-node grade.ts replay alice --check ${rule}`,
    ...more,
  };
}

/** An assignment of these rules and checks. */
export function sampleAssignment(
  assignment: string,
  title: string,
  rules: readonly RubricRule[],
  checks: readonly CheckResult[],
  more: Partial<AssignmentGrade> & { readonly seenBroken?: readonly string[] } = {},
): AssignmentGrade {
  const { seenBroken = [], ...fields } = more;
  return {
    assignment,
    title,
    outcome: 'graded',
    selected: true,
    pageTable: null,
    notes: [],
    ...scoreAssignment(rules, checks, new Set(seenBroken)),
    checks,
    difference: null,
    ...fields,
  };
}

/** A graded submission of these assignments. */
export function sampleSubmission(
  assignments: readonly AssignmentGrade[],
  more: Partial<SubmissionGrade> = {},
): SubmissionGrade {
  return {
    schema: 'faultline/results/v1',
    submission: 'alice',
    outcome: 'graded',
    reason: null,
    ...scoreSubmission(assignments),
    seed: 20261121,
    runs: 200,
    version: '0.1.0',
    problems: [],
    assignments,
    diagnostics: {
      durationMs: 4210,
      node: 'v20.20.2',
      layers: ['compartment', 'rlimits'],
      notes: ['programs: 512'],
    },
    ...more,
  };
}

const wrongFlags: Failure = {
  rule: 'PT-2',
  summary: 'unmap left a translation READ | USER of 0x40_0000n that processor 0 still uses',
  steps: [
    'new-table t, loaded on processor 0',
    'new-page p, filled with 0x5a',
    'map t 0x400000 → p, read | user',
    'processor 0 reads 1 byte at 0x400000',
    'unmap t 0x400000',
    'processor 0 reads 1 byte at 0x400000',
  ],
  failingStep: 5,
  expected: 'fault: not present, user read\nleaves of t:\n  (none)',
  observed: 'byte 0x5a\nleaves of t:\n  (none)\nTLB of processor 0:\n  0x400000 → p  r-- user',
  walk: 'PML4E[0]    -> 0x2000     P RW US .. A\nPDPTE[0]    -> 0x3000     P RW US .. A\nPDE[2]      -> 0x4000     P RW US .. A\nPTE[0]      not present',
  hint: 'Clearing the entry changes memory, not the TLB. What has to happen to the StaleTLBEntry that the clear returns?',
  stack: [],
  log: [],
  replay: 'npx ts-node grade.ts replay /srv/work/alice --check PT-2.1 --seed 20261121',
};

const panic: Failure = {
  rule: 'LP-1',
  summary: `the pager panicked: TypeError: ${HOSTILE}`,
  steps: [
    'spawn a',
    'mmap a 0x10000, 0x2000 bytes, read | write, anonymous',
    'a writes 1 byte 0x11 at 0x11fff',
  ],
  failingStep: 2,
  expected: 'ok',
  observed: `panic: TypeError: ${HOSTILE}`,
  walk: null,
  hint: 'The fault handler is called with the address as it was accessed, not with the start of its page.',
  stack: [
    { file: 'lazy-pager.ts', line: 57, column: 13 },
    { file: 'src/<b>lib</b>.ts', line: 120, column: 5 },
  ],
  log: ['page 0x11000', HOSTILE, '```', '</details>', '##[error]old style', '@teacher +1', '-2+3'],
  replay: "npx ts-node grade.ts replay './=cmd() <script> --check' --check LP-1.2 --seed 20261121",
};

const pageTable = sampleAssignment(
  'page-table',
  'Page table',
  [
    { id: 'PT-1', title: 'indices are those of the four levels', fundamental: true },
    { id: 'PT-2', title: 'after unmap no processor uses the old translation' },
    { id: 'PT-3', title: 'a failed map changes nothing' },
    { id: 'PT-4', title: 'clear gives every table back' },
    { id: 'PT-5', title: 'secret rule of secret checks' },
  ],
  [
    sampleCheck('PT-1.1', { title: 'splits an address into indices', points: 2.5 }),
    sampleCheck('PT-1.2', { title: 'splits any address', kind: 'property', points: 5 }),
    sampleCheck('PT-2.1', {
      title: 'unmap invalidates',
      points: 4,
      status: 'failed',
      failure: wrongFlags,
    }),
    sampleCheck('PT-2.2', {
      title: 'any program of maps and unmaps',
      kind: 'property',
      status: 'failed',
      failure: { ...wrongFlags, summary: 'a longer story of the same', hint: '' },
    }),
    sampleCheck('PT-3.1', {
      title: 'map without memory',
      status: 'error',
      reason: 'the reference and the model disagree',
    }),
    sampleCheck('PT-3.2', { title: 'map where something is' }),
    sampleCheck('PT-4.1', {
      title: 'clear after a split',
      status: 'skipped',
      reason: 'PT-2 is broken: clearing cannot be told from a stale translation',
    }),
    sampleCheck('PT-5.1', {
      title: 'secret title one',
      visibility: 'hidden',
      points: 3,
      status: 'failed',
      failure: sampleFailure('PT-5', { summary: 'secret summary' }),
    }),
    sampleCheck('PT-5.2', {
      title: 'visible, but of the secret rule',
      status: 'skipped',
      reason: 'PT-5.1 failed: secret title one',
    }),
  ],
  { notes: ['console.log was called 40 times'] },
);

const lazyPager = sampleAssignment(
  'lazy-pager',
  'Lazy pager',
  [
    { id: 'LP-1', title: 'a page is loaded by its first access' },
    { id: 'LP-2', title: 'the kernel keeps running' },
    { id: 'LP-3', title: 'nothing leaks' },
  ],
  [
    sampleCheck('LP-1.1', { title: 'loads on read', points: 3 }),
    sampleCheck('LP-1.2', { title: 'loads on write', points: 3, status: 'failed', failure: panic }),
    sampleCheck('LP-2.1', { title: 'survives a bad address', status: 'failed', failure: panic }),
    sampleCheck('LP-3.1', {
      title: 'exit gives every frame back',
      points: 1.5,
      kind: 'property',
      injections: { failed: 412, calls: 412 },
    }),
    sampleCheck('LP-3.2', { title: 'secret title two', visibility: 'hidden', points: 1.5 }),
  ],
  {
    pageTable: 'model',
    notes: ['Your page table was replaced by the model one: this gave the better score.'],
    difference: {
      check: 'LP-1.1',
      steps: ['new process alice', `alice reads 1 byte at 0xa000, ${HOSTILE}`],
      differingStep: 1,
      first: 'read 0x00',
      again: `threw ${HOSTILE}`,
    },
  },
);

const fork: AssignmentGrade = {
  assignment: 'fork',
  title: 'Copy-on-write fork',
  outcome: 'not submitted',
  selected: true,
  score: 0,
  maxScore: 0,
  pageTable: null,
  notes: [],
  rules: [],
  checks: [],
  difference: null,
};

/** The grade that all golden files show. */
export const SAMPLE_GRADE: SubmissionGrade = sampleSubmission([pageTable, lazyPager, fork], {
  submission: HOSTILE,
  problems: [
    {
      kind: 'import',
      message: "fork.ts: no module is called './cow'",
      location: { file: 'fork.ts', line: 1, column: 26 },
    },
    {
      kind: 'type',
      message: `Type 'number' is not assignable to type 'bigint'.\n  ${HOSTILE}`,
      location: { file: 'lazy-pager.ts', line: 12, column: 5 },
    },
  ],
});
