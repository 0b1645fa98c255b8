/** Every option and command there is. Parsing and `--help` are made from this, so that they cannot disagree. */
import { DEFAULT_RUNS, DEFAULT_SEED } from '../runner/worker-job.ts';

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

export interface Command {
  readonly name: CommandName;
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  readonly groups: readonly OptionGroup[];
}

export type CommandName =
  | 'grade'
  | 'batch'
  | 'watch'
  | 'list'
  | 'explain'
  | 'replay'
  | 'doctor'
  | 'gradebook'
  | 'diff'
  | 'mutants'
  | 'variants';

const ONLY: Option = {
  name: 'only',
  value: 'check',
  list: true,
  text: "run these checks: a check's or a rule's id, or a pattern such as 'LP-1*'",
};
const SEED: Option = {
  name: 'seed',
  value: 'n',
  text: `seed of the generated programs (default: ${DEFAULT_SEED})`,
};
const RUNS: Option = {
  name: 'runs',
  value: 'n',
  text: `programs generated for each random check (default: ${DEFAULT_RUNS})`,
};
const VERBOSE: Option = { name: 'verbose', short: 'v', text: 'more detail, also about errors' };
const JOBS: Option = {
  name: 'jobs',
  short: 'j',
  value: 'n',
  text: 'processes side by side (default: one a core)',
};
const GENERAL: OptionGroup = {
  title: 'Other',
  options: [
    { name: 'help', short: 'h', text: 'this help; "--help" after a command explains that one' },
    { name: 'version', short: 'V', text: 'the version' },
  ],
};

/** Where `batch` writes if nobody says. */
export const BATCH_OUTPUT = 'results';

const ASSIGNMENT: Option = {
  name: 'assignment',
  short: 'a',
  value: 'id',
  list: true,
  text: 'grade these (page-table, address-space, lazy-pager, fork, demand-paging); a missing file then scores 0 (default: all the submission has files for)',
};

