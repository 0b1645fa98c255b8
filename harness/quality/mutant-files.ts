/** Finds the planted bugs of an assignment: `suites/<assignment>/mutants/*.ts`, each of which exports `mutants`. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Double, LeftOut, Mutant } from './mutant.ts';
import { PlantingError } from './plant.ts';

/** The planted bugs of one assignment. */
export interface MutantSet {
  readonly mutants: readonly Mutant[];
  /** Pairs of them to be planted together: `doubles.ts` exports `doubles`. */
  readonly doubles: readonly Double[];
  /** Mistakes from lists that are no mutants here: `left-out.ts` exports `leftOut`. */
  readonly leftOut: readonly LeftOut[];
}

const SUITES = resolve(__dirname, '../../suites');
const DOUBLES = 'doubles.ts';
const LEFT_OUT = 'left-out.ts';
const load = createRequire(__filename);

/** Loads the mutants of an assignment; none if it has no such folder. Throws {@link PlantingError} if two share an id, or a file exports no list. */
export function mutantsOf(assignment: string): MutantSet {
  const folder = join(SUITES, assignment, 'mutants');
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.ts'))
    : [];
  const list = (name: string, key: string): readonly unknown[] => {
    const value = (load(join(folder, name)) as Record<string, unknown>)[key];
    if (Array.isArray(value)) return value as unknown[];
    throw new PlantingError(`suites/${assignment}/mutants/${name} exports no list called ${key}`);
  };
  const mutants = names
    .filter((name) => name !== DOUBLES && name !== LEFT_OUT)
    .sort()
    .flatMap((name) => list(name, 'mutants') as readonly Mutant[]);
  const seen = new Set<string>();
  for (const { id } of mutants) {
    if (seen.has(id)) throw new PlantingError(`${assignment}: two mutants are called ${id}`);
    seen.add(id);
  }
  const doubles = names.includes(DOUBLES) ? (list(DOUBLES, 'doubles') as readonly Double[]) : [];
  const stranger = doubles.flat().find((id) => !seen.has(id));
  if (stranger !== undefined)
    throw new PlantingError(`${assignment}: doubles.ts names ${stranger}, which is no mutant`);
  return {
    mutants,
    doubles,
    leftOut: names.includes(LEFT_OUT) ? (list(LEFT_OUT, 'leftOut') as readonly LeftOut[]) : [],
  };
}
