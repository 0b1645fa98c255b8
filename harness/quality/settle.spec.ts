import { expect } from 'chai';
import type { Equivalent } from './equivalent.ts';
import type { Kill } from './kill.ts';
import { settle, settlementComplaints, settlementSummary } from './settle.ts';

const kill = (mutant: string, changes: Partial<Kill> = {}): Kill => ({
  assignment: 'page-table',
  mutant,
  isDouble: false,
  killedBy: 'pt-map',
  programs: 1,
  noticedMs: 10,
  reportedMs: 20,
  broken: ['PT-3'],
  rightRule: true,
  rightCheck: true,
  lost: 2,
  maxScore: 30,
  notJudged: 0,
  keosNotices: false,
  trouble: null,
  checks: [],
  ...changes,
});
const survivor = (mutant: string): Kill =>
  kill(mutant, { killedBy: null, broken: [], lost: 0, noticedMs: null, reportedMs: null });
const listed = (mutant: string): Equivalent => ({ mutant, reason: 'same', because: 'it is' });

describe('settle', () => {
  it('should have nothing to say if every survivor is listed', () => {
    const settlement = settle([kill('a'), survivor('b')], new Set(['a', 'b']), [listed('b')]);

    expect(settlement).to.deep.include({ graded: 2, killed: ['a'], equivalent: [listed('b')] });
    expect(settlementComplaints('page-table', settlement)).to.deep.equal([]);
  });

  it('should complain of a survivor that is not listed, also of one that costs nothing', () => {
    const free = kill('b', { lost: 0 });

    const settlement = settle([survivor('a'), free], new Set(['a', 'b']), []);

    expect(settlement.survivors).to.deep.equal(['a', 'b']);
    expect(settlementComplaints('page-table', settlement)).to.deep.equal([
      'page-table: a: survives, and suites/page-table/mutants/equivalent.yml does not say why',
      'page-table: b: survives, and suites/page-table/mutants/equivalent.yml does not say why',
    ]);
  });

  it('should complain of a listed one that is noticed, or that there is not', () => {
    const settlement = settle([kill('a')], new Set(['a']), [listed('a'), listed('b')]);

    expect(settlement).to.deep.include({ noticed: ['a'], gone: ['b'] });
    expect(settlementComplaints('page-table', settlement)).to.have.lengthOf(2);
  });

  it('should not ask for listed ones that were not graded this time', () => {
    const settlement = settle([kill('a')], new Set(['a', 'b']), [listed('b')]);

    expect(settlementComplaints('page-table', settlement)).to.deep.equal([]);
  });

  it('should call a mutant that the grader failed on neither killed nor equivalent', () => {
    const failed = kill('a', { trouble: 'the grader failed', broken: [], lost: 0 });

    const settlement = settle([failed], new Set(['a']), []);

    expect(settlement).to.deep.include({ killed: [], survivors: [] });
    expect(settlementComplaints('page-table', settlement)).to.deep.equal([
      'page-table: a: the grader failed',
    ]);
  });

  it('should count in its summary', () => {
    const kills = [kill('a'), kill('b', { noticedMs: 30 }), survivor('c'), survivor('d')];
    const settlement = settle(kills, new Set('abcd'), [listed('c')]);

    expect(settlementSummary(settlement, kills)).to.equal(
      'killed 2 of 4; equivalent 1 (same 1, freedom 0, unreached 0); not settled 1; noticed after, median / 95 %: 10 / 30 ms',
    );
  });
});
