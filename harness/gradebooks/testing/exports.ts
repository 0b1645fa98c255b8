/** Exports as the platforms write them, and a class to fill them with. For tests. */
import { submitter } from '../../intake/submitter.ts';
import type { ClassScores } from '../class-scores.ts';
import type { Submitters } from '../submitters.ts';

/** With a column by hand, an excused student, a name that two have, one who calls herself a formula, and totals. */
export const CANVAS = `\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Homework 1 (4710),Pager (4711),Assignments Current Score,Final Score
,,,,,,,Manual Posting,,
    Points Possible,,,,,,10.00,50.00,(read only),(read only)
"Lovelace, Ada",101,S1,ada@uni.edu,L1,"late, ""see mail""",9,,90,90
"Bo, Ben",102,S2,ben@uni.edu,L1,,8,12.00,80,80
"Dee, Dana",103,S3,dana@uni.edu,L1,,7,EX,,
"Å, Zoë",104,S4,zoe@uni.edu,L1,,7,-,,
"Kim, Alex",105,S5,ak1@uni.edu,L1,,7,,,
"Kim, Alex",106,S6,ak2@uni.edu,L2,,7,,,
"=""=HYPERLINK(1)""",107,S7,eve@uni.edu,L2,,7,5,,
"Rath, Finn",108,S8,finn@uni.edu,L2,,7,48.50,,
"Neu, Gil",109,S9,gil@uni.edu,L2,,7,N/A,,
"Hall, Hal",110,S10,hal@uni.edu,L2,,7,33,,
"Student, Test",999,,abcdef,L1,,,,,
`;

/** In German, as a spreadsheet saves it; with feedback, and a name that is a formula. */
export const MOODLE = [
  '\ufeffID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar',
  'Teilnehmer/in201;Ada Lovelace;ada@uni.edu;abgegeben;;50,00;Ja;Montag, 2. November 2026, 10:00;-;',
  'Teilnehmer/in202;Ben Bo;ben@uni.edu;abgegeben;12,00;50,00;Ja;Montag, 2. November 2026, 10:00;Dienstag, 3. November 2026, 10:00;"<p>""gut""',
  'gemacht</p>"',
  'Teilnehmer/in203;=Eve;eve@uni.edu;abgegeben;-;50,00;Ja;-;-;',
  'Teilnehmer/in204;Dana Dee;dana@uni.edu;nichts;;50,00;Ja;-;-;',
  '',
].join('\r\n');

/** Out of 50. Ada and Ben are a group; what Carl has handed in is of nobody. */
export const SCORES: ClassScores = {
  counted: [
    { assignment: 'page-table', maxScore: 30 },
    { assignment: 'fork', maxScore: 20 },
  ],
  scores: [
    { submission: 'alex', points: 40, reason: null },
    { submission: 'carl', points: 41, reason: null },
    { submission: 'eve', points: 0, reason: 'no TypeScript file' },
    { submission: 'finn', points: 48.5, reason: null },
    { submission: 'gil', points: 20, reason: null },
    { submission: 'group-1', points: 42.5, reason: null },
    { submission: 'hal', points: null, reason: 'the grader failed on fork' },
    { submission: 'zoe', points: 17, reason: null },
    { submission: 'zoe-2', points: 18, reason: null },
  ],
};

export const SUBMITTERS: Submitters = new Map([
  ['alex', [submitter({ name: 'Alex Kim' })]],
  ['carl', [submitter({ name: 'Carl\u001b[31m::error::', email: 'carl@uni.edu' })]],
  ['eve', [submitter({ email: 'eve@uni.edu' })]],
  ['finn', [submitter({ email: 'finn@uni.edu' })]],
  ['gil', [submitter({ sid: 'S9' })]],
  ['group-1', [submitter({ name: 'Ada Lovelace' }), submitter({ email: 'BEN@uni.edu' })]],
  ['hal', [submitter({ platformId: '110' })]],
  ['zoe', [submitter({ name: 'Zoe\u0308 Å' })]],
  ['zoe-2', [submitter({ name: 'ZOË Å' })]],
]);
