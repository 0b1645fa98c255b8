import { expect } from 'chai';
import { submitter } from '../intake/submitter.ts';
import type { Student } from './gradebook.ts';
import { StudentIndex } from './match-student.ts';

const student = (row: number, name: string, more: Partial<Student> = {}): Student => ({
  row,
  name,
  number: String(100 + row),
  ids: [],
  email: null,
  ...more,
});

describe('StudentIndex', () => {
  const ada = student(1, 'Ada Lovelace', { ids: ['S1', 'ada@uni.edu'] });
  const ben = student(2, 'Ben Bo', { ids: ['S2'], email: 'Ben@uni.edu' });
  const kim = student(3, 'Alex Kim', { ids: ['S3'] });
  const otherKim = student(4, 'Alex Kim', { ids: ['S4'] });
  const guido = student(5, 'Guido van Rossum');
  const zoe = student(6, 'Zoe\u0308 Å');
  const index = new StudentIndex([ada, ben, kim, otherKim, guido, zoe]);

  for (const [by, known, expected] of [
    ['the platform’s number, before all else', { platformId: '103', name: 'Alex Kim' }, kim],
    ['the student number', { sid: 's4', name: 'Alex Kim' }, otherKim],
    ['the e-mail', { email: 'ben@UNI.edu' }, ben],
    ['an e-mail that is the login', { email: 'ada@uni.edu' }, ada],
    ['the name, whatever the case and the spaces', { name: 'ben  BO' }, ben],
    ['the name, last name first', { name: 'Lovelace, Ada' }, ada],
    ['the name, however its letters are composed', { name: 'ZO\u00cb \u212b' }, zoe],
    ['the name as Canvas writes it in file names', { name: 'vanrossumguido' }, guido],
    ['the next fact where one is of nobody', { sid: 'X', email: 'ben@uni.edu' }, ben],
  ] as const) {
    it(`should find somebody by ${by}`, () => {
      expect(index.find(submitter(known)).student).to.equal(expected);
    });
  }

  for (const [what, known, reason] of [
    ['a name that two have', { name: 'Alex Kim' }, 'the name "Alex Kim" is that of rows 4 and 5'],
    ['a name that is only nearly right', { name: 'Ada Lovelac' }, 'no student has the name'],
    [
      'a number and a name that are not of one person',
      { platformId: '101', name: 'Ben Bo' },
      'the number 101 is that of row 2, the name "Ben Bo" that of row 3',
    ],
    ['a student number with its zeros lost', { sid: '1' }, 'no student has the student number'],
    ['nothing known', {}, 'nothing is known'],
  ] as const) {
    it(`should leave to a person: ${what}`, () => {
      const match = index.find(submitter(known));

      expect(match.student).to.equal(null);
      expect(match.reason).to.include(reason);
    });
  }

  for (const [id, expected] of [
    ['S2', ben],
    ['ada@uni.edu', ada],
    ['Ben_Bo', ben],
    ['lovelaceada_101', ada],
    ['Ada_Lovelace_101', ada],
    ['submission_101', null],
    ['Alex_Kim', null],
    ['Alex_Kim_104', otherKim],
    ['lovelaceada_102', null],
  ] as const) {
    it(`should take the id ${id} for ${expected === null ? 'nobody' : expected.name}`, () => {
      expect(index.findById(id).student).to.equal(expected);
    });
  }
});
