/** The engine's code for TypeScript, kept in a file: see `compiler/load-typescript.ts`. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { writeWhole } from './bundle.ts';
import type { CompileRequest } from './compiler/messages.ts';
import { MAKE_CODE } from './make-code.ts';

const MAKE_MS = 30_000;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * The path of the file, which is made first if there is none for this engine and `bundle`: by compiling `sample`, so that it holds what compiling
 * needs. `null` if that fails: compiling then takes longer, and nothing else changes.
 */
export function typescriptCode(
  node: readonly string[],
  bundle: string,
  sample: CompileRequest,
): string | null {
  const path = bundle.replace(/\.cjs$/, `-${process.version}-${process.arch}.code`);
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  const [command = '', ...args] = node;
  const { status, stdout } = spawnSync(command, [...args, MAKE_CODE], {
    input: JSON.stringify(sample),
    timeout: MAKE_MS,
    maxBuffer: MOST_BYTES,
    env: {},
  });
  if (status !== 0) return null;
  try {
    writeWhole(path, stdout);
    return path;
  } catch {
    return null;
  }
}
