/** All attacks there are. */
import type { Attack } from './attack.ts';
import { ARCHIVES } from './corpus/archives.ts';
import { BURNING } from './corpus/burning.ts';
import { CHEATING } from './corpus/cheating.ts';
import { COMPILING } from './corpus/compiling.ts';
import { ESCAPED } from './corpus/escaped.ts';
import { ESCAPING } from './corpus/escaping.ts';
import { EXCUSING } from './corpus/excusing.ts';
import { HIDING } from './corpus/hiding.ts';
import { FORGING } from './corpus/forging.ts';
import { MISCOUNTING } from './corpus/miscounting.ts';
import { PAGERS } from './corpus/pagers.ts';
import { ONLY_GENERATED } from './corpus/only-generated.ts';
import { CUTTING_SHORT } from './corpus/cutting-short.ts';
import { POISONING } from './corpus/poisoning.ts';
import { REPORTING } from './corpus/reporting.ts';
import { SPYING } from './corpus/spying.ts';
import { TEARING } from './corpus/tearing.ts';
import { USING_UP } from './corpus/using-up.ts';
import { VALUES } from './corpus/values.ts';
import { WAITING } from './corpus/waiting.ts';

export const CORPUS: readonly Attack[] = [
  ...ESCAPING,
  ...POISONING,
  ...WAITING,
  ...VALUES,
  ...TEARING,
  ...USING_UP,
  ...FORGING,
  ...SPYING,
  ...PAGERS,
  ...COMPILING,
  ...BURNING,
  ...CHEATING,
  ...EXCUSING,
  ...ONLY_GENERATED,
  ...CUTTING_SHORT,
  ...HIDING,
  ...MISCOUNTING,
  ...REPORTING,
  ...ARCHIVES,
  ...ESCAPED,
];
