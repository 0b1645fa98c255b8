/** Generated programs: everything together. */
import { processPrograms, property } from '../../harness/index.ts';

describe('everything together', () => {
  property(
    {
      id: 'cw-random-forks',
      title: 'keeps all rules when processes fork, write and exit',
      rule: 'CW-18',
      points: 1.5,
      rationale: 'Up to five processes of one family, few regions, many writes.',
      hint: 'Draw who has which page after each step, and how many references its frame has.',
    },
    processPrograms({
      length: 60,
      weights: { fork: 12, exit: 5, mmap: 5, munmap: 4, badMmap: 0, badMunmap: 0, access: 60 },
      processes: 5,
      pages: 2,
    }),
  );

  property(
    {
      id: 'cw-random-shootdowns',
      title: 'keeps all rules on several processors',
      rule: 'CW-18',
      points: 1.5,
      rationale:
        'Two to four processors, one or two pages, reads and writes on all of them before and after each fork.',
      hint: 'Which translations does each processor hold when a leaf changes?',
    },
    processPrograms({
      length: 60,
      weights: {
        ...{ fork: 8, exit: 3, mmap: 2, munmap: 2, badMmap: 0, badMunmap: 0, access: 80 },
        ...{ outside: 1, crossing: 2, getUserPage: 3, accessOk: 1, file: 0 },
      },
      processes: 4,
      cpus: 4,
      pages: 1,
    }),
  );

  property(
    {
      id: 'cw-random-mixed',
      title: 'keeps all rules in any sequence of calls and accesses',
      rule: 'CW-18',
      points: 1,
      rationale: 'All operations, with forks in between.',
      hint: 'Follow the steps with your code: after which of them is the state not what you expect?',
    },
    processPrograms({ length: 60, weights: { fork: 6, exit: 3 } }),
  );

  property(
    {
      id: 'cw-random-failures',
      title: 'keeps all rules when frames run short',
      rule: 'CW-18',
      points: 0.5,
      rationale: 'Failures here and there, in forks and copies too.',
      hint: 'See the rule about forks and copies that fail: nothing may change, nothing may be lost, and a second try must work.',
    },
    processPrograms({
      length: 60,
      failures: true,
      weights: { fork: 10, exit: 4, badMmap: 1, badMunmap: 1 },
      pages: 2,
    }),
  );
});
