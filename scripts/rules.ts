/**
 * What guards each rule, and whether the guards are guarded: `npm run rules`. Prints rules with their checks and mutants, freedoms with the variants that take
 * them, and mistakes that are no mutants. Fails if something is missing.
 */
import {
  missingProofs,
  freedomTable,
  leftOutTable,
  type Proofs,
  ruleTable,
} from '../harness/quality/rule-table.ts';
import { mutantsOf } from '../harness/quality/mutant-files.ts';
import { variantsOf } from '../harness/quality/variant-files.ts';
import { assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';

/** All that proves the suites, an assignment after the other. */
export function allProofs(): readonly Proofs[] {
  const model = modelFiles();
  return assignmentInfos().map((info) => ({
    info,
    checks: loadAssignment(info).checks,
    mutants: mutantsOf(info.id),
    variants: variantsOf(info.id, model),
  }));
}

function main(): void {
  const missing: string[] = [];
  for (const proofs of allProofs()) {
    const { info, mutants, variants } = proofs;
    const counts = `${mutants.mutants.length} mutants, ${mutants.doubles.length} pairs, ${variants.length} variants`;
    console.log(`${info.title} (${info.id}): ${info.rules.length} rules, ${counts}\n`);
    console.log(`${ruleTable(proofs).join('\n')}\n`);
    if (variants.length > 0) console.log(`${freedomTable(proofs).join('\n')}\n`);
    if (mutants.leftOut.length > 0) console.log(`${leftOutTable(proofs).join('\n')}\n`);
    missing.push(...missingProofs(proofs));
  }
  for (const text of missing) console.error(`✗ ${text}`);
  if (missing.length > 0) process.exitCode = 1;
}

if (require.main === module) main();
