/** Generated programs: everything together. */
import { processPrograms, property } from '../../harness/index.ts';

describe('everything together', () => {
  property(
    {
      id: 'lp-random-mixed',
      title: 'keeps all rules in any sequence of calls and accesses',
      rule: 'LP-26',
      points: 2.5,
      rationale:
        'Fifty operations of one to three processes: of any kind, of few kinds, around the boundaries of tables, and behind the backs of other processors.',
      hint: 'Follow the steps with your code: after which of them is the state not what you expect?',
    },
    processPrograms({ lane: { mixed: 2, swarm: 1, boundary: 2, shootdown: 1 } }),
  );

  property(
    {
      id: 'lp-random-regions',
      title: 'keeps all rules when regions come and go',
      rule: 'LP-26',
      points: 1,
      rationale: 'Mostly mmap and munmap, side by side and on top of each other.',
      hint: 'Draw the regions as intervals: what does your list look like after each step?',
    },
    processPrograms({
      weights: { mmap: 25, munmap: 20, badMmap: 12, badMunmap: 10, access: 30, accessOk: 15 },
    }),
  );

  property(
    {
      id: 'lp-random-failures',
      title: 'keeps all rules when frames run short and reads fail',
      rule: 'LP-26',
      points: 0.5,
      rationale: 'Failures here and there in longer programs.',
      hint: 'See the rule about loads that fail: nothing may change, nothing may be lost, and a second try must work.',
    },
    processPrograms({ failures: true }),
  );
});
