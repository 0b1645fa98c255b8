import { expect } from 'chai';
import type { Rule } from '../runner/session/check-info.ts';
import { checkInfo } from '../testing/told-subjects.ts';
import type { Mutant } from './mutant.ts';
import { freedomTable, leftOutTable, missingProofs, type Proofs, ruleTable } from './rule-table.ts';

function rule(id: string, more: Partial<Rule> = {}): Rule {
  return { id, title: id, text: '', why: '', example: '', source: '', ...more };
}

function mutant(id: string, breaks: string, check: string): Mutant {
  return { id, mistake: 'a slip', rule: breaks, check, edits: [] };
}

/** Two rules that are guarded in every way, and one that generated programs stand for. */
function proofs(change: Partial<Proofs> = {}): Proofs {
  const rules = [
    rule('R-1', { freedoms: [{ id: 'order', text: 'first or last.' }] }),
    rule('R-2'),
    rule('R-3'),
  ];
  return {
    info: { id: 'told', title: 'Told', requires: [], modelParts: [], rules },
    checks: [
      { ...checkInfo('a', 'R-1'), kind: 'scenario', programs: () => [] },
      { ...checkInfo('b', 'R-2', { points: 2 }), kind: 'scenario', programs: () => [] },
      { ...checkInfo('c', 'R-3'), kind: 'property', programs: () => [] },
    ],
    mutants: {
      mutants: [mutant('slip', 'R-1', 'a'), mutant('trip', 'R-2', 'b')],
      doubles: [],
      leftOut: [{ source: 'list 1', why: 'a freedom' }],
    },
    variants: [
      { name: 'one', freedoms: ['order'] },
      { name: 'two', freedoms: ['order'] },
      { name: 'three', freedoms: [] },
    ],
    ...change,
  };
}

describe('missingProofs', () => {
  it('should find nothing where everything is guarded', () => {
    expect(missingProofs(proofs())).to.deep.equal([]);
  });

  it('should name rules without a check or a mutant', () => {
    const { info } = proofs();
    const more = { ...info, rules: [...info.rules, rule('R-4')] };

    expect(missingProofs(proofs({ info: more }))).to.deep.equal(['told: R-4 has no check']);
    expect(
      missingProofs(proofs({ mutants: { mutants: [], doubles: [], leftOut: [] } })),
    ).to.deep.equal(['told: R-1 has no mutant', 'told: R-2 has no mutant']);
  });

  it('should name checks and mutants that point nowhere, or apart', () => {
    const { mutants, checks } = proofs();
    const strays = [mutant('x', 'R-9', 'a'), mutant('y', 'R-1', 'z'), mutant('z', 'R-1', 'b')];

    expect(
      missingProofs(
        proofs({
          checks: [...checks, { ...checkInfo('d', 'R-9'), kind: 'scenario', programs: () => [] }],
          mutants: { ...mutants, mutants: [...mutants.mutants, ...strays] },
        }),
      ),
    ).to.deep.equal([
      'told: check d guards R-9, which there is not',
      'told: mutant x names rule R-9, which there is not',
      'told: mutant x names R-9, but its check a guards R-1',
      'told: mutant y names check z, which there is not',
      'told: mutant z names R-1, but its check b guards R-2',
    ]);
  });

  it('should ask for two variants for each freedom, and a freedom for each that a variant takes', () => {
    const variants = [
      { name: 'one', freedoms: ['order'] },
      { name: 'two', freedoms: ['chaos'] },
    ];

    expect(missingProofs(proofs({ variants }))).to.deep.equal([
      'told: variant two takes freedom chaos, which there is not',
      'told: freedom order is taken by 1 of at least 2 variants',
    ]);
  });
});

describe('tables of proofs', () => {
  it('should show rules with their points, checks and mutants', () => {
    expect(ruleTable(proofs())).to.deep.equal([
      'rule  points  mutants  checks',
      'R-1        1        1  a',
      'R-2        2        1  b',
      'R-3        1        0  c',
    ]);
  });

  it('should show which variants take which freedom, and what was left out', () => {
    expect(freedomTable(proofs())).to.deep.equal([
      'freedom  rule  one       two       three',
      'order    R-1   takes it  takes it',
    ]);
    expect(leftOutTable(proofs())).to.deep.equal(['left out  why', 'list 1    a freedom']);
  });
});
