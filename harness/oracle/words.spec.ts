import { expect } from 'chai';
import type { Outcome } from '../protocol/trace.ts';
import {
  gave,
  killed,
  noProgress,
  ok,
  panicked,
  returned,
  saw,
  threw,
} from '../testing/told-traces.ts';
import { byteText, outcomeText, panicText, permissionText, valueText } from './words.ts';

const NUMBER = { type: 'number', value: '4096' } as const;

/** An example of every kind of outcome, and the forms of success; the compiler sees to it that none is missing. */
const OUTCOMES: Readonly<Record<Outcome['kind'], readonly (readonly [Outcome, string])[]>> = {
  ok: [
    [ok, 'success'],
    [gave(5), 'success'],
    [{ kind: 'ok', value: { type: 'undefined', value: 'undefined' } }, 'success'],
    [returned(0xa000n), 'returned 0xa000'],
    [returned(true), 'returned true'],
    [returned(null), 'returned null'],
    [{ kind: 'ok', value: NUMBER }, 'returned 4096 (a number, not a bigint)'],
    [saw(7), 'read 0x07'],
    [
      {
        kind: 'ok',
        bytes: [
          [7, 1],
          [0, 4095],
        ],
      },
      'read 0x07, 0x00 x 4095',
    ],
    [saw(1, 2, 3, 4, 5), 'read 0x01, 0x02, 0x03, 0x04, …'],
    [
      { kind: 'ok', indices: [NUMBER, { type: 'bigint', value: '0x1' }] },
      '4096 (a number, not a bigint), 0x1',
    ],
  ],
  error: [[threw('InvalidArgument'), 'threw KernelError.InvalidArgument']],
  killed: [[killed(), 'the access was refused (KernelError.InvalidAccess)']],
  fault: [
    [{ kind: 'fault', code: 6 }, '#PF(0x6): user write, page not present'],
    [{ kind: 'fault', code: 0x11 }, '#PF(0x11): kernel fetch, protection violation'],
    [{ kind: 'fault', code: null }, '#GP: the address is not canonical'],
  ],
  'no-progress': [[noProgress, 'the handler returned, but the access faulted again and again']],
  panic: [[panicked('frames'), 'kernel panic: it broke']],
  'bad-value': [
    [
      { kind: 'bad-value', what: 'unmap must return a Page', value: NUMBER },
      'unmap must return a Page; it returned 4096 (a number, not a bigint)',
    ],
  ],
  skipped: [[{ kind: 'skipped' }, 'skipped']],
};

describe('words', () => {
  describe('permissionText', () => {
    it('should list the rights in the order of their bits', () => {
      expect(permissionText(0)).to.equal('no rights');
      expect(permissionText(1)).to.equal('READ');
      expect(permissionText(15)).to.equal('READ | WRITE | EXECUTABLE | USER');
    });
  });

  describe('byteText', () => {
    it('should have two digits', () => {
      expect([0, 7, 255].map(byteText)).to.deep.equal(['0x00', '0x07', '0xff']);
    });
  });

  describe('valueText', () => {
    it('should have a word for nothing', () => {
      expect(valueText(undefined)).to.equal('nothing');
    });
  });

  describe('outcomeText', () => {
    for (const [kind, examples] of Object.entries(OUTCOMES)) {
      it(`should put ${kind} into words`, () => {
        for (const [outcome, text] of examples) expect(outcomeText(outcome)).to.equal(text);
      });
    }
  });

  describe('panicText', () => {
    it('should tell the ways to stop apart', () => {
      const texts = ['panic', 'torn', 'exception', 'limit', 'todo'].map((kind) =>
        panicText(kind, 'x'),
      );

      expect(texts).to.deep.equal([
        'kernel panic: x',
        'kernel panic: x',
        'exception: x',
        'stopped: x',
        'x',
      ]);
    });
  });
});
