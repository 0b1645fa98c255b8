import { expect } from 'chai';
import fc from 'fast-check';
import { readCsv, writeCsv } from './csv-table.ts';
import { GradebookProblem } from './problem.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('CSV tables', () => {
  for (const [what, text] of [
    ['commas and LF', 'a,b\n1,2\n'],
    ['semicolons and CRLF', 'a;b\r\n1,5;2\r\n'],
    ['a byte order mark', '\ufeffa,b\n1,2\n'],
    ['quotes, commas and line ends inside', 'a,b\r\n"x, ""y""","1\n2"\r\n'],
    ['leading spaces', 'a,b\n    Points Possible,\n'],
  ] as const) {
    it(`should be written again as they were: ${what}`, () => {
      expect(writeCsv(readCsv(bytes(text)))).to.equal(text);
    });
  }

  it('should hold any cells in any style', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '1', 'ä', ',', ';', '"', ' ', '\n', '\r', '='),
    });
    const rows = fc
      .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 5 }))
      .chain(([width, height]) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
          minLength: height,
          maxLength: height,
        }),
      );
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('\n' as const, '\r\n' as const),
        fc.boolean(),
        (body, newline, hasMark) => {
          const table = {
            style: { delimiter: ',' as const, newline, hasMark },
            rows: [body[0]!.map((_, at) => `column ${at}`), ...body],
          };

          expect(readCsv(bytes(writeCsv(table)))).to.deep.equal(table);
        },
      ),
      { seed: 20261121, numRuns: 300 },
    );
  });

  it('should fill up short rows', () => {
    expect(readCsv(bytes('a,b,c\n1\n')).rows).to.deep.equal([
      ['a', 'b', 'c'],
      ['1', '', ''],
    ]);
  });

  for (const [what, content, message] of [
    ['nothing', bytes(''), 'empty'],
    ['a spreadsheet', bytes('PK\u0003\u0004…\0'), 'not a CSV file'],
    ['Latin-1', Uint8Array.of(0x4e, 0xe4, 0x2c, 0x0a), 'UTF-8'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0x00), 'UTF-8'],
    ['a quote that is not closed', bytes('a,b\n"1,2\n'), 'not a CSV file'],
    ['a row with too many cells', bytes('a,b\n1,2,3\n'), 'Row 2 has 3 cells, the header has 2'],
  ] as const) {
    it(`should refuse ${what}`, () => {
      expect(() => readCsv(content)).to.throw(GradebookProblem, message);
    });
  }
});
