import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';

/** Numbers of scenarios, by the heading that they are under. */
const NUMBERED = [
  ['What KeOS does not test', 15],
  ['Scenarios of other pager tests', 88],
] as const;

interface Row {
  readonly section: string;
  readonly name: string;
  readonly playedBy: string;
}

const page = readFileSync(resolve(__dirname, '../docs/scenarios.md'), 'utf8');
const rows = rowsOf(page);
const checks = assignmentInfos().flatMap((info) => loadAssignment(info).checks);

/** The rows of all tables, without their heads. */
function rowsOf(text: string): Row[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('## ')) section = line.slice(3);
    if (!line.startsWith('|')) return [];
    const [, name = '', , playedBy = ''] = line.split('|').map((cell) => cell.trim());
    return playedBy === 'played by' || name.startsWith('---') ? [] : [{ section, name, playedBy }];
  });
}

/** Check ids in backticks: words with hyphens, so that paths and calls are none. */
function checksIn({ playedBy }: Row): string[] {
  return [...playedBy.matchAll(/`([a-z]+(?:-[a-z0-9]+)+)`/gu)].map(([, id = '']) => id);
}

describe('docs/scenarios.md', () => {
  it('should name only checks that there are', () => {
    const known = new Set(checks.map(({ id }) => id));

    expect(rows.flatMap(checksIn).filter((id) => !known.has(id))).to.deep.equal([]);
  });

  it('should give each scenario a check or the reason why there is none', () => {
    const without = rows.filter(
      (row) => checksIn(row).length === 0 && !/^does not apply: \S/u.test(row.playedBy),
    );

    expect(rows).not.to.have.lengthOf(0);
    expect(without).to.deep.equal([]);
  });

  for (const [heading, count] of NUMBERED) {
    it(`should leave out no number: ${heading}`, () => {
      const numbers = rows.filter(({ section }) => section === heading).map(({ name }) => name);

      expect(numbers).to.deep.equal(Array.from({ length: count }, (_, i) => String(i + 1)));
    });
  }

  it('should name each check in the row of the test of KeOS that it re-creates', () => {
    const missing = checks.flatMap(({ id, recreates = [] }) =>
      recreates
        .filter((test) => !rows.some((row) => row.name === test && checksIn(row).includes(id)))
        .map((test) => `${id} re-creates ${test}`),
    );

    expect(missing).to.deep.equal([]);
  });
});
