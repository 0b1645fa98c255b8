/** What is done, submission by submission, and its way to stdout: in the order of the command line, whatever was done first. */
import { resultsJson } from '../reporters/results-json.ts';
import { terminalReport } from '../reporters/terminal.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { type SummaryRow, summaryRow } from '../scoring/summary.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import type { Screen } from './screen.ts';
import { hasTrouble } from '../scoring/trouble.ts';

/** A submission that is done. The grade itself is not kept: there may be thousands. */
export interface Row {
  readonly summary: SummaryRow;
  /** The grader failed, on all of it or on a check. */
  readonly trouble: boolean;
}

export class Rows {
  readonly #screen: Screen;
  readonly #options: Pick<GradeCommandOptions, 'json' | 'detail'>;
  readonly #nameWidth: number;
  readonly #rows: (Row | undefined)[];
  /** Texts that wait for those before them. */
  readonly #texts = new Map<number, string>();
  #printed = 0;
  #isFirst = true;

  constructor(
    ids: readonly string[],
    options: Pick<GradeCommandOptions, 'json' | 'detail'>,
    screen: Screen,
  ) {
    this.#rows = ids.map(() => undefined);
    this.#nameWidth = Math.max(0, ...ids.map((id) => id.length));
    this.#options = options;
    this.#screen = screen;
  }

  /** Those that are done, in order. */
  get done(): readonly Row[] {
    return this.#rows.filter((row) => row !== undefined);
  }

  /** Before the first one. */
  begin(): void {
    if (this.#options.json) this.#screen.print('[');
  }

  /** Takes a grade, and prints all that can be printed now. */
  add(index: number, grade: SubmissionGrade): void {
    this.#rows[index] = { summary: summaryRow(grade), trouble: hasTrouble(grade) };
    this.#texts.set(index, this.#options.json ? indented(resultsJson(grade)) : this.#report(grade));
    for (; this.#texts.has(this.#printed); this.#printed++) this.#print(this.#printed);
  }

  /** Prints those that were waiting for one that never came. */
  end(): void {
    for (const index of [...this.#texts.keys()].sort((a, b) => a - b)) this.#print(index);
    if (this.#options.json) this.#screen.print('\n]\n');
  }

  #print(index: number): void {
    const text = this.#texts.get(index) ?? '';
    this.#texts.delete(index);
    const { json, detail } = this.#options;
    const apart = this.#rows.length > 1 && detail === 'verbose' ? '\n' : '';
    const lead = json ? `${this.#isFirst ? '' : ','}\n` : this.#isFirst ? '' : apart;
    this.#screen.print(lead + text);
    this.#isFirst = false;
  }

  #report(grade: SubmissionGrade): string {
    const { colors, width, audience, isOneTerminal } = this.#screen;
    const { detail } = this.#options;
    const isOne = this.#rows.length === 1;
    const isFull = isOne || detail === 'verbose';
    // With --verbose the checks of a single submission have been told already, one by one.
    const wasTold = isOne && detail === 'verbose' && isOneTerminal;
    return terminalReport(grade, {
      colors,
      width,
      audience,
      detail: !isFull ? 'quiet' : wasTold || !isOne ? 'normal' : detail,
      nameWidth: isOne ? 0 : this.#nameWidth,
    });
  }
}

/** An element of the array. No string of JSON has a line end in it. */
function indented(json: string): string {
  return json.trimEnd().replace(/^/gmu, '  ');
}
