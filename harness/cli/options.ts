/** What options are, and those that several commands share. */
import { DEFAULT_RUNS, DEFAULT_SEED, DEFAULT_TIME_LIMIT } from '../runner/worker-job.ts';

export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What the value is called in the help; an option without one is a switch. */
  readonly value?: string;
  /** May be repeated, and hold several values separated by commas. */
  readonly list?: boolean;
  readonly text: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly Option[];
}

export const ONLY: Option = {
  name: 'only',
  value: 'check',
  list: true,
  text: "run these checks: a check's or a rule's id, or a pattern such as 'LP-1*'",
};
export const SEED: Option = {
  name: 'seed',
  value: 'n',
  text: `seed of the generated programs (default: ${DEFAULT_SEED})`,
};
export const RUNS: Option = {
  name: 'runs',
  value: 'n',
  text: `programs generated for each random check (default: ${DEFAULT_RUNS})`,
};
export const VERBOSE: Option = {
  name: 'verbose',
  short: 'v',
  text: 'more detail, also about errors',
};
export const JOBS: Option = {
  name: 'jobs',
  short: 'j',
  value: 'n',
  text: 'processes side by side (default: one a core)',
};
export const TIME_LIMIT: Option = {
  name: 'time-limit',
  value: 'seconds',
  text: `what code has not shown by then is not judged if it takes 20 times as long as the model pager (default: ${DEFAULT_TIME_LIMIT})`,
};
export const GENERAL: OptionGroup = {
  title: 'Other',
  options: [
    { name: 'help', short: 'h', text: 'this help; "--help" after a command explains that one' },
    { name: 'version', short: 'V', text: 'the version' },
  ],
};

/** Where `batch` writes if nobody says. */
export const BATCH_OUTPUT = 'results';

export const ASSIGNMENT: Option = {
  name: 'assignment',
  short: 'a',
  value: 'id',
  list: true,
  text: 'grade these (page-table, address-space, lazy-pager, fork, demand-paging); a missing file then scores 0 (default: all the submission has files for)',
};

export const WHAT_TO_GRADE: OptionGroup = {
  title: 'What to grade',
  options: [ASSIGNMENT, ONLY, SEED, RUNS],
};
export const WHAT_TO_PRINT: OptionGroup = {
  title: 'What to print',
  options: [
    {
      name: 'json',
      text: 'a JSON array on stdout, one results.json a submission, and nothing else',
    },
    { name: 'quiet', short: 'q', text: 'a line a submission, and no progress' },
    {
      name: 'verbose',
      short: 'v',
      text: 'each check as it is done, full reports of several submissions, details of errors',
    },
  ],
};
export const OUTPUT: Option = {
  name: 'output',
  short: 'o',
  value: 'dir',
  text: 'results.json and feedback.md of each submission; summary.csv and summary.json of all in the folder',
};
export const FORMAT: Option = {
  name: 'format',
  short: 'f',
  value: 'name',
  list: true,
  text: 'write gradescope.json (gradescope) or junit.xml (junit) too; an output folder keeps its formats',
};
export const CACHE: Option = {
  name: 'cache',
  value: 'dir',
  text: 'keep results here, and use again those that would come out the same (default: in the output folder)',
};
export const RESUME: Option = {
  name: 'resume',
  text: 'use results again that are kept in the output folder and would come out the same',
};
export const REQUIRE_LAYERS: Option = {
  name: 'require-layers',
  value: 'name',
  list: true,
  text: 'grade nothing, and exit with 3, unless these walls are up around student code; "doctor" lists them',
};
export const HOW_TO_RUN: OptionGroup = {
  title: 'How to run',
  options: [
    JOBS,
    TIME_LIMIT,
    REQUIRE_LAYERS,
    {
      name: 'fail-under',
      value: 'percent',
      text: 'exit with 1 if a submission scores less',
    },
  ],
};
