/** Generated programs: everything together. */
import { managerPrograms, property } from '../../harness/index.ts';

describe('everything together', () => {
  property(
    {
      id: 'dp-random-mixed',
      title: 'keeps all rules in any sequence of calls',
      rule: 'DP-28',
      points: 2,
      rationale:
        'Some fifty operations on one to three managers: mappings that come and go, faults, shared pages, files that change.',
      hint: 'Follow the steps with your code: after which of them is the state not what you expect?',
    },
    managerPrograms(),
  );

  property(
    {
      id: 'dp-random-sharing',
      title: 'keeps all rules when many pages are shared',
      rule: 'DP-28',
      points: 1.5,
      rationale: 'Mostly marking, copying and releasing.',
      hint: 'Write down for each page who shares its frame, and count them after each step.',
    },
    managerPrograms({
      weights: { mark: 16, markAgain: 5, cowFault: 22, release: 16, isCow: 10, fault: 8 },
    }),
  );

  property(
    {
      id: 'dp-random-failures',
      title: 'keeps all rules when frames run short and reads fail',
      rule: 'DP-28',
      points: 0.5,
      rationale: 'Failures here and there in longer programs.',
      hint: 'See the rules about failures: nothing may change, nothing may be lost, and a second try must work.',
    },
    managerPrograms({ failures: true }),
  );
});
