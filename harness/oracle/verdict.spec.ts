import { expect } from 'chai';
import fc from 'fast-check';
import { divergence } from '../testing/told-divergence.ts';
import {
  type Divergence,
  divergenceFrom,
  divergences,
  isCutShort,
  settled,
  type Verdict,
} from './verdict.ts';

const RULES = ['A', 'B', 'C', 'D', 'E'];
/** Rules that explain others, and are not broken in the verdict itself. */
const CAUSES = ['V', 'W', 'X'];

const anyDivergence: fc.Arbitrary<Divergence> = fc
  .record({
    rule: fc.constantFrom(...RULES),
    perhaps: fc.option(fc.subarray(CAUSES), { nil: undefined }),
    step: fc.nat(20),
  })
  .map(({ rule, step, perhaps }) => divergence(rule, step, perhaps));

const verdict: fc.Arbitrary<Verdict> = fc.record({
  broken: fc.option(anyDivergence),
  noted: fc.uniqueArray(anyDivergence, { selector: ({ rule }) => rule, maxLength: 5 }),
});
const known = fc
  .subarray([...RULES, ...CAUSES])
  .map((rules): ReadonlySet<string> => new Set(rules));

/** Whether a rule that is known would explain it, and not its own. */
const isExplained = ({ rule, perhaps = [] }: Divergence, rules: ReadonlySet<string>): boolean =>
  !rules.has(rule) && perhaps.some((each) => rules.has(each));
const news = (of: Verdict, rules: ReadonlySet<string>): readonly Divergence[] =>
  divergences(of).filter(({ rule }) => !rules.has(rule));

const told = (rule: string, step: number, ...perhaps: string[]): Divergence =>
  divergence(rule, step, perhaps);

const check = <T>(property: fc.IPropertyWithHooks<T>): void => {
  fc.assert(property, { seed: 1, numRuns: 1000 });
};

describe('settled', () => {
  it('should change nothing as long as no rule is known to be broken', () => {
    check(
      fc.property(verdict, (sut) => {
        expect(settled(sut, new Set())).to.deep.equal(sut);
      }),
    );
  });

  it('should keep what no known rule explains', () => {
    check(
      fc.property(verdict, known, (sut, rules) => {
        const after = settled(sut, rules);
        const unexplained = divergences(sut).filter((each) => !isExplained(each, rules));

        expect(divergences(after)).to.include.members(unexplained);
        expect(news(after, rules)).to.have.members(
          unexplained.filter(({ rule }) => !rules.has(rule)),
        );
      }),
    );
  });

  it('should never make a verdict worse: the more is known, the less is new', () => {
    check(
      fc.property(verdict, known, known, (sut, some, others) => {
        const more = new Set([...some, ...others]);
        const rulesOf = (rules: ReadonlySet<string>): readonly string[] =>
          news(settled(sut, rules), more).map(({ rule }) => rule);

        expect(rulesOf(some)).to.include.members([...rulesOf(more)]);
      }),
    );
  });

  it('should end the comparison where it ended, on the account of a known rule if one explains it', () => {
    check(
      fc.property(verdict, known, (sut, rules) => {
        const { broken } = settled(sut, rules);

        if (sut.broken === null) expect(broken).to.equal(null);
        else if (!isExplained(sut.broken, rules)) expect(broken).to.deep.equal(sut.broken);
        else {
          expect(broken).to.deep.include({ step: sut.broken.step, perhaps: sut.broken.perhaps });
          expect(rules.has(broken?.rule ?? '')).to.equal(true);
          expect(sut.broken.perhaps).to.include(broken?.rule);
        }
      }),
    );
  });

  it('should say the same when it is asked again', () => {
    check(
      fc.property(verdict, known, (sut, rules) => {
        const once = settled(sut, rules);

        expect(settled(once, rules)).to.deep.equal(once);
      }),
    );
  });

  it('should leave out what an earlier divergence of the same trace explains, unless the two explain each other', () => {
    const rules = (...noted: Divergence[]): readonly string[] =>
      settled({ broken: null, noted }, new Set()).noted.map(({ rule }) => rule);

    expect(rules(told('A', 1), told('B', 2, 'A'))).to.deep.equal(['A']);
    expect(rules(told('B', 1, 'A'), told('A', 2))).to.deep.equal(['B', 'A']);
    expect(rules(told('A', 1, 'B'), told('B', 2, 'A'))).to.deep.equal(['A', 'B']);
  });

  it('should go back to a rule that is known, if what would explain a divergence has that as its cause', () => {
    const cause = (broken: Divergence, ...noted: Divergence[]): string | undefined =>
      settled({ broken, noted }, new Set(['A'])).broken?.rule;

    expect(cause(told('C', 2, 'B'), told('B', 1, 'A'))).to.equal('A');
    expect(cause(told('C', 2, 'B', 'A'), told('B', 1))).to.equal('A');
    expect(cause(told('C', 2, 'B'), told('B', 1))).to.equal('B');
  });

  it('should say what it leaves out, and because of which rule', () => {
    check(
      fc.property(verdict, known, (sut, rules) => {
        const { noted, excused = [] } = settled(sut, rules);

        expect(excused.map(({ rule }) => rule)).to.deep.equal(
          sut.noted.filter((each) => !noted.includes(each)).map(({ rule }) => rule),
        );
        for (const { rule, cause } of excused) {
          expect(sut.noted.find((each) => each.rule === rule)?.perhaps).to.include(cause);
        }
      }),
    );
  });

  it('should still say which rules could be judged to the end', () => {
    const sut: Verdict = { broken: divergence('A', 0), noted: [], unjudged: ['A', 'B'] };

    const known = settled(sut, new Set());

    expect(isCutShort(known, 'B')).to.equal(true);
    expect(isCutShort(known, 'C')).to.equal(false);
  });

  it('should keep a rule that is known, though another one would explain it', () => {
    check(
      fc.property(verdict, known, (sut, rules) => {
        for (const { rule } of divergences(sut)) {
          if (rules.has(rule)) expect(divergenceFrom(settled(sut, rules), rule)).to.not.equal(null);
        }
      }),
    );
  });
});

describe('divergences', () => {
  it('should be all there are, in the order of their steps', () => {
    check(
      fc.property(verdict, (sut) => {
        const found = divergences(sut);

        expect(found).to.have.members([...sut.noted, ...(sut.broken === null ? [] : [sut.broken])]);
        expect(found.map(({ step }) => step)).to.deep.equal(
          found.map(({ step }) => step).sort((a, b) => a - b),
        );
      }),
    );
  });
});
