/** What guards each rule, and whether the guards are guarded: rules, checks, mutants, and the freedoms that variants take. Pure. */
import type { AssignmentInfo, CheckDeclaration } from '../runner/session/check-info.ts';
import type { MutantSet } from './mutant-files.ts';
import { type Column, textTable } from './text-table.ts';
import type { Variant } from './variant-files.ts';

/** An assignment with all that proves its suite. */
export interface Proofs {
  readonly info: AssignmentInfo;
  readonly checks: readonly CheckDeclaration[];
  readonly mutants: MutantSet;
  readonly variants: readonly Pick<Variant, 'name' | 'freedoms'>[];
}

/** Variants that have to take a freedom before it counts as tried. */
const LEAST_VARIANTS = 2;

/** A line a rule: its checks, and how many mutants break it. */
export function ruleTable({ info, checks, mutants }: Proofs): readonly string[] {
  const columns: readonly Column[] = [
    { head: 'rule' },
    { head: 'points', align: 'right' },
    { head: 'mutants', align: 'right' },
    { head: 'checks' },
  ];
  return textTable(
    columns,
    info.rules.map(({ id }) => {
      const own = checks.filter(({ rule }) => rule === id);
      return [
        id,
        String(own.reduce((sum, { points }) => sum + points, 0)),
        String(mutants.mutants.filter(({ rule }) => rule === id).length),
        own.map((check) => check.id).join(', '),
      ];
    }),
  );
}

/** A line a freedom, a column a variant. */
export function freedomTable({ info, variants }: Proofs): readonly string[] {
  const columns: readonly Column[] = [
    { head: 'freedom' },
    { head: 'rule' },
    ...variants.map(({ name }) => ({ head: name })),
  ];
  return textTable(
    columns,
    freedomsOf(info).map(({ id, rule }) => [
      id,
      rule,
      ...variants.map(({ freedoms }) => (freedoms.includes(id) ? 'takes it' : '')),
    ]),
  );
}

/** Mistakes from lists that are no mutants, and why. */
export function leftOutTable({ mutants }: Proofs): readonly string[] {
  const columns = [{ head: 'left out' }, { head: 'why' }];
  return textTable(
    columns,
    mutants.leftOut.map(({ source, why }) => [source, why]),
  );
}

/** What is missing, a line each; empty if nothing is. */
export function missingProofs(proofs: Proofs): readonly string[] {
  const { info, checks, mutants, variants } = proofs;
  const rules = new Set(info.rules.map(({ id }) => id));
  const known = new Map(checks.map((check) => [check.id, check]));
  const freedoms = freedomsOf(info);
  const taken = (id: string): number =>
    variants.filter((variant) => variant.freedoms.includes(id)).length;
  const isTogether = (id: string): boolean =>
    checks.every(({ rule, kind }) => rule !== id || kind === 'property');
  const found = [
    ...[...rules].flatMap((id) =>
      checks.some(({ rule }) => rule === id) ? [] : [`${id} has no check`],
    ),
    ...[...rules]
      .filter((id) => !mutants.mutants.some(({ rule }) => rule === id) && !isTogether(id))
      .map((id) => `${id} has no mutant`),
    ...checks.flatMap(({ id, rule }) =>
      rules.has(rule) ? [] : [`check ${id} guards ${rule}, which there is not`],
    ),
    ...mutants.mutants.flatMap(({ id, rule, check }) => [
      ...(rules.has(rule) ? [] : [`mutant ${id} names rule ${rule}, which there is not`]),
      ...(known.has(check) ? [] : [`mutant ${id} names check ${check}, which there is not`]),
      ...(known.has(check) && known.get(check)?.rule !== rule
        ? [`mutant ${id} names ${rule}, but its check ${check} guards ${known.get(check)!.rule}`]
        : []),
    ]),
    ...variants.flatMap(({ name, freedoms: own }) =>
      own
        .filter((id) => !freedoms.some((freedom) => freedom.id === id))
        .map((id) => `variant ${name} takes freedom ${id}, which there is not`),
    ),
    ...freedoms
      .filter(({ id }) => taken(id) < LEAST_VARIANTS)
      .map(
        ({ id }) => `freedom ${id} is taken by ${taken(id)} of at least ${LEAST_VARIANTS} variants`,
      ),
  ];
  return found.map((text) => `${info.id}: ${text}`);
}

function freedomsOf({
  rules,
}: AssignmentInfo): readonly { readonly id: string; readonly rule: string }[] {
  return rules.flatMap(({ id: rule, freedoms = [] }) => freedoms.map(({ id }) => ({ id, rule })));
}
