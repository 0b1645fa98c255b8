import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { assignmentInfos } from '../harness/runner/assignments.ts';

const ROOT = resolve(__dirname, '..');
const page = readFileSync(resolve(ROOT, 'docs/invariants.md'), 'utf8');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

/** The modules that judge. */
const judges = readdirSync(resolve(ROOT, 'harness/oracle')).filter((file) =>
  /(?<!\.spec)\.ts$/u.test(file),
);

/** Cells of the table: invariant, what sees to it, rules. Group headings have only the first. */
const rows = page
  .split('\n')
  .filter((line) => /^\| I\d/u.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name);
}

describe('docs/invariants.md', () => {
  it('should name facts that the machine states', () => {
    const stated = read('reference/contract/machine-facts.ts');
    const facts = quoted(rows.map(([, , seen]) => seen).join()).filter((name) =>
      /^[a-z]+-[a-z]+$|^leak$/u.test(name),
    );

    expect(facts).to.include('leak');
    for (const fact of facts) expect(stated).to.include(`kind: '${fact}'`);
  });

  it('should name judges that there are', () => {
    const text = judges.map((file) => read(`harness/oracle/${file}`)).join('\n');
    const names = quoted(rows.map(([, , seen]) => seen).join());

    for (const name of names.filter((each) => /^[a-z]+(?:[A-Z][a-z]+)+$/u.test(each)))
      expect(`${text}\n${read('reference/emulator/keos/page-table-root.ts')}`).to.match(
        new RegExp(`\\b${name}\\b`, 'u'),
        name,
      );
    for (const name of names.filter((each) => each.endsWith('.ts')))
      expect(judges).to.include(name);
  });

  it('should name rules that there are', () => {
    const known = new Set(assignmentInfos().flatMap(({ rules }) => rules.map(({ id }) => id)));
    const named = rows.flatMap(([, , , rules = '']) => rules.match(/[A-Z]{2}-\d+/gu) ?? []);

    expect(named).not.to.have.lengthOf(0);
    expect(named.filter((id) => !known.has(id))).to.deep.equal([]);
  });

  it('should speak of each of the 36 invariants', () => {
    const numbers = new Set([...page.matchAll(/\bI(\d+)\b/gu)].map(([, number]) => Number(number)));

    expect([...numbers].sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 36 }, (_, i) => i + 1),
    );
  });
});
