import { expect } from 'chai';
import type { Trace } from '../protocol/trace.ts';
import { isTraceReply } from './reply-shape.ts';

const TRACE = {
  steps: [
    {
      outcome: { kind: 'ok', value: { type: 'bigint', value: '0x1000' }, bytes: [[1, 2]] },
      faults: [{ va: '0x1000', code: 6, handled: 'ok' }],
      spaces: {
        p: [{ va: 0x1000, frame: 5, rights: 15 }],
        q: null,
        r: { gone: [0x2000], leaves: [{ va: 0x3000, frame: 6, rights: 9 }] },
      },
      facts: [
        { kind: 'leak', frame: 5, op: 1, site: '' },
        {
          kind: 'leak',
          frame: 6,
          op: 1,
          site: '',
          owners: { pages: 1, outside: 0, kernel: 'root' },
        },
        {
          kind: 'dangling-entry',
          va: 0,
          level: 1,
          frame: 5,
          sites: { allocated: '', released: '' },
        },
      ],
      effort: { frames: 1, fileReads: 0, invalidations: 0 },
      injected: false,
      calls: { frame: 1, read: 0, mmap: 0 },
      freed: [{ frame: 5, site: '' }],
      uses: [
        { kind: 'table', level: 2, va: 0x1000, space: 'p' },
        { kind: 'page', va: 0x1000, space: 'p' },
        { kind: 'released' },
        { kind: 'unknown' },
      ],
    },
  ],
  log: ['hello'],
  teardown: {
    outcome: {
      kind: 'panic',
      panic: {
        kind: 'torn',
        message: '',
        stack: '',
        sites: { allocated: 'a', released: 'b' },
      },
    },
    leaks: [],
  },
  walk: null,
  loadError: null,
} as const satisfies Trace;

describe('isTraceReply', () => {
  it('should accept a trace', () => {
    expect(isTraceReply({ is: 'trace', trace: TRACE })).to.equal(true);
  });

  for (const [what, trace] of [
    ['nothing', undefined],
    ['no steps', { ...TRACE, steps: {} }],
    ['a step that is none', { ...TRACE, steps: [null] }],
    [
      'an outcome of another kind',
      { ...TRACE, steps: [{ ...TRACE.steps[0], outcome: { kind: 'constructor' } }] },
    ],
    [
      'a number for a hex string',
      { ...TRACE, steps: [{ ...TRACE.steps[0], faults: [{ va: 1, code: 6, handled: 'ok' }] }] },
    ],
    [
      'bytes that are no pairs',
      { ...TRACE, steps: [{ ...TRACE.steps[0], outcome: { kind: 'ok', bytes: [[1]] } }] },
    ],
    [
      'bytes that come less than never',
      { ...TRACE, steps: [{ ...TRACE.steps[0], outcome: { kind: 'ok', bytes: [[1, -1]] } }] },
    ],
    [
      'a fact without its frame',
      { ...TRACE, steps: [{ ...TRACE.steps[0], facts: [{ kind: 'leak' }] }] },
    ],
    [
      'a use at half an address',
      { ...TRACE, steps: [{ ...TRACE.steps[0], uses: [{ kind: 'page', va: 0.5, space: 'p' }] }] },
    ],
    [
      'a use of another kind',
      { ...TRACE, steps: [{ ...TRACE.steps[0], uses: [{ kind: 'toString' }] }] },
    ],
    ['a log of objects', { ...TRACE, log: [{}] }],
    ['a panic without a message', { ...TRACE, loadError: { kind: 'exception' } }],
  ] as const) {
    it(`should refuse ${what}`, () => {
      expect(isTraceReply({ is: 'trace', trace })).to.equal(false);
    });
  }
});
