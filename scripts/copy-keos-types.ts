/**
 * Copies the contracts of `keos` and `veridian` into the template, so that a student's folder has their types wherever it is taken.
 *
 *     npx ts-node scripts/copy-keos-types.ts
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDED_MODULES } from '../harness/sandbox/resolve-import.ts';

const ROOT = join(__dirname, '..');

export const TEMPLATE = join(ROOT, 'student-template');

/** For each module: the contract that is written by hand, and its copy. */
export const COPIES = PROVIDED_MODULES.map((module) => ({
  contract: join(ROOT, `reference/contract/${module}.ts`),
  copy: join(TEMPLATE, `${module}.d.ts`),
}));

if (require.main === module) for (const { contract, copy } of COPIES) copyFileSync(contract, copy);
