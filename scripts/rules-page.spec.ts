import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';
import { RULES_PAGE, rulesPage } from './rules-page.ts';

describe('docs/rules.md', () => {
  it('should say what the suites say (run npx ts-node scripts/rules-page.ts after changing a rule)', () => {
    expect(readFileSync(RULES_PAGE, 'utf8')).to.equal(rulesPage());
  });

  it('should explain points that are lost without a broken rule, fundamental rules, and page walks', () => {
    const page = rulesPage();

    expect(page).to.include('**Not judged.**').and.include('_fundamental_').and.include('`XD`');
    expect(page).not.to.include('lose points only for breaking');
  });

  for (const info of assignmentInfos()) {
    it(`should have a check for every rule of ${info.id}`, () => {
      const guarded = new Set(loadAssignment(info).checks.map(({ rule }) => rule));

      const unguarded = info.rules.filter(({ id }) => !guarded.has(id)).map(({ id }) => id);

      expect(unguarded).to.deep.equal([]);
    });

    it(`should leave at most a quarter of the points of ${info.id} to properties`, () => {
      const { checks } = loadAssignment(info);
      const sum = (of: typeof checks): number =>
        of.reduce((points, check) => points + check.points, 0);

      expect(sum(checks.filter(({ kind }) => kind === 'property'))).to.be.at.most(sum(checks) / 4);
    });

    it(`should leave at most a tenth of the points of ${info.id} to answers to failures`, () => {
      const { checks } = loadAssignment(info);
      const rules = checks.filter(({ kind }) => kind === 'enumeration').map(({ rule }) => rule);
      const sum = (of: typeof checks): number =>
        of.reduce((points, check) => points + check.points, 0);

      expect(sum(checks.filter(({ rule }) => rules.includes(rule)))).to.be.at.most(
        sum(checks) / 10,
      );
    });

    it(`should name only prerequisites of ${info.id} that come before`, () => {
      const seen = new Set<string>();

      for (const check of loadAssignment(info).checks) {
        for (const id of check.requires ?? [])
          expect(seen.has(id), `${check.id} requires ${id}`).to.equal(true);
        seen.add(check.id);
      }
    });
  }

  it('should weigh the assignments as the courses do', () => {
    const points = assignmentInfos().map((info) => [
      info.id,
      loadAssignment(info).checks.reduce((sum, { points }) => sum + points, 0),
    ]);

    expect(points).to.deep.equal([
      ['page-table', 30],
      ['lazy-pager', 50],
      ['demand-paging', 50],
    ]);
  });
});
