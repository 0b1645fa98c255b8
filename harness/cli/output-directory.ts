/** The folder named by `--output`: a folder for each submission, and tables of all. Every file appears whole or not at all. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { feedbackMarkdown } from '../reporters/feedback-markdown.ts';
import { resultsJson, visibleJson } from '../reporters/results-json.ts';
import type { Submitter } from '../intake/submitter.ts';
import type { Diagnostics, SubmissionGrade } from '../scoring/grade.ts';
import { summarise, type SummaryRow } from '../scoring/summary.ts';
import { type Format, FORMAT_FILES, formatsIn, rowsOfOthers } from './earlier-results.ts';
import { writing } from './errors.ts';
import type { GradeOutput } from './grade-output.ts';
import type { ResultKey } from './result-key.ts';
import { makeFolder, writeWhole } from './whole-file.ts';

const SUBMITTERS = 'submitters.json';
/** What `results.json` holds where diagnostics have a file of their own. */
const NO_DIAGNOSTICS: Diagnostics = { durationMs: 0, node: '', layers: [], notes: [] };

export interface OutputOptions {
  readonly formats: readonly Format[];
  /** Whether what differs between two runs is kept apart, so that all other files have the same bytes each time. */
  readonly isTimeless: boolean;
}

export class OutputDirectory implements GradeOutput {
  readonly path: string;
  readonly cache: string;
  /** Formats that are written because earlier runs into this folder wrote them: none of their files is to become stale. */
  readonly inherited: readonly Format[];
  readonly #formats: readonly Format[];
  readonly #isTimeless: boolean;

  private constructor(
    path: string,
    { formats, isTimeless }: OutputOptions,
    found: readonly Format[],
  ) {
    this.path = path;
    this.cache = join(path, '.cache');
    this.inherited = found.filter((format) => !formats.includes(format));
    this.#formats = [...formats, ...this.inherited];
    this.#isTimeless = isTimeless;
  }

  /** Makes the folder if need be, and tries whether it can be written to. Throws an {@link OutputError}. */
  static async open(path: string, options: OutputOptions): Promise<OutputDirectory> {
    const directory = new OutputDirectory(path, options, await formatsIn(path));
    const probe = join(path, '.probe');
    await writing(join(path, '.'), async () => {
      await makeFolder(path);
      await writeFile(probe, '');
      await rm(probe, { force: true });
    });
    return directory;
  }

  /** Writes the files of a submission. Without a key its result depends on more than what was handed in. Throws an {@link OutputError}. */
  async save(grade: SubmissionGrade, key: ResultKey | null): Promise<void> {
    const folder = grade.submission;
    await writing(join(this.path, folder), async () => {
      await makeFolder(join(this.path, folder));
      // It belongs to the results that are there.
      await rm(join(this.path, folder, 'key.json'), { force: true });
    });
    for (const [name, text] of await this.#filesOf(grade))
      await this.#write(join(folder, name), text);
    if (key !== null) await this.#write(join(folder, 'key.json'), `${visibleJson(key)}\n`);
  }

  /** Writes who handed in what, as far as platforms tell; others in the folder stay listed. Throws an {@link OutputError}. */
  async nameSubmitters(
    submissions: readonly { readonly id: string; readonly submitters: readonly Submitter[] }[],
  ): Promise<void> {
    const path = join(this.path, SUBMITTERS);
    const known = await readFile(path, 'utf8')
      .then((text) => JSON.parse(text) as object)
      .catch(() => ({}));
    const all = new Map<string, unknown>(Object.entries(known));
    for (const { id, submitters } of submissions) {
      if (submitters.length > 0) all.set(id, submitters);
      else all.delete(id);
    }
    if (all.size === 0) return rm(path, { force: true });
    const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    await this.#write(SUBMITTERS, `${visibleJson(Object.fromEntries(sorted))}\n`);
  }

  /**
   * Writes the tables, each whether or not the other can be written: these rows, and those of all other submissions that were graded into this folder before, by name. Gives the number of
   * the latter. Throws an {@link OutputError}.
   */
  async summarise(rows: readonly SummaryRow[]): Promise<number> {
    const others = await rowsOfOthers(this.path, new Set(rows.map((row) => row.submission)));
    const byName = (a: SummaryRow, b: SummaryRow): number => (a.submission < b.submission ? -1 : 1);
    const all = [...rows, ...others].sort(byName);
    const summary = summarise(
      this.#isTimeless ? all.map((row) => ({ ...row, seconds: null })) : all,
    );
    const { summaryCsv } = await import('../reporters/summary-csv.ts');
    const { summaryJson } = await import('../reporters/summary-json.ts');
    const written = await Promise.allSettled([
      this.#write('summary.csv', summaryCsv(summary)),
      this.#write('summary.json', summaryJson(summary)),
    ]);
    const failed = written.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return others.length;
  }

  async #filesOf(graded: SubmissionGrade): Promise<readonly (readonly [string, string])[]> {
    const grade = this.#isTimeless ? { ...graded, diagnostics: NO_DIAGNOSTICS } : graded;
    const files: [string, string][] = [['results.json', resultsJson(grade)]];
    if (this.#isTimeless) files.push(['diagnostics.json', `${visibleJson(graded.diagnostics)}\n`]);
    files.push(['feedback.md', feedbackMarkdown(grade)]);
    if (this.#formats.includes('gradescope')) {
      const { gradescopeJson } = await import('../reporters/gradescope.ts');
      files.push([FORMAT_FILES.gradescope, gradescopeJson(grade)]);
    }
    if (this.#formats.includes('junit')) {
      const { junitXml } = await import('../reporters/junit-xml.ts');
      files.push([FORMAT_FILES.junit, junitXml(grade)]);
    }
    return files;
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.path, name);
    const isAsBefore = await readFile(path, 'utf8').then(
      (before) => before === text,
      () => false,
    );
    if (!isAsBefore) await writing(path, () => writeWhole(path, text));
  }
}
