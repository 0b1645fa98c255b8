import { join } from 'node:path';
import { createColors } from 'picocolors';
import { summarise, summaryRow } from '../scoring/summary.ts';
import { itShouldWrite } from '../testing/golden.ts';
import { classroom50Json } from './classroom50.ts';
import { feedbackMarkdown } from './feedback-markdown.ts';
import { githubAnnotations } from './github-commands.ts';
import { gradescopeJson } from './gradescope.ts';
import { junitXml } from './junit-xml.ts';
import { resultsJson } from './results-json.ts';
import { SAMPLE_GRADE, sampleSubmission } from './sample-grade.ts';
import { summaryCsv } from './summary-csv.ts';
import { summaryJson } from './summary-json.ts';
import { terminalReport, type TerminalOptions } from './terminal.ts';

const FOLDER = join(__dirname, 'golden');
const ROWS = summarise([
  summaryRow(SAMPLE_GRADE),
  summaryRow(
    sampleSubmission([], { submission: 'bob', outcome: 'rejected', reason: 'no TypeScript file' }),
  ),
  summaryRow(
    sampleSubmission([], { submission: 'carol', outcome: 'error', reason: 'the worker ended' }),
  ),
]);

const terminal = (more: Partial<TerminalOptions>): string =>
  terminalReport(SAMPLE_GRADE, {
    colors: createColors(false),
    width: 100,
    audience: 'student',
    detail: 'normal',
    ...more,
  });

const CLASSROOM50 = {
  classroom: 'os-2026',
  assignment: 'pager',
  submission: 'submit/2026-06-01T14-32-05Z-a1b2c3d',
  commit: 'https://github.com/os/ada/commit/a1b2c3d',
  release: 'https://github.com/os/ada/releases/tag/submit',
  review: 'https://github.com/os/ada/compare/0000...a1b2c3d',
  datetime: '2026-06-01T14:32:01Z',
};

/** File in `golden/` → its content. */
const GOLDEN: Readonly<Record<string, () => string>> = {
  'results.json': () => resultsJson(SAMPLE_GRADE),
  'feedback.md': () => feedbackMarkdown(SAMPLE_GRADE),
  'feedback-cut-short.md': () => feedbackMarkdown(SAMPLE_GRADE, 2_500),
  'github-annotations.txt': () => githubAnnotations(SAMPLE_GRADE, 'hw3/pager'),
  'classroom50.json': () => classroom50Json(SAMPLE_GRADE, CLASSROOM50, () => 0),
  'gradescope.json': () => gradescopeJson(SAMPLE_GRADE),
  'junit.xml': () => junitXml(SAMPLE_GRADE),
  'summary.csv': () => summaryCsv(ROWS),
  'summary.json': () => summaryJson(ROWS),
  'terminal.txt': () => terminal({}),
  'terminal-80-columns.txt': () => terminal({ width: 80 }),
  'terminal-staff-verbose.txt': () => terminal({ audience: 'staff', detail: 'verbose' }),
  'terminal-colours.txt': () => terminal({ colors: createColors(true) }),
  'terminal-quiet.txt': () => terminal({ detail: 'quiet' }),
};

describe('reporters', () => {
  itShouldWrite(FOLDER, GOLDEN);
});
