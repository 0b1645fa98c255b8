/**
 * A failure as lines of plain text: what went wrong, the program, expected beside observed, the page walk, the student's line,
 * what was printed, the hint, the command that shows it again. The terminal colours these lines; Gradescope and JUnit join them.
 */
import type { Failure } from '../scoring/grade.ts';
import { firstLines } from './escaping.ts';
import { besideEachOther, numberedSteps, wrap } from './text-layout.ts';
import { stackText } from './wording.ts';

/** What a line is, for those who colour. */
export type Tone = 'plain' | 'failing' | 'dim' | 'hint';

/** One line of a report. */
export interface TextLine {
  readonly tone: Tone;
  readonly text: string;
}

const MAX_WALK = 40;
const MAX_LOG = 20;

/** A failure in lines of at most `width` characters (walk and command excepted, which are never broken). */
export function failureLines(failure: Failure, width: number): readonly TextLine[] {
  const where = stackText(failure.stack);
  const inner = width - 4;
  const indented = (lines: readonly string[], tone: Tone): TextLine[] =>
    lines.map((line) => ({ tone, text: `    ${line}`.trimEnd() }));
  const titled = (title: string, lines: readonly TextLine[]): TextLine[] =>
    lines.length === 0 ? [] : [blank, { tone: 'dim', text: title }, ...lines];
  return [
    ...plain(wrap(failure.summary, width)),
    ...titled(
      'program',
      numberedSteps(failure.steps, failure.failingStep, inner).map(({ text, failing }) => ({
        tone: failing ? 'failing' : 'plain',
        text: `  ${text}`,
      })),
    ),
    blank,
    ...indented(besideEachOther(failure.expected, failure.observed, inner), 'plain'),
    ...titled('page walk', indented(walkLines(failure), 'plain')),
    ...titled('in your code', where === '' ? [] : indented(wrap(where, inner, '  '), 'plain')),
    ...titled(
      'printed',
      logLines(failure).map((line) => ({ tone: 'dim', text: `    | ${line}`.trimEnd() })),
    ),
    ...titled('hint', indented(hintLines(failure, inner), 'hint')),
    ...titled('see it again', failure.replay === '' ? [] : indented([failure.replay], 'plain')),
  ];
}

/** The same as one text. */
export function failureText(failure: Failure, width = 100): string {
  return failureLines(failure, width)
    .map((line) => line.text)
    .join('\n');
}

/** The command that shows the failure again, with a folder of the student's in place of a path that only the grader has. */
export function studentReplay({ replay }: Failure): string {
  // Nothing that follows the real `--check` contains another one.
  return replay.replace(/ replay .* --check /su, ` replay ${STUDENT_FOLDER} --check `);
}

/** What a student's folder is called in commands; the same as in `student-template/README.md`. */
export const STUDENT_FOLDER = 'my-folder';

/** Lines of the page walk; none if there is none. */
export function walkLines({ walk }: Failure): readonly string[] {
  return walk === null || walk.trim() === ''
    ? []
    : firstLines(walk.trimEnd().split('\n'), MAX_WALK);
}

/** The first lines the student's code printed. */
export function logLines({ log }: Failure): readonly string[] {
  return firstLines(log.flatMap((entry) => entry.split('\n')).map(shortened), MAX_LOG);
}

const blank: TextLine = { tone: 'plain', text: '' };

function plain(lines: readonly string[]): TextLine[] {
  return lines.map((text) => ({ tone: 'plain', text }));
}

function hintLines({ hint }: Failure, width: number): readonly string[] {
  return hint.trim() === '' ? [] : wrap(hint.trim(), width);
}

function shortened(line: string): string {
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}
