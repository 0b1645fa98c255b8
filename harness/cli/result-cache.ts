/**
 * Results by what they depend on, in a folder: what is there need not be graded again, by this run or any other. An entry is a compressed file with a checksum, so that
 * one that was cut off counts as none.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { type OutputError, writing } from './errors.ts';
import { nameOfKey, type ResultKey } from './result-key.ts';
import { makeFolder, writeWhole } from './whole-file.ts';

/** A result, and whether it was there already. */
export interface Found {
  readonly grade: SubmissionGrade;
  readonly isKept: boolean;
}

export interface CacheOptions {
  /** Whether what earlier runs left in the folder counts. */
  readonly isTrusted: boolean;
  /** Whether a result may be used again. What may not is not kept either. */
  readonly isGood: (grade: SubmissionGrade) => boolean;
  /** Told if a result cannot be kept. */
  readonly onFailure: (error: OutputError) => void;
}

export class ResultCache {
  readonly #path: string;
  readonly #options: CacheOptions;
  /** Results that are being looked up or made, by the name of their key. */
  readonly #asked = new Map<string, Promise<Found>>();
  /** Names of the keys whose results this run has written. */
  readonly #written = new Set<string>();

  constructor(path: string, options: CacheOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** The result under a key, made by `make` if there is none. Who asks for one that is being made waits for it: the same code is graded once. */
  async get(key: ResultKey, make: () => Promise<SubmissionGrade>): Promise<Found> {
    const name = nameOfKey(key);
    const asked = this.#asked.get(name);
    if (asked !== undefined) {
      const { grade } = await asked;
      if (this.#options.isGood(grade)) return { grade, isKept: true };
    }
    const found = this.#find(name, make);
    this.#asked.set(name, found);
    try {
      return await found;
    } finally {
      this.#asked.delete(name);
    }
  }

  async #find(name: string, make: () => Promise<SubmissionGrade>): Promise<Found> {
    const { isTrusted, isGood, onFailure } = this.#options;
    const kept = isTrusted || this.#written.has(name) ? await this.#read(name) : null;
    if (kept !== null && isGood(kept)) return { grade: kept, isKept: true };
    const grade = await make();
    if (isGood(grade)) await this.#write(name, grade).catch(onFailure);
    return { grade, isKept: false };
  }

  async #read(name: string): Promise<SubmissionGrade | null> {
    try {
      const bytes = await promisify(gunzip)(await readFile(this.#file(name)));
      // Loaded on first need: most runs find nothing.
      const { parseResults } = await import('../scoring/results-schema.ts');
      return parseResults(bytes.toString('utf8'));
    } catch {
      // Not there, or damaged: graded again.
      return null;
    }
  }

  async #write(name: string, grade: SubmissionGrade): Promise<void> {
    const file = this.#file(name);
    await writing(file, async () => {
      await makeFolder(this.#path);
      await writeWhole(file, await promisify(gzip)(JSON.stringify(grade)));
      this.#written.add(name);
    });
  }

  #file(name: string): string {
    return join(this.#path, `${name}.json.gz`);
  }
}
