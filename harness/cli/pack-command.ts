/** `pack`: the grader with its options in one zip file, as platforms that run autograders of their own take it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { CommandLine } from './command-line.ts';
import { UsageError, writing } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { readGradeOptions } from './grade-options.ts';
import { didYouMeanOneOf, thereAre } from './nearest.ts';
import { packedFiles, ROOT } from './pipeline/packed-files.ts';
import type { Screen } from './screen.ts';
import { assignmentsNamed, requireChecks } from './selection.ts';
import { makeFolder, writeWhole } from './whole-file.ts';

interface Kit {
  /** Files of `pipelines/<platform>/`, at the top of the zip file. */
  readonly files: readonly string[];
  readonly next: string;
  /** Options that are packed unless others are given. */
  readonly defaults: Readonly<Record<string, string>>;
}

const KITS: Readonly<Record<string, Kit>> = {
  gradescope: {
    files: ['setup.sh', 'run_autograder'],
    next: 'Upload it on Gradescope: Configure Autograder, Zip file upload.',
    // Students wait for the result.
    defaults: { 'time-limit': '45' },
  },
  classroom50: {
    files: ['autograder.py'],
    next: 'Unpack it into CLASSROOM/autograders/ASSIGNMENT/ of your classroom50 repository.',
    defaults: {},
  },
};
const NAMES = Object.keys(KITS);
/** The same bytes each time. Zip files know no earlier time. */
const TIME = new Date(Date.UTC(1980, 0, 2));
const PROGRAM_MODE = 0o100_755;
const FILE_MODE = 0o100_644;
/** Options that are packed, and taken up again by the script of the platform. */
const PASSED_ON = ['assignment', 'only', 'require-layers', 'seed', 'runs', 'time-limit'] as const;

/** Writes the zip file. Throws if the command line makes no sense or it cannot be written. */
export async function packCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const [platform, ...more] = line.operands;
  const kit = kitNamed(platform);
  if (more.length > 0) throw new UsageError(`One platform at a time: ${NAMES.join(' or ')}.`);
  if (!existsSync(join(ROOT, 'pipelines', platform!))) {
    throw new UsageError(
      'This copy of Faultline was packed itself and cannot pack another: run "pack" in a checkout of the repository.',
    );
  }
  const { job } = readGradeOptions(line);
  if (job.assignments === null)
    throw new UsageError(
      'Say with --assignment what it grades: otherwise a file that nobody asked for changes what a submission is graded out of. "list" names the assignments.',
    );
  const named = assignmentsNamed(job.assignments);
  if (job.only !== null) requireChecks(job.only, named);
  const path = resolve(line.text('output') ?? `faultline-${platform!}.zip`);
  const bytes = await zipOf(platform!, kit, optionsOf(line, kit));
  await writing(path, async () => {
    await makeFolder(dirname(path));
    await writeWhole(path, bytes);
  });
  const size = (bytes.length / 2 ** 20).toFixed(1);
  screen.print(`${path} (${size} MiB)\n${kit.next} docs/pipelines.md says more.\n`);
  return EXIT.done;
}

function kitNamed(name: string | undefined): Kit {
  if (name === undefined) throw new UsageError(`For which platform?${thereAre(NAMES)}`);
  if (Object.hasOwn(KITS, name)) return KITS[name]!;
  throw new UsageError(`Nothing is packed for "${name}".${didYouMeanOneOf(name, NAMES)}`);
}

/** An argument a line: no value of these options that was accepted has a line end in it. */
function optionsOf(line: CommandLine, { defaults }: Kit): string {
  const lines = PASSED_ON.flatMap((name) => {
    const values = line.list(name) ?? [defaults[name] ?? []].flat();
    return values.length === 0 ? [] : [`--${name}=${values.join(',')}`];
  });
  return lines.map((text) => `${text}\n`).join('');
}

async function zipOf(platform: string, { files }: Kit, options: string): Promise<Buffer> {
  const zip = new ZipFile();
  const add = async (path: string, as: string, mode = FILE_MODE): Promise<void> => {
    zip.addBuffer(await readFile(path), as, { mtime: TIME, mode });
  };
  for (const name of files) await add(join(ROOT, 'pipelines', platform, name), name, PROGRAM_MODE);
  zip.addBuffer(Buffer.from(options), 'options', { mtime: TIME, mode: FILE_MODE });
  for (const name of packedFiles()) await add(join(ROOT, name), `faultline/${name}`);
  zip.end();
  return buffer(zip.outputStream);
}
