import { expect } from 'chai';
import { readCsv } from './csv-table.ts';
import type { Gradebook } from './gradebook.ts';
import { GradebookProblem } from './problem.ts';
import { readGradebook } from './read-gradebook.ts';

const read = (lines: readonly string[], column: string | null = null): Gradebook =>
  readGradebook(readCsv(new TextEncoder().encode(`${lines.join('\n')}\n`)), column);

const CANVAS = 'Student,ID,SIS User ID,SIS Login ID,Section';
const PEOPLE = ['"Bo, Ben",102,S2,ben,L1'];

const canvas = (
  headings: string,
  possible: string,
  cells: string,
  column: string | null = null,
): Gradebook =>
  read(
    [
      `${CANVAS},${headings}`,
      `    Points Possible,,,,,${possible}`,
      ...PEOPLE.map((person) => `${person},${cells}`),
    ],
    column,
  );

describe('exports of Canvas', () => {
  it('should keep who it is and the one assignment, so that no other is made', () => {
    const { column, kept, possible, students } = canvas(
      'Notes,Pager (4711),Homework,Final Score',
      ',30.00,,(read only)',
      'x,,1,2',
    );

    expect(column).to.equal(6);
    expect(kept).to.deep.equal([0, 1, 2, 3, 4, 6]);
    expect(possible).to.equal(30);
    expect(students).to.deep.equal([
      { row: 2, name: 'Ben Bo', number: '102', ids: ['S2', 'ben'], email: null },
    ]);
  });

  for (const [what, header, row] of [
    ['no university numbers', 'Student,ID,SIS Login ID,Section', '"Bo, Ben",102,ben,L1'],
    ['two columns of names', 'LastName,FirstName,ID,SIS Login ID,Section', 'Bo,Ben,102,ben,L1'],
    [
      'all numbers there are',
      'Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section',
      '"Bo, Ben",102,,ben,,uni.edu,L1',
    ],
  ] as const) {
    it(`should be read with ${what}`, () => {
      const { students } = read([`${header},P (1)`, `    Points Possible`, `${row},`]);

      expect(students).to.deep.equal([
        { row: 2, name: 'Ben Bo', number: '102', ids: ['ben'], email: null },
      ]);
    });
  }

  it('should not take the rows above the students for some', () => {
    const { students } = read([
      `${CANVAS},P (1)`,
      ',,,,,Manual Posting',
      '    Points Possible,,,,,10',
      '"Bo, Ben",102,S2,ben,L1,',
    ]);

    expect(students.map(({ row }) => row)).to.deep.equal([3]);
  });

  for (const wanted of ['Pager (4711)', 'pager', '4711', '(4711)', ' PAGER  (4711)']) {
    it(`should have the column ${JSON.stringify(wanted)}`, () => {
      const { title } = canvas('Home (1),Pager (4711)', '1,1', ',', wanted);

      expect(title).to.equal('Pager (4711)');
    });
  }

  for (const [what, headings, possible, column, message] of [
    ['several columns', 'A (1),B (2)', '1,1', null, '--column "A (1)" or "B (2)"'],
    ['a title that two have', 'A (1),A (2)', '1,1', 'A', 'Give the number, too'],
    ['an unknown column', 'A (1),B (2)', '1,1', 'C', 'There is "A (1)" and "B (2)"'],
    ['a column that is no assignment', 'Notes,B (2)', ',1', 'Notes', 'no column "Notes"'],
    ['a column to read', 'A (1),B', '(read only),1', 'A', 'Canvas has it read only'],
    ['such, in German', 'A (1),B', '(schreibgeschützt),', null, 'schreibgeschützt'],
    ['what Canvas takes for a total', 'Final Grade Pager (1),B', '1,', '1', 'for a total'],
    ['no column', 'A,B', '1,1', null, 'no column for scores'],
  ] as const) {
    it(`should be refused for ${what}`, () => {
      expect(() => canvas(headings, possible, ',', column)).to.throw(GradebookProblem, message);
    });
  }

  it('should be refused without the section, as Canvas does', () => {
    expect(() => read(['Student,ID,P (1)', '"Bo, Ben",102,'])).to.throw('no column "Section"');
  });
});

/** Headings in the order in which Moodle writes them. */
const MOODLE: Readonly<Record<string, readonly [header: string, word: string]>> = {
  English: [
    'Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments',
    'Participant ',
  ],
  German: [
    'ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar',
    'Teilnehmer/in',
  ],
  French: [
    'Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,Cette note peut être modifiée,Dernière modification (travail remis),Dernière modification (note),Feedback par commentaires',
    'Participant',
  ],
  Japanese: [
    '識別子,フルネーム,メールアドレス,ステータス,評点,最大評点,評点変更可,最終更新日時 (提出),最終更新日時 (評定),フィードバックコメント',
    '参加者',
  ],
  'a language that is not listed': [
    'Nhận dạng,Họ tên,Thư điện tử,Trạng thái,Kết quả,Tối đa,Đổi được,Lần cuối (bài nộp),Lần cuối (kết quả),Nhận xét',
    'Người tham gia ',
  ],
};