const WHAT_TO_GRADE: OptionGroup = {
  title: 'What to grade',
  options: [ASSIGNMENT, ONLY, SEED, RUNS],
};
const WHAT_TO_PRINT: OptionGroup = {
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
const OUTPUT: Option = {
  name: 'output',
  short: 'o',
  value: 'dir',
  text: 'results.json and feedback.md of each submission; summary.csv and summary.json of all in the folder',
};
const FORMAT: Option = {
  name: 'format',
  short: 'f',
  value: 'name',
  list: true,
  text: 'write gradescope.json (gradescope) or junit.xml (junit) too; an output folder keeps its formats',
};
const CACHE: Option = {
  name: 'cache',
  value: 'dir',
  text: 'keep results here, and use again those that would come out the same (default: in the output folder)',
};
const RESUME: Option = {
  name: 'resume',
  text: 'use results again that are kept in the output folder and would come out the same',
};
const HOW_TO_RUN: OptionGroup = {
  title: 'How to run',
  options: [
    JOBS,
    {
      name: 'require-layers',
      value: 'name',
      list: true,
      text: 'grade nothing, and exit with 3, unless these walls are up around student code; "doctor" lists them',
    },
    {
      name: 'fail-under',
      value: 'percent',
      text: 'exit with 1 if a submission scores less',
    },
  ],
};

export const COMMANDS: readonly Command[] = [
  {
    name: 'grade',
    usage: '<submission...>',
    summary:
      'grade submissions: folders, archives, or one export of a class; the word may be left out',
    groups: [
      WHAT_TO_GRADE,
      WHAT_TO_PRINT,
      { title: 'What to write', options: [OUTPUT, FORMAT, CACHE, RESUME] },
      HOW_TO_RUN,
      GENERAL,
    ],
  },
  {
    name: 'batch',
    usage: '<folder|archive...>',
    summary:
      'grade a class, or several: all that folders, archives and exports of platforms hold; a second run goes on where the first one ended',
    groups: [
      WHAT_TO_GRADE,
      WHAT_TO_PRINT,
      {
        title: 'What to write',
        options: [
          { ...OUTPUT, text: `${OUTPUT.text} (default: ${BATCH_OUTPUT})` },
          FORMAT,
          CACHE,
          { ...RESUME, text: `${RESUME.text}: what it does anyway` },
          { name: 'fresh', text: 'grade everything anew' },
        ],
      },
      HOW_TO_RUN,
      GENERAL,
    ],
  },
  {
    name: 'watch',
    usage: '<folder>',
    summary: 'grade a folder whenever a file is saved, first what failed; for students at work',
    groups: [
      { title: 'What to grade', options: [ASSIGNMENT, ONLY, SEED, RUNS] },
      { title: 'What to print', options: [VERBOSE] },
      GENERAL,
    ],
  },
  {
    name: 'list',
    usage: '',
    summary: 'the assignments, their checks and points',
    groups: [
      {
        title: 'Options',
        options: [
          { ...ASSIGNMENT, text: 'list these only' },
          { name: 'rules', text: 'list the rules instead of the checks' },
          { name: 'json', text: 'the same as JSON' },
          VERBOSE,
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'explain',
    usage: '<rule...>',
    summary: 'a rule: what it demands, why, an example, and the checks that guard it',
    groups: [{ title: 'Options', options: [VERBOSE] }, GENERAL],
  },
  {
    name: 'replay',
    usage: '<submission> --check <id>',
    summary: 'run one check again and show its failure in full; reports give the command',
    groups: [
      {
        title: 'Options',
        options: [
          { name: 'check', short: 'c', value: 'id', text: 'the check' },
          {
            name: 'assignment',
            short: 'a',
            value: 'id',
            text: 'its assignment, should the id occur in several',
          },
          SEED,
          RUNS,
          {
            name: 'page-table',
            value: 'which',
            text: 'own, or model: with the page table of the model pager (default: own, if there is one)',
          },
          {
            name: 'known-broken',
            value: 'rule',
            list: true,
            text: 'rules that a random check passes over because they were reported before it',
          },
          VERBOSE,
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'whether this machine can grade, which walls it has, and what to do about the rest',
    groups: [
      { title: 'Options', options: [{ name: 'json', text: 'the same as JSON' }, VERBOSE] },
      GENERAL,
    ],
  },
  {
    name: 'gradebook',
    usage: '<results> --into <export.csv>',
    summary: 'fill the export of Canvas or Moodle with the scores in a folder of results',
    groups: [
      {
        title: 'Options',
        options: [
          { name: 'into', value: 'file', text: "the platform's own export; it stays as it is" },
          {
            name: 'output',
            short: 'o',
            value: 'file',
            text: 'the file to import (default: <export>-graded.csv beside the export)',
          },
          {
            name: 'column',
            value: 'title',
            text: 'the column to fill, if there are several: its heading, or its number on Canvas',
          },
          { ...ASSIGNMENT, text: 'these count (default: all that somebody handed in)' },
          {
            name: 'scale',
            value: 'how',
            text: 'points: as they are (default); percent: the same share of the points possible in the column',
          },
          { ...VERBOSE, text: 'every cell that is filled or changed' },
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'diff',
    usage: '<old> <new>',
    summary:
      'what has changed between two folders of results, or two results.json: scores, checks, and why',
    groups: [
      {
        title: 'Options',
        options: [
          { name: 'json', text: 'all of it as JSON, and nothing else' },
          { name: 'quiet', short: 'q', text: 'the numbers only' },
          { name: 'exit-code', text: 'exit with 1 if anything has changed' },
          VERBOSE,
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'mutants',
    usage: '',
    summary:
      'prove the suites: plant each known bug in the model pager, and see that its check notices',
    groups: [
      {
        title: 'Options',
        options: [
          { ...ASSIGNMENT, text: 'plant those of these assignments only' },
          {
            name: 'only',
            value: 'mutant',
            list: true,
            text: "plant these: a mutant's id, or a pattern such as 'unmap-*'",
          },
          JOBS,
          {
            name: 'json',
            value: 'file',
            text: 'write the rows as JSON; - for stdout, and no table',
          },
          { ...VERBOSE, text: 'the reports that a student would get, too' },
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'variants',
    usage: '',
    summary: 'prove the suites: correct pagers made in other ways must get full marks on any seed',
    groups: [
      {
        title: 'Options',
        options: [
          { ...ASSIGNMENT, text: 'those of these assignments only' },
          {
            name: 'only',
            value: 'variant',
            list: true,
            text: "play these: a variant's name, or a pattern such as 'page-table/raw-*'",
          },
          {
            ...RUNS,
            text: 'seeds for each variant: one generated program of every random check each (default: 30)',
          },
          { ...SEED, text: 'the first seed (default: 1)' },
          JOBS,
          { name: 'json', text: 'the same as JSON' },
        ],
      },
      GENERAL,
    ],
  },
];

/** The command called `name`. */
export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** The options of a command. */
export function optionsOf(command: Command): readonly Option[] {
  return command.groups.flatMap(({ options }) => options);
}
