/**
 * `feedback.md`: what to hand to the student. Hidden checks appear as one sum and nowhere else. Whatever text comes from the
 * submission stands in code or is escaped; there is no HTML.
 */
import type { Problem, SubmissionGrade } from '../scoring/grade.ts';
import { formatPoints } from '../scoring/points.ts';
import { brokenRules, withoutFailure, type BrokenRule } from './broken-rules.ts';
import {
  differenceLines,
  differenceSentence,
  type Differing,
  differing,
  NOT_DETERMINISTIC,
} from './difference-text.ts';
import {
  firstLines,
  markdownCode,
  markdownFence,
  markdownProse,
  markdownText,
} from './escaping.ts';
import { logLines, STUDENT_FOLDER, studentReplay, walkLines } from './failure-text.ts';
import { NOT_JUDGED, notJudged, OTHER_CHECKS } from './not-judged.ts';
import { remarks } from './score-table.ts';
import { viewOf, type AssignmentView, type GradeView } from './student-view.ts';
import { besideEachOther, numberedSteps } from './text-layout.ts';
import * as wording from './wording.ts';

/** Columns of the blocks of code; wider ones scroll sideways on most pages. */
const CODE_WIDTH = 88;
const MAX_PROBLEM_LINES = 60;
const TOO_LONG =
  '**There is more, but this page takes no more.** Mend what is above and grade again.';
/** Bytes for {@link TOO_LONG} and the line that ends every text. */
const LAST_WORDS = 400;

/**
 * The text of `feedback.md`.
 *
 * @param maxBytes for places that take no more: what comes last is left out then, and the text says so
 */
export function feedbackMarkdown(grade: SubmissionGrade, maxBytes = Infinity): string {
  const view = viewOf(grade, 'student');
  const broken = brokenRules(view);
  const blocks = [
    `# Feedback for ${markdownCode(view.submission) || 'your submission'}`,
    ...paragraph(wording.noGrade(view) ?? wording.nothingGraded(view)),
    ...(view.outcome === 'error' ? [] : scores(view)),
    ...problems(view.problems),
    ...notes(view.assignments),
    ...differing(view).flatMap(differenceBlocks),
    ...(broken.length === 0 ? [] : [`## Broken ${broken.length === 1 ? 'rule' : 'rules'}`]),
    ...(broken.some(hasWalk) ? [wording.WALK_LEGEND] : []),
    ...broken.flatMap(brokenRule),
    ...unjudged(view.assignments),
  ];
  const last = `Graded by Faultline ${markdownCode(view.version)} with seed ${view.seed}.`;
  return `${[...fitting(blocks, maxBytes - LAST_WORDS), last].join('\n\n')}\n`;
}

/** The first blocks that have room together. Blocks stay whole, so nothing of one spills into the rest of a page. */
function fitting(blocks: readonly string[], maxBytes: number): readonly string[] {
  let bytes = 0;
  const first = blocks.findIndex((block) => {
    bytes += new TextEncoder().encode(block).length + 2;
    return bytes > maxBytes;
  });
  return first === -1 ? blocks : [...blocks.slice(0, first), TOO_LONG];
}

function scores(view: GradeView): string[] {
  if (view.assignments.length === 0) return [];
  const checks = view.assignments.flatMap((assignment) => assignment.checks);
  const all = `| **Total** | **${formatPoints(view.score)}** | **${formatPoints(view.maxScore)}** | ${view.percent} % |`;
  return [
    [
      '| assignment | score | of | |',
      '| --- | ---: | ---: | --- |',
      ...view.assignments.map(scoreRow),
      all,
    ].join('\n'),
    ...paragraph(wording.hiddenText(view.assignments), 'Included: '),
    ...paragraph(wording.trouble(checks)),
    ...paragraph(wording.allWell(view)),
  ];
}

function scoreRow(assignment: AssignmentView): string {
  const counts = wording.counts(assignment);
  const cells = [
    markdownText(assignment.title),
    counts ? formatPoints(assignment.score) : '–',
    counts ? formatPoints(assignment.maxScore) : '–',
    remarks(assignment),
  ];
  return `| ${cells.join(' | ')} |`;
}

function problems(list: readonly Problem[]): string[] {
  if (list.length === 0) return [];
  const lines = list.flatMap((problem) => wording.problemText(problem).split('\n'));
  const onlyTypes = list.every((problem) => problem.kind === 'type');
  return [
    '## Problems in the files',
    markdownFence(firstLines(lines, MAX_PROBLEM_LINES)),
    ...(onlyTypes ? ['Type errors cost no points by themselves; most are bugs all the same.'] : []),
  ];
}

function notes(assignments: readonly AssignmentView[]): string[] {
  const items = assignments.flatMap(({ title, notes: lines }) =>
    lines.map((note) => `- **${markdownText(title)}**: ${markdownProse(note)}`),
  );
  return items.length === 0 ? [] : ['## Notes', items.join('\n')];
}

function differenceBlocks({ title, difference }: Differing): string[] {
  return [
    `## ${markdownText(title)}: ${NOT_DETERMINISTIC}`,
    ...paragraph(differenceSentence(difference)),
    markdownFence(differenceLines(difference, CODE_WIDTH)),
  ];
}

function brokenRule(broken: BrokenRule): string[] {
  const { rule, failure } = broken;
  const title = `### ${markdownText(rule.id)}: ${markdownText(rule.title)} (${wording.pointsText(rule.points)})`;
  if (failure === null) return [title, markdownText(withoutFailure(broken))];
  const steps = numberedSteps(failure.steps, failure.failingStep, CODE_WIDTH);
  const where = wording.stackText(failure.stack);
  const printed = logLines(failure);
  return [
    title,
    ...paragraph(failure.summary),
    ...(steps.length === 0 ? [] : [markdownFence(steps.map((step) => step.text))]),
    markdownFence(besideEachOther(failure.expected, failure.observed, CODE_WIDTH)),
    ...titledBlock('Page walk', walkLines(failure)),
    ...(where === '' ? [] : [`In your code: ${markdownCode(where)}`]),
    ...titledBlock('Printed by your code', printed),
    ...paragraph(failure.hint, '**Hint.** '),
    ...titledBlock(
      `See it again (in the checkout of Faultline, with the path of your folder for \`${STUDENT_FOLDER}\`)`,
      failure.replay === '' ? [] : [studentReplay(failure)],
      'sh',
    ),
  ];
}

function titledBlock(title: string, lines: readonly string[], language = 'text'): string[] {
  return lines.length === 0 ? [] : [`${title}:`, markdownFence(lines, language)];
}

function hasWalk({ failure }: BrokenRule): boolean {
  return failure !== null && walkLines(failure).length > 0;
}

function unjudged(assignments: readonly AssignmentView[]): string[] {
  const groups = notJudged(assignments);
  if (groups.length === 0) return [];
  const items = groups.flatMap(({ rule, checks }) => [
    rule === null
      ? `- ${OTHER_CHECKS}`
      : `- **${markdownText(rule.id)}: ${markdownText(rule.title)}** (${wording.pointsText(rule.points)})`,
    ...[...wording.skippedByReason(checks)].flatMap(([reason, group]) => [
      `  - ${markdownProse(reason)}`,
      ...group.map((check) => `    - ${markdownText(wording.checkName(check))}`),
    ]),
  ]);
  return [
    '## Not judged',
    ...(groups.some(({ rule }) => rule !== null) ? [NOT_JUDGED] : []),
    items.join('\n'),
  ];
}

function paragraph(text: string | null, lead = ''): string[] {
  return text === null || text.trim() === '' ? [] : [lead + markdownProse(text)];
}
