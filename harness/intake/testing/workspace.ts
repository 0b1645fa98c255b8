import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for the files of one test. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'faultline-intake-'));

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Writes files by their paths from the root; a path that ends in `/` is an empty folder. Returns the path of `folder`. */
  write(folder: string, files: Readonly<Record<string, string | Buffer>>): string {
    mkdirSync(this.path(folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const path = this.path(folder, name);
      mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
      if (!name.endsWith('/')) writeFileSync(path, content);
    }
    return this.path(folder);
  }

  /** Writes one file and returns its path. */
  file(name: string, content: string | Buffer): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
