import { pathTrouble, plainPath } from './inner-path.ts';
import { type ArchiveLimits, count } from './limits.ts';
import type { ListedFile } from './listed-file.ts';
import { type Listing, sortedListing, type Trouble } from './listing.ts';
import { isLitter } from './litter.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

/** Gathers the entries of an archive, whatever its format, and notes those that no submission may hold. */
export class ListingBuilder {
  readonly #files = new Map<string, ListedFile>();
  readonly #folders = new Set<string>();
  readonly #troubles: Trouble[] = [];
  readonly #source: string;
  readonly #mostFolders: number;
  readonly #again: string;
  #last: string | null = null;

  /** @param again - what to do about trouble, as a verb: `zip`. */
  constructor(source: string, limits: ArchiveLimits, again: string) {
    this.#source = source;
    this.#mostFolders = limits.entries;
    this.#again = again;
  }

  /**
   * The plain path of an entry called `name`; null if the entry is not to be looked at, or its path is refused.
   *
   * @throws {Refusal} when there are too many folders.
   */
  admit(name: string): string | null {
    this.#last = name;
    const trouble = pathTrouble(name);
    if (trouble !== undefined) {
      this.refuse(
        name,
        new Refusal(`The entry ${quote(name)} ${trouble}; ${this.#again} the plain folder again.`),
      );
      return null;
    }
    const path = plainPath(name);
    if (path === '' || path.split('/').some(isLitter)) return null;
    this.#above(path);
    return path;
  }

  /** Adds a file under an admitted path; a second one of that path is refused. */
  file(path: string, read: ListedFile['read']): void {
    if (this.#files.has(path)) {
      this.refuse(
        path,
        new Refusal(`The entry ${quote(path)} occurs twice; ${this.#again} the folder again.`),
      );
    } else this.#files.set(path, { path, read });
  }

  /** Adds a folder under an admitted path. */
  folder(path: string): void {
    this.#folders.add(path);
  }

  /** Refuses an entry that is neither file nor folder; `kind` with its article. */
  special(path: string, kind: string): void {
    this.refuse(
      path,
      new Refusal(`The entry ${quote(path)} is ${kind}; put the file itself in its place.`),
    );
  }

  /** Notes that the entry at `path`, as stored, is refused. */
  refuse(path: string, refusal: Refusal): void {
    this.#troubles.push({ path, refusal });
  }

  /** @param incomplete - why the archive may hold more. */
  finish(incomplete: Refusal | null): Listing {
    for (const path of this.#folders) {
      if (!this.#files.has(path)) continue;
      this.refuse(
        path,
        new Refusal(
          `The entry ${quote(path)} is both a file and a folder; ${this.#again} it again.`,
        ),
      );
    }
    return {
      ...sortedListing([...this.#files.values()], this.#folders, this.#troubles),
      incomplete,
      last: this.#last,
    };
  }

  /** From the inside outwards, as far as they are not known. */
  #above(path: string): void {
    let end = path.lastIndexOf('/');
    for (; end !== -1; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (this.#folders.has(folder)) return;
      this.#folders.add(folder);
    }
    if (this.#folders.size <= this.#mostFolders) return;
    throw new Refusal(
      `${quote(this.#source)} has more than ${count(this.#mostFolders)} folders; ${this.#again} only the code.`,
    );
  }
}
