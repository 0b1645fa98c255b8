/**
 * The store of regular files, by name. A file lives as long as it has a name or an open handle: an unlinked file disappears from the store at
 * once, and stays readable through the handles that are open.
 */
import type { FileSpec } from '../contract/file-rule.ts';
import type { PageCache } from './page-cache.ts';
import { StoredFile } from './regular-file.ts';

export class FileStore {
  readonly #byName = new Map<string, StoredFile>();
  /** Open handles of each file that has any. */
  readonly #handles = new Map<StoredFile, number>();
  readonly #cache: PageCache;
  #ino = 1;

  /** `cache` is told when the blocks of a file change, and when a file is gone. */
  constructor(cache: PageCache) {
    this.#cache = cache;
  }

  /** Names of the files in the store, in the order in which they were made. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Every file that has a name, or an open handle, or both, by ascending inode number; `name` is `null` for an unlinked one. */
  *all(): Iterable<{ readonly name: string | null; readonly file: StoredFile }> {
    const names = new Map<StoredFile, string | null>(
      [...this.#handles.keys()].map((file) => [file, null]),
    );
    for (const [name, file] of this.#byName) names.set(file, name);
    const files = [...names].sort(([a], [b]) => a.ino - b.ino);
    for (const [file, name] of files) yield { name, file };
  }

  /** Adds a file; its inode number is new. Throws a `RangeError` if the name is taken or `spec` makes no sense. */
  create(spec: FileSpec, name = `file ${String(this.#ino)}`): StoredFile {
    if (this.#byName.has(name)) throw new RangeError(`there is a file ${name} already`);
    const { ino = this.#ino } = spec;
    if (!Number.isSafeInteger(ino) || ino < this.#ino)
      throw new RangeError(`the inode number ${String(ino)} is not exact, or not a new one`);
    const file = new StoredFile(ino, spec, (_, from) => {
      this.#cache.forget(ino, from);
    });
    this.#ino = ino + 1;
    this.#byName.set(name, file);
    return file;
  }

  /** The file with this name, or `undefined`. */
  get(name: string): StoredFile | undefined {
    return this.#byName.get(name);
  }

  /** The file with this inode number, if it has a name or an open handle. */
  withInode(ino: number): StoredFile | undefined {
    for (const { file } of this.all()) if (file.ino === ino) return file;
    return undefined;
  }

  /** Takes a name out of the store. Throws a `RangeError` if no file has it. */
  unlink(name: string): void {
    const file = this.#byName.get(name);
    if (file === undefined) throw new RangeError(`there is no file ${name}`);
    this.#byName.delete(name);
    this.#forgetIfGone(file);
  }

  /** Counts one more open handle of `file`. */
  opened(file: StoredFile): void {
    this.#handles.set(file, this.openHandles(file) + 1);
  }

  /** Counts one open handle less. */
  closed(file: StoredFile): void {
    const left = this.openHandles(file) - 1;
    if (left > 0) this.#handles.set(file, left);
    else this.#handles.delete(file);
    this.#forgetIfGone(file);
  }

  /** Handles of `file` that are open. */
  openHandles(file: StoredFile): number {
    return this.#handles.get(file) ?? 0;
  }

  /** Nobody can ask for the blocks of a file that has neither name nor handle, so they need not be cached. */
  #forgetIfGone(file: StoredFile): void {
    const isNamed = [...this.#byName.values()].includes(file);
    if (!isNamed && this.openHandles(file) === 0) this.#cache.forget(file.ino);
  }
}
