/**
 * Copies the contract of `keos` into the template, so that a student's folder has its types wherever it is taken.
 *
 *     npx ts-node scripts/copy-keos-types.ts
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** The one that is written by hand. */
export const CONTRACT = join(ROOT, 'reference/contract/keos.ts');
/** Its copy. */
export const STUDENT_TYPES = join(ROOT, 'student-template/keos.d.ts');

if (require.main === module) copyFileSync(CONTRACT, STUDENT_TYPES);
