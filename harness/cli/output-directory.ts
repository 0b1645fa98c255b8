/**
 * The folder named by `--output`. Every file appears whole or not at all, and a submission's key last: whatever ends the command, what
 * has a key is complete.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { feedbackMarkdown } from '../reporters/feedback-markdown.ts';
import { resultsJson } from '../reporters/results-json.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { summarise, type SummaryRow } from '../scoring/summary.ts';
import { type Format, FORMAT_FILES, formatsIn, isThere, rowsOfOthers } from './earlier-results.ts';
import { OutputError, systemReason } from './errors.ts';

const KEY = 'key';

export class OutputDirectory {
  readonly path: string;
  /** Formats that are written because earlier runs into this folder wrote them: none of their files is to become stale. */
  readonly inherited: readonly Format[];
  readonly #formats: readonly Format[];

  private constructor(path: string, asked: readonly Format[], found: readonly Format[]) {
    this.path = path;
    this.inherited = found.filter((format) => !asked.includes(format));
    this.#formats = [...asked, ...this.inherited];
  }

  /** Makes the folder if need be, and tries whether it can be written to. Throws an {@link OutputError}. */
  static async open(path: string, formats: readonly Format[]): Promise<OutputDirectory> {
    const directory = new OutputDirectory(path, formats, await formatsIn(path));
    const probe = join(path, `.probe-${String(process.pid)}`);
    await directory.#saying('.', async () => {
      await makeFolder(path);
      await writeFile(probe, '');
      await rm(probe);
    });
    return directory;
  }

  /** The grade that was written under this key, if it is complete. */
  async reusable(id: string, key: string): Promise<SubmissionGrade | null> {
    try {
      const folder = join(this.path, id);
      if ((await readFile(join(folder, KEY), 'utf8')).trim() !== key) return null;
      // Loaded on first need: a run that does not resume has nothing to validate.
      const { parseResults } = await import('../scoring/results-schema.ts');
      return parseResults(await readFile(join(folder, 'results.json'), 'utf8'));
    } catch {
      // Not there, or damaged: graded again.
      return null;
    }
  }

  /** Writes the files of a submission. Without a key they are never reused. Throws an {@link OutputError}. */
  async save(grade: SubmissionGrade, key: string | null): Promise<void> {
    const folder = grade.submission;
    await this.#saying(folder, async () => {
      await makeFolder(join(this.path, folder));
      await rm(join(this.path, folder, KEY), { force: true });
    });
    await this.#write(join(folder, 'results.json'), resultsJson(grade));
    for (const [name, text] of await this.#derived(grade))
      await this.#write(join(folder, name), text);
    if (key !== null) await this.#write(join(folder, KEY), `${key}\n`);
  }

  /** Adds files that are made from kept results and are not there, of a format asked for only now. Throws an {@link OutputError}. */
  async complete(grade: SubmissionGrade): Promise<void> {
    for (const [name, text] of await this.#derived(grade)) {
      const path = join(grade.submission, name);
      if (!(await isThere(join(this.path, path)))) await this.#write(path, text);
    }
  }

  /**
   * Writes the tables: these rows, and those of all other submissions that were graded into this folder before, by name. Gives the number of
   * the latter. Throws an {@link OutputError}.
   */
  async summarise(rows: readonly SummaryRow[]): Promise<number> {
    const others = await rowsOfOthers(this.path, new Set(rows.map((row) => row.submission)));
    const byName = (a: SummaryRow, b: SummaryRow): number => (a.submission < b.submission ? -1 : 1);
    const summary = summarise([...rows, ...others].sort(byName));
    const { summaryCsv } = await import('../reporters/summary-csv.ts');
    const { summaryJson } = await import('../reporters/summary-json.ts');
    await this.#write('summary.csv', summaryCsv(summary));
    await this.#write('summary.json', summaryJson(summary));
    return others.length;
  }

  async #derived(grade: SubmissionGrade): Promise<readonly (readonly [string, string])[]> {
    const files: [string, string][] = [['feedback.md', feedbackMarkdown(grade)]];
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
    const temporary = `${path}.tmp`;
    await this.#saying(name, async () => {
      try {
        await writeFile(temporary, text);
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    });
  }

  async #saying(name: string, body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      throw new OutputError(`Cannot write ${join(this.path, name)}: ${systemReason(error)}.`);
    }
  }
}

/** Makes a folder and those above it. (`mkdir`'s own `recursive` never comes back where nothing can be made, as in `/proc`.) */
async function makeFolder(path: string): Promise<void> {
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isThere) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path);
}
