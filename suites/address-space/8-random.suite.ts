/** Generated programs: everything together. */
import { processPrograms, property } from '../../harness/index.ts';

describe('everything together', () => {
  property(
    {
      id: 'as-random-mixed',
      title: 'keeps all rules in any sequence of calls and accesses',
      rule: 'AS-28',
      points: 3,
      rationale:
        'Fifty operations of one to three processes, by system calls and directly: of any kind, of few kinds, around the boundaries of tables, and behind the backs of other processors.',
      hint: 'Follow the steps with your code: after which of them is the state not what you expect?',
    },
    processPrograms({
      pager: 'eager',
      lane: { mixed: 2, swarm: 1, boundary: 2, shootdown: 1 },
    }),
  );

  property(
    {
      id: 'as-random-regions',
      title: 'keeps all rules when regions come and go',
      rule: 'AS-28',
      points: 2,
      rationale: 'Mostly mmap and munmap, side by side and on top of each other.',
      hint: 'Draw the regions as intervals: what does your list look like after each step?',
    },
    processPrograms({
      pager: 'eager',
      weights: { mmap: 25, munmap: 20, badMmap: 12, badMunmap: 10, access: 25, accessRange: 15 },
    }),
  );

  property(
    {
      id: 'as-random-failures',
      title: 'keeps all rules when frames run short and reads fail',
      rule: 'AS-28',
      points: 1,
      rationale: 'Failures in the middle of mappings, in longer programs.',
      hint: 'See the rule about mappings that fail half-way: nothing may stay, nothing may be lost, and a second try must work.',
    },
    processPrograms({ pager: 'eager', failures: true }),
  );
});
