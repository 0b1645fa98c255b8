/**
 * TypeScript as the compiler process gets it: with the engine's code for it kept from an earlier time, which halves what a compilation costs. Every
 * `import ts from 'typescript'` in this folder ends here (see `bundle.ts`).
 */
import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** Absolute path of `typescript.js`, filled in when this is bundled. */
declare const TYPESCRIPT_FILE: string;

export const typescriptFile = TYPESCRIPT_FILE;

const script = new Script(wrap(readFileSync(typescriptFile, 'utf8')), {
  filename: typescriptFile,
  // Made by another engine or with other flags it is refused, and then costs time only.
  cachedData: readIfThere(process.argv[2]),
});

/** The engine's code for all of TypeScript that has been used so far. */
export function typescriptCode(): Buffer {
  return script.createCachedData();
}

function readIfThere(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function load(): typeof import('typescript') {
  const module = { exports: {} };
  const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
  run.call(
    module.exports,
    module.exports,
    createRequire(typescriptFile),
    module,
    typescriptFile,
    dirname(typescriptFile),
  );
  return module.exports as typeof import('typescript');
}

/** @public Imported under the name `typescript`. */
export default load();
