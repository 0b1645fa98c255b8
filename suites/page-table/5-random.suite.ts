/** Generated programs: everything together. */
import { pageTablePrograms, property } from '../../harness/index.ts';

describe('everything together', () => {
  property(
    {
      id: 'pt-random-mixed',
      title: 'keeps all rules in any sequence of calls',
      rule: 'PT-18',
      points: 1.5,
      rationale:
        'Fifty operations on one or two tables and processors, addresses around every boundary.',
      hint: 'Follow the steps with your code: after which of them is the state not what you expect?',
    },
    pageTablePrograms(),
  );

  property(
    {
      id: 'pt-random-refusals',
      title: 'keeps all rules when many calls are refused',
      rule: 'PT-18',
      points: 0.5,
      rationale: 'Mostly calls that must fail: a refused call must leave no trace.',
      hint: 'A call that throws must change nothing: check everything before you change anything.',
    },
    pageTablePrograms({ weights: { refuse: 30, absent: 20, remap: 20, probe: 10 } }),
  );

  property(
    {
      id: 'pt-random-out-of-memory',
      title: 'keeps all rules when frames run short',
      rule: 'PT-18',
      points: 0.5,
      rationale: 'Frame allocations fail here and there in longer programs.',
      hint: 'See the rule about running out of memory: nothing may change, nothing may be lost, and a second call must work.',
    },
    pageTablePrograms({ outOfMemory: true, weights: { probe: 10 } }),
  );
});
