/** Writes `docs/rules.md` from the rules that the suites declare: `npx ts-node scripts/rules-page.ts`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { assignmentInfos, loadAssignment } from '../harness/runner/assignments.ts';
import { WALK_LEGEND } from '../harness/reporters/wording.ts';
import type { AssignmentInfo, Rule } from '../harness/runner/session/check-info.ts';

export const RULES_PAGE = resolve(__dirname, '../docs/rules.md');

const FREEDOMS = [
  'Which frames you use, and in which order you allocate them.',
  'When empty tables are freed: at once, later, or only at `clear()`.',
  'How you keep regions, and whether you keep pages in fields of your own (release them in `drop()`; a demand-paging manager keeps none, DP-24).',
  'Extra invalidations: one page, the whole table, more often than needed.',
  'Software bits 9 to 11 and 52 to 58 of entries, accessed and dirty flags, and words of entries that are not present.',
  'Rights of table entries beyond what the leaves below them need.',
  'Which `KernelError` you throw where a rule does not name one, and the order in which several wrong arguments are noticed.',
  'Whether an access that has to be refused is refused at once or at the immediate second fault, and whether its page was loaded.',
  'Whether a file that changed between `mmap` and first touch shows its old or its new bytes, page by page; a file that was cut, old bytes or zeros.',
  'After the last sharer of a page is gone: copying it once more or using it as it is.',
  'How a demand-paging manager keeps its mappings and its entries.',
  'What a user access to a kernel-only region ends with, as long as it does not succeed: the fault handler is not told the mode.',
];

const POINTS = [
  '## How points are lost',
  '',
  'A rule’s points are earned together: all of its checks have to pass. There are two ways to lose them, and a report tells them apart:',
  '',
  '- **Broken.** A program was found that breaks the rule. It costs the points of that rule, once, however many programs stumble over the same mistake.',
  '- **Not judged.** Nothing was seen that surely breaks the rule, but one of its checks that are worth points could not be judged: it builds on another check that did not pass, ' +
    'its program was derailed because it broke another rule first, what went wrong in it may come from another rule that is broken, or the code kept hanging. Such points count as not earned until the check can be ' +
    'judged and passes. The report lists these rules under “Not judged”, each with its points and the reason: mend that first, then grade again.',
  '',
  'A rule marked _fundamental_ carries most of the others. While it is broken, no generated programs are played, because they would only show it again, ' +
    'and many other checks cannot be judged; so such a mistake can cost far more than the points of its own rule.',
  '',
  '## Reading a page walk',
  '',
  `${WALK_LEGEND} The last line is the entry that the walk ends at: the leaf, or the first one that leads nowhere.`,
];

/** The whole page. */
export function rulesPage(): string {
  return [
    '# Rules',
    '',
    'What your pager is graded by. Where the rules leave you a choice, every choice passes.',
    '',
    '`npx ts-node grade.ts explain LP-11` prints a rule in the terminal. This page is made from the suites by `scripts/rules-page.ts`.',
    '',
    ...POINTS,
    '',
    ...assignmentInfos().flatMap(assignmentSection),
    '## Freedoms',
    '',
    'None of this is judged:',
    '',
    ...FREEDOMS.map((freedom) => `- ${freedom}`),
    '',
  ].join('\n');
}

function assignmentSection(info: AssignmentInfo): string[] {
  const points = new Map<string, number>();
  for (const check of loadAssignment(info).checks)
    points.set(check.rule, (points.get(check.rule) ?? 0) + check.points);
  const total = [...points.values()].reduce((sum, each) => sum + each, 0);
  return [
    `## ${info.title} (\`${info.id}\`, ${String(total)} points)`,
    '',
    ...info.rules.flatMap((rule) => ruleSection(rule, points.get(rule.id) ?? 0)),
  ];
}

function ruleSection(rule: Rule, points: number): string[] {
  const worth = points === 1 ? '1 point' : `${String(points)} points`;
  return [
    `### ${rule.id} ${rule.title}`,
    '',
    rule.text,
    '',
    `_Why:_ ${rule.why}`,
    '',
    `_Example:_ ${rule.example}`,
    '',
    ...(rule.freedoms ?? []).flatMap(({ text }) => [`_Either way passes:_ ${text}`, '']),
    `_Worth ${worth}${rule.fundamental === true ? ', fundamental' : ''}. Source: ${rule.source}._`,
    '',
  ];
}

if (require.main === module) writeFileSync(RULES_PAGE, rulesPage());
