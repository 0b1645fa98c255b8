/**
 * The plain-JavaScript programs that run in confined processes, built from the sources here and kept under the hash of everything they are
 * built from.
 */
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';

/** The programs: folders here with a `main.ts`. */
export type BundleName = 'child' | 'compiler';

const ROOT = resolve(__dirname, '../..');
const load = createRequire(__filename);
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
const built = new Map<BundleName, string>();

/** Absolute path of the program, built first if there is none for the sources as they are. Throws if it cannot be built or stored. */
export function bundlePath(name: BundleName): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  const folder = cacheFolder();
  const path = cached(folder, name) ?? build(folder, name);
  built.set(name, path);
  return path;
}

/** What a bundle was built from, kept beside it. */
interface Manifest {
  readonly hash: string;
  /** Source files, relative to the repository. */
  readonly inputs: readonly string[];
}

/** The bundle of an earlier run, if its sources have not changed. */
function cached(folder: string, name: BundleName): string | undefined {
  try {
    const { hash, inputs } = JSON.parse(
      readFileSync(manifestPath(folder, name), 'utf8'),
    ) as Manifest;
    const path = bundleFile(folder, name, hash);
    return hash === hashOf(name, inputs) && statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

function build(folder: string, name: BundleName): string {
  // Loaded on first need: most runs find their bundles built.
  const esbuild = load('esbuild') as typeof import('esbuild');
  const typescript = load.resolve('typescript');
  const result = esbuild.buildSync({
    entryPoints: [join(__dirname, name, 'main.ts')],
    absWorkingDir: ROOT,
    outfile: join(folder, `${name}.cjs`),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Loaded by its full path, since the bundle may lie where nothing is found by name.
    alias: { typescript: join(__dirname, 'compiler/load-typescript.ts') },
    define: { TYPESCRIPT_FILE: JSON.stringify(typescript) },
    // Independent of the settings of this repository and of the folder it lies in.
    tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
    // Everything bundled is a module, hence strict; SES refuses to start otherwise. esbuild does not say so in a CommonJS file.
    banner: { js: '"use strict";' },
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(result.metafile.inputs).sort();
  const hash = hashOf(name, inputs);
  const path = bundleFile(folder, name, hash);
  writeWhole(path, result.outputFiles[0]!.contents);
  writeWhole(manifestPath(folder, name), JSON.stringify({ hash, inputs } satisfies Manifest));
  removeOld(folder, name, path);
  return path;
}

/** A hash of everything that goes into a bundle: our sources by content, packages by version. */
function hashOf(name: BundleName, inputs: readonly string[]): string {
  const hash = createHash('sha256').update(`${name} ${ROOT} ${load.resolve('typescript')}`);
  for (const file of ['esbuild', 'ses', 'typescript'].map((name) =>
    load.resolve(`${name}/package.json`),
  ))
    hash.update(readFileSync(file));
  for (const input of [...inputs, relative(ROOT, __filename)]) {
    if (!input.includes('node_modules/'))
      hash.update(`\0${input}\0`).update(readFileSync(join(ROOT, input)));
  }
  return hash.digest('hex').slice(0, 20);
}

/** Removes bundles that were built long ago; younger ones may still be in use by another run. */
function removeOld(folder: string, name: BundleName, current: string): void {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (!entry.startsWith(`${name}-`) || path === current) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > KEEP_MS) rmSync(path, { force: true });
  }
}

function bundleFile(folder: string, name: BundleName, hash: string): string {
  return join(folder, `${name}-${hash}.cjs`);
}

function manifestPath(folder: string, name: BundleName): string {
  return join(folder, `${name}.json`);
}

/** Written under another name first, so that no process ever sees half a file, whoever else is building. */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** `node_modules/.cache/faultline`, or a folder of this user's where temporary files go, if that cannot be written. */
function cacheFolder(): string {
  const folder = join(ROOT, 'node_modules', '.cache', 'faultline');
  // By its real path, which is the one that the permissions of a process are about.
  return realpathSync(isWritable(folder) ? folder : temporaryFolder());
}

function isWritable(folder: string): boolean {
  const probe = join(folder, `.probe-${String(process.pid)}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** Others can write beside it, so it must be ours alone: a bundle is run without being looked at again. */
function temporaryFolder(): string {
  const user = process.getuid?.() ?? 0;
  const folder = `${tmpdir()}${sep}faultline-${String(user)}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const isOurs =
    lstatSync(folder).isDirectory() &&
    (process.platform === 'win32' || (uid === user && (mode & 0o077) === 0));
  if (!isOurs) throw new Error(`${folder} belongs to someone else or is open to others: remove it`);
  return folder;
}
