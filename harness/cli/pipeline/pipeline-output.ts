/** Takes the grade of the one submission of a pipeline, and hands it over. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionGrade } from '../../scoring/grade.ts';
import { writing } from '../errors.ts';
import type { GradeOutput } from '../grade-output.ts';
import type { Screen } from '../screen.ts';
import { makeFolder, writeWhole } from '../whole-file.ts';
import type { Delivery, Files } from './delivery.ts';

export class PipelineOutput implements GradeOutput {
  readonly cache = null;
  readonly #delivery: Delivery;
  readonly #screen: Screen;
  #grade: SubmissionGrade | null = null;

  private constructor(delivery: Delivery, screen: Screen) {
    this.#delivery = delivery;
    this.#screen = screen;
  }

  /** Makes the folder, and writes what stands there until there is a grade. Throws an {@link OutputError}. */
  static async open(delivery: Delivery, screen: Screen): Promise<PipelineOutput> {
    const output = new PipelineOutput(delivery, screen);
    await output.#put(delivery.before);
    return output;
  }

  /** The platform knows who handed it in. */
  nameSubmitters(): Promise<void> {
    return Promise.resolve();
  }

  async save(grade: SubmissionGrade): Promise<void> {
    this.#grade = grade;
    await this.#put(this.#delivery.files(grade));
  }

  /** After the report, so that it does not stand between two commands of the platform. */
  async summarise(): Promise<number> {
    const grade = this.#grade;
    if (grade === null) return 0;
    this.#screen.print(this.#delivery.closing(grade));
    for (const [path, text] of Object.entries(this.#delivery.appended(grade))) {
      await writing(path, () => appendFile(path, text));
    }
    return 0;
  }

  async #put(files: Files): Promise<void> {
    const { output } = this.#delivery;
    if (output === null) return;
    await writing(output, () => makeFolder(output));
    for (const [name, text] of Object.entries(files)) {
      const path = join(output, name);
      await writing(path, () =>
        text === null ? rm(path, { force: true, recursive: true }) : writeWhole(path, text),
      );
    }
  }
}
