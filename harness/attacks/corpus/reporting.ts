/** Text that is to do harm where reports are read: terminals, CI logs, web pages, spreadsheets, shells. */
import type { ReportedAttack } from '../attack.ts';
import { ofKind, type Unsorted } from '../define.ts';

/** A page table that prints and throws `text`, wherever it is asked for something. */
function pageTable(text: string, top = ''): string {
  return `import * as keos from 'keos';
${top}
const text = ${JSON.stringify(text)};
export class PtIndices { static fromVa(): never { throw new Error(text); } }
export class Walked {}
export class PageTable {
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  map(): never { console.log(text); const error = new Error(text); error.name = text; throw error; }
  drop(): void { this.root.drop(); }
}
`;
}

/** Each payload ends with a word that is its own. */
function says(id: string, after: string, payload: string, folder = id): Unsorted<ReportedAttack> {
  const arrives = `arrived-${id}`;
  return {
    id,
    after,
    from: 'report',
    folder,
    files: { 'page-table.ts': pageTable(`${payload} ${arrives}`) },
    arrives,
  };
}

function isCalled(id: string, after: string, folder: string): Unsorted<ReportedAttack> {
  return says(id, after, 'plain', folder);
}

const ESC = '\u001b';

export const REPORTING = ofKind('reporting', [
  says(
    'report-terminal-title',
    'Change the title of a terminal.',
    `${ESC}]0;owned\u0007${ESC}]2;owned${ESC}\\`,
  ),
  says(
    'report-terminal-screen',
    'Clear the screen and print a better grade.',
    `${ESC}[2J${ESC}[1;1H${ESC}[32m30 / 30${ESC}[0m\r100 %\u009b2J`,
  ),
  says(
    'report-terminal-link',
    'Put a link behind harmless words.',
    `${ESC}]8;;http://evil.example/${ESC}\\rule PT-1${ESC}]8;;${ESC}\\`,
  ),
  says(
    'report-terminal-clipboard',
    'Write to the clipboard of whoever reads.',
    `${ESC}]52;c;cm0gLXJmIC8=\u0007`,
  ),
  says(
    'report-terminal-answer',
    'Have the terminal type something.',
    `${ESC}[6n${ESC}[c${ESC}P$q"p${ESC}\\`,
  ),
  says(
    'report-workflow-error',
    'Give commands to a CI service, in lines of their own.',
    '\n::error::owned\n::set-output name=score::100\n::add-mask::0',
  ),
  says(
    'report-workflow-stop',
    'Switch the commands of a CI service off.',
    '\r::stop-commands::x\u2028::error::owned\u0085::error::owned',
  ),
  says(
    'report-workflow-azure',
    'Give commands to another CI service.',
    '##[error]owned ##vso[task.complete result=Succeeded;]done ##vso[task.setvariable variable=x]y',
  ),
  says(
    'report-workflow-teamcity',
    'Give commands to a third CI service.',
    `\n##teamcity[testFinished name='all']\n##teamcity[buildStatus status='SUCCESS']`,
  ),
  says(
    'report-html',
    'Run a script in a page that shows the report.',
    '<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>',
  ),
  says(
    'report-html-details',
    'Close what hides the rest of a report.',
    '</summary></details></pre></code><h1>30 / 30</h1>',
  ),
  says('report-html-comment', 'Hide the rest of a report.', '<!-- <style>*{display:none}</style>'),
  says(
    'report-markdown',
    'Put a link, a picture and a heading into the report.',
    '\n# Passed\n[all](javascript:alert(1)) ![x](http://evil.example/x.png)\n| a | b |\n|---|---|',
  ),
  says(
    'report-markdown-fence',
    'Close the block that its words stand in.',
    '\n```\n~~~\n# Passed\n````\n<b>bold</b>',
  ),
  says(
    'report-mentions',
    'Have a web page link to other pages and notify people.',
    'https://evil.example/x http://evil www.evil.example me@evil.example @octocat (@my-org/staff) octo-org/grades#1 fixes #1 GH-1\n@octocat\n#1',
  ),
  says(
    'report-xml',
    'Close the element that its words stand in.',
    `]]></failure></testcase><testcase name="owned"/><!ENTITY x SYSTEM "file:///etc/passwd">&x;&#0;&#x1b;`,
  ),
  says('report-xml-characters', 'Print what no XML may hold.', '\u0000\u0001\ufffe\uffff\ud800'),
  says(
    'report-json',
    'Add a score of its own to a report in JSON.',
    '","score":100,"max_score":100,"visibility":"visible"}],"tests":[{"name":"\\u0000',
  ),
  says('report-csv', 'Have a spreadsheet calculate.', `=cmd|' /C calc'!A0\t=1+1,"=1+1`),
  says(
    'report-bidi',
    'Turn words around, so that they read otherwise.',
    '\u202e% 001 \u2066passed\u2069\u200f',
  ),
  {
    id: 'report-junk',
    after: 'Make a report that nobody can open, by thousands of lines.',
    from: 'report',
    folder: 'report-junk',
    files: { 'page-table.ts': pageTable(`arrived-report-junk ${'line\n'.repeat(5_000)}`) },
    arrives: 'arrived-report-junk',
  },
  isCalled(
    'name-formula',
    'Have a spreadsheet calculate the name of a submission.',
    `=cmd|' C calc'!A0`,
  ),
  isCalled(
    'name-at',
    'Have a spreadsheet call a function by the name of a submission.',
    `@SUM(1+1)*cmd`,
  ),
  isCalled(
    'name-quotes',
    'Add a column and a row by the name of a submission.',
    `a","100","100\nb,100`,
  ),
  isCalled(
    'name-shell',
    'Have a shell run the name of a submission, in the command that replays a failure.',
    `a$(touch PWNED)'; touch PWNED; '\`touch PWNED\``,
  ),
  isCalled('name-option', 'Be taken for an option.', `--output=PWNED`),
  isCalled(
    'name-escapes',
    'Send commands to a terminal by the name of a submission.',
    `${ESC}]0;owned\u0007\n::error::owned`,
  ),
  isCalled(
    'name-html',
    'Run a script by the name of a submission.',
    `<img src=x onerror=alert(1)>`,
  ),
  isCalled('name-reserved', 'Have a report written over those of the grader.', `summary.csv`),
  isCalled('name-dots', 'Have a report written to another folder.', `...`),
  isCalled('name-of-a-neighbour', "Have a report written over another student's.", `Neighbour`),
  {
    id: 'report-type-error',
    after: 'Speak through a message of the type checker.',
    from: 'report',
    folder: 'report-type-error',
    files: {
      'page-table.ts': `${pageTable('plain')}\nexport const wrong: never = '<script>alert(1)</script>\\u001b[2J\\n::error::owned arrived-report-type-error' as const;\n`,
    },
    arrives: 'arrived-report-type-error',
  },
  {
    id: 'report-file-name',
    after: 'Speak through the name of a file and of a function in a stack.',
    from: 'report',
    folder: 'report-file-name',
    files: {
      'page-table.ts': pageTable('plain', `import { fail } from './<b>(error)';\nfail();`),
      '<b>(error).ts': `export function fail(): never { const o = { ['<script>' + '\\u001b[2J'](): never { throw new Error('arrived-report-file-name'); } }; return o['<script>' + '\\u001b[2J'](); }`,
    },
    arrives: 'arrived-report-file-name',
  },
]);