const worksheet = (language: string, rows: readonly string[]): readonly string[] => {
  const [header, word] = MOODLE[language]!;
  return [header, ...rows.map((row) => word + row)];
};

const ROWS = [
  '201,Ada Lovelace,ada@uni.edu,x,,"30,00",y,"Monday, 2 November 2026, 10:00",-,',
  '202,Ben Bo,ben@uni.edu,x,"12,00","30,00",y,-,"Tuesday, 3 November 2026, 10:00",<p>good</p>',
  '203,Ben Bo,bo@uni.edu,z,-,"30,00",y,-,-,',
];

describe('worksheets of Moodle', () => {
  for (const language of Object.keys(MOODLE)) {
    it(`should be read in ${language}`, () => {
      const { platform, column, possible, kept, students } = read(worksheet(language, ROWS));

      expect([platform, column, possible]).to.deep.equal(['Moodle', 4, 30]);
      expect(kept, 'without the feedback').to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(students.map(({ number, name, email }) => [number, name, email])).to.deep.equal([
        ['201', 'Ada Lovelace', 'ada@uni.edu'],
        ['202', 'Ben Bo', 'ben@uni.edu'],
        ['203', 'Ben Bo', 'bo@uni.edu'],
      ]);
    });
  }

  it('should be read with university numbers, groups and texts that were typed in', () => {
    const { column, students, kept } = read([
      'Identifier,Full name,ID number,Email address,Status,Group,Grade,Maximum grade,Marking workflow state,Grade can be changed,Last modified (submission),Online text,Last modified (grade),Feedback comments',
      'Participant 1,Ada,s17,a@b,Submitted,G,,30,Not marked,Yes,-,"two\nlines (x)",-,',
      'Participant 2,Ben,s18,b@b,Submitted,G,,30,Not marked,Yes,-,,-,',
    ]);

    expect([column, kept.at(-1)]).to.deep.equal([6, 12]);
    expect(students.map(({ ids }) => ids)).to.deep.equal([['s17'], ['s18']]);
  });

  it('should be read with names hidden', () => {
    const { students } = read([
      'Identifier,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),Last modified (grade)',
      'Participant 1,Submitted for grading,,30.00,Yes,-,-',
      'Participant 2,Submitted for grading,,30.00,Yes,-,-',
    ]);

    expect(students.map(({ number, name }) => [number, name])).to.deep.equal([
      ['1', ''],
      ['2', ''],
    ]);
  });

  it('should be read if nothing is handed in on Moodle itself', () => {
    const { column } = read([
      'Identifier,Full name,Grade,Maximum grade,Grade can be changed,Last modified (grade)',
      'Participant 1,Ada,,30.00,Yes,-',
    ]);

    expect(column).to.equal(2);
  });

  it('should have the column that was named, whatever its heading and its neighbours', () => {
    const lines = [
      'Id,Ad,Puan,Son (gönderim),Son (puan)',
      'Katılımcı 1,Ada,,-,-',
      'Katılımcı 2,Ben,7,-,-',
    ];

    expect(read(lines, 'puan')).to.deep.include({ column: 2, possible: null });
    expect(() => read(lines)).to.throw(GradebookProblem, '--column "Ad" or "Puan"');
    expect(() => read(lines, 'Not')).to.throw(GradebookProblem, 'There is "Ad" and "Puan"');
  });

  it('should be refused without the column that Moodle looks for', () => {
    expect(() =>
      read([
        'Identifier,Full name,Grade,Maximum grade,Feedback comments',
        'Participant 1,Ada,,30.00,',
      ]),
    ).to.throw(GradebookProblem, 'Last modified (grade)');
  });

  it('should be refused if grades are words', () => {
    expect(() =>
      read([
        'Identifier,Full name,Grade,Scale,Grade can be changed,Last modified (grade)',
        'Participant 1,Ada,,"poor, good",Yes,-',
      ]),
    ).to.throw(GradebookProblem, 'words of a scale');
  });
});

describe('readGradebook', () => {
  for (const [what, lines, message] of [
    ['another table', ['a,b', '1,2'], 'Its header: "a", "b".'],
    ['an export without students', [`${CANVAS},P (1)`, '    Points Possible'], 'no students'],
  ] as const) {
    it(`should refuse ${what}`, () => {
      expect(() => read(lines)).to.throw(GradebookProblem, message);
    });
  }
});
