/** Every command there is, with its options. Parsing and `--help` are made from this, so that they cannot disagree. */
import {
  ASSIGNMENT,
  BATCH_OUTPUT,
  CACHE,
  FORMAT,
  GENERAL,
  HOW_TO_RUN,
  JOBS,
  ONLY,
  OUTPUT,
  REQUIRE_LAYERS,
  RESUME,
  RUNS,
  SEED,
  TIME_LIMIT,
  VERBOSE,
  WHAT_TO_GRADE,
  WHAT_TO_PRINT,
  type Option,
  type OptionGroup,
} from './options.ts';

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
  | 'ci'
  | 'pack'
  | 'watch'
  | 'list'
  | 'explain'
  | 'replay'
  | 'doctor'
  | 'gradebook'
  | 'diff'
  | 'mutants'
  | 'variants';

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
    name: 'ci',
    usage: '<platform> <submission>',
    summary:
      'grade one submission in a pipeline of github, gitlab, gradescope or classroom50: in the form of the platform, with nothing that students may not see',
    groups: [
      WHAT_TO_GRADE,
      {
        title: 'What to print',
        options: [
          { name: 'quiet', short: 'q', text: 'a line, and no progress' },
          { ...VERBOSE, text: 'each check as it is done, details of errors' },
        ],
      },
      {
        title: 'What to write',
        options: [
          {
            name: 'output',
            short: 'o',
            value: 'dir',
            text: "the platform's files (default: where it looks for them; on GitHub and GitLab none)",
          },
        ],
      },
      HOW_TO_RUN,
      GENERAL,
    ],
  },
  {
    name: 'pack',
    usage: '<platform>',
    summary:
      'an autograder for gradescope or classroom50: one zip file with the grader and these options',
    groups: [
      {
        title: 'What it will grade',
        options: [
          {
            ...ASSIGNMENT,
            text: 'these (page-table, address-space, lazy-pager, fork, demand-paging), which have to be named; a missing file scores 0',
          },
          ONLY,
          SEED,
          RUNS,
          TIME_LIMIT,
          REQUIRE_LAYERS,
        ],
      },
      {
        title: 'What to write',
        options: [
          {
            name: 'output',
            short: 'o',
            value: 'file',
            text: 'the zip file (default: faultline-<platform>.zip)',
          },
          VERBOSE,
        ],
      },
      GENERAL,
    ],
  },
  {
    name: 'watch',
    usage: '<folder>',
    summary: 'grade a folder whenever a file is saved, first what failed; for students at work',
    groups: [
      { title: 'What to grade', options: [ASSIGNMENT, ONLY, SEED, RUNS, TIME_LIMIT] },
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
          {
            ...ASSIGNMENT,
            text: 'these count (default: what was handed in, if that is the same for everybody)',
          },
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
