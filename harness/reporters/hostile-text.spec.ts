import { expect } from 'chai';
import fc from 'fast-check';
import { createColors } from 'picocolors';
import { convert } from 'xmlbuilder2';
import type { CheckResult, SourceLocation, SubmissionGrade } from '../scoring/grade.ts';
import { parseResults } from '../scoring/results-schema.ts';
import { summarise, summaryRow } from '../scoring/summary.ts';
import { oneLine } from './escaping.ts';
import { feedbackMarkdown } from './feedback-markdown.ts';
import { githubAnnotations } from './github-commands.ts';
import { gradescopeJson } from './gradescope.ts';
import { junitXml } from './junit-xml.ts';
import { resultsJson } from './results-json.ts';
import {
  HOSTILE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';
import { attribute, parseXml } from './strict-xml.ts';
import { summaryCsv } from './summary-csv.ts';
import { summaryJson } from './summary-json.ts';
import { terminalReport } from './terminal.ts';

const ESC = '\u001b';
const PIECES = [
  HOSTILE,
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '`',
    '```',
    '~~~~',
    '|',
    '\\',
    '\n',
    '\r\n',
    ',',
    ';',
    '#',
    '- ',
    '1. ',
    ' ',
  ],
  ...[
    '<details>',
    '</details>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&lt;',
    '&#0;',
    '[a](b)',
    '    ',
  ],
  ...[
    '::error::',
    '##[error]',
    '##vso[x]',
    '=1+1',
    '+1',
    '-1',
    '@x',
    '\t=1',
    '%0A',
    '\u2028',
    '\u202e',
  ],
  ...[ESC, `${ESC}[2J`, `${ESC}]0;t\u0007`, '\u009b', '\u0000', '\ud800', '\ufffe', '\u{1f600}'],
];
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
);

/** A grade with student-controlled text in every place where there is some. */
const anyGrade: fc.Arbitrary<SubmissionGrade> = fc
  .tuple(anyText, anyText, anyText, fc.array(anyText, { maxLength: 4 }), anyText)
  .map(([name, message, value, log, file]) => {
    const place: SourceLocation = { file, line: 1, column: 2 };
    const failure = sampleFailure('A', {
      summary: message,
      steps: [`open ${file}`, value],
      expected: 'ok',
      observed: value,
      walk: value,
      hint: message,
      stack: [place, place],
      log,
      replay: `npx ts-node grade.ts replay ${name} --check x`,
    });
    const checks: CheckResult[] = [
      sampleCheck('A.1', { status: 'failed', failure }),
      sampleCheck('A.2', { status: 'skipped', reason: message }),
      sampleCheck('A.3', { status: 'error', reason: value }),
    ];
    const rules = [{ id: 'A', title: 'rule A' }];
    return sampleSubmission(
      [sampleAssignment('one', 'One', rules, checks, { notes: [message, value] })],
      { submission: name, problems: [{ kind: 'type', message, location: place }] },
    );
  });

const always = (check: (grade: SubmissionGrade) => void): void => {
  fc.assert(fc.property(anyGrade, check), { numRuns: 300 });
};

/** Cells by row, as RFC 4180 says. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/uy;
  while (cell.lastIndex < text.length) {
    const [, quoted, bare, end] = cell.exec(text) ?? expect.fail('not CSV');
    rows.at(-1)!.push(quoted === undefined ? bare! : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

/** Markdown without its fenced blocks, and without code spans and escaped characters as CommonMark finds them. */
function withoutCode(text: string): string {
  const fenced = /^(`{3,})\w*\n(?:[^]*?\n)??\1$/gmu;
  const spanOrEscape = /\\[^\w\s]|(`+)(?!`).*?(?<!`)\1(?!`)/gu;
  return text.replace(fenced, '').replace(spanOrEscape, '');
}

describe('any text from a submission', () => {
  it('should leave the XML well-formed', () => {
    always((grade) => {
      const xml = junitXml(grade);

      expect(oneLine(attribute(parseXml(xml), 'name'))).to.equal(
        oneLine(`faultline ${grade.submission}`),
      );
      expect(convert(xml, { format: 'object' })).to.have.property('testsuites');
    });
  });

  it('should leave the CSV its rows and columns, and hold no formula', () => {
    always((grade) => {
      const row = summaryRow(grade);

      const [header, ...rows] = parseCsv(summaryCsv(summarise([row, row])));

      expect(rows).to.have.length(2);
      for (const cells of rows) {
        expect(cells).to.have.length(header!.length);
        for (const cell of cells) expect(cell).not.to.match(/^[=+\-@\t\r]|[\r\n]/u);
      }
    });
  });

  it('should leave the Markdown its headings, and bring no HTML', () => {
    always((grade) => {
      const prose = withoutCode(feedbackMarkdown(grade));

      expect(prose).not.to.match(/<\/?[a-z!]/iu);
      expect(prose.match(/^#+ \w+/gmu)).to.deep.equal([
        '# Feedback',
        '## Problems',
        '## Notes',
        '## Broken',
        '### A',
        '## Not',
      ]);
      expect(prose).not.to.match(/[`[\]]/u);
    });
  });

  it('should leave GitHub one annotation a line, with the text as its message', () => {
    always((grade) => {
      for (const line of githubAnnotations(grade, 'hw3').split('\n').slice(0, -1)) {
        expect(line).to.match(
          /^::(?:error|warning|notice) title=[^,:]+(?:,file=hw3\/[^,:]*,line=\d+,col=\d+)?::.*$/su,
        );
        expect(line).not.to.match(/##\w*\[|[\r\u2028]/u);
      }
    });
  });

  it('should leave the JSON readable', () => {
    always((grade) => {
      const kept = parseResults(resultsJson(grade));

      expect(kept).to.deep.equal(grade);
      expect(JSON.parse(gradescopeJson(grade)))
        .to.have.property('output')
        .that.is.a('string');
      expect(JSON.parse(summaryJson(summarise([summaryRow(grade)])))).to.have.property(
        'submissions',
      );
    });
  });

  it('should send no command to a terminal or a CI service', () => {
    for (const detail of ['quiet', 'normal', 'verbose'] as const) {
      always((grade) => {
        const text = terminalReport(grade, {
          colors: createColors(false),
          width: 80,
          audience: 'staff',
          detail,
        });

        expect(text).not.to.match(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
        expect(text).not.to.match(/^\s*::|##\w*\[/mu);
        expect(detail === 'quiet' ? text.split('\n') : []).to.have.length.at.most(2);
      });
    }
  });
});
