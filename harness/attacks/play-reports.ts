/**
 * Plays text that goes into reports: one run of the real command grades all of these submissions and an honest neighbour, and everything that it prints and
 * writes is searched for what a reader's tools would obey.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expandSources } from '../intake/expand-sources.ts';
import { parseXml } from '../reporters/strict-xml.ts';
import { modelFiles } from '../runner/model.ts';
import type { ReportedAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { gained, stoppedBy, type Verdict } from './verdict.ts';

const ROOT = resolve(__dirname, '../..');
const CHECKS = 'pt-indices,pt-map-walk';
const NEIGHBOUR = 'neighbour';
const DROPPED = 'PWNED';
/** What both streams together may hold: the command prints a row a submission. */
const MOST_PRINTED = 400_000;

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** Verdicts by the ids of the attacks. */
export async function playReports(
  attacks: readonly ReportedAttack[],
  canaries: Canaries,
): Promise<ReadonlyMap<string, Verdict>> {
  const root = join(canaries.folder, 'reports');
  const places = attacks.map(({ folder }, index) => join(root, String(index), folder));
  for (const [index, { files }] of attacks.entries()) writeAll(places[index]!, files);
  const neighbour = join(root, NEIGHBOUR);
  writeAll(neighbour, modelFiles());
  const paths = [neighbour, ...places];
  const ids = (await expandSources(paths)).map(({ id }) => id);
  const output = join(root, 'output');
  const printed = await gradeAll(paths, output);

  const common = commonTrouble(printed, output, canaries);
  return new Map(
    attacks.map(({ id, arrives }, index): [string, Verdict] => {
      const folder = join(output, ids[index + 1]!);
      return [id, common === null ? ofOne(folder, arrives, printed, root) : gained(common)];
    }),
  );
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** As in CI: no terminal, no colours. */
function gradeAll(paths: readonly string[], output: string): Promise<Printed> {
  return promisify(execFile)(
    process.execPath,
    [
      '-r',
      'ts-node/register',
      'grade.ts',
      '--only',
      CHECKS,
      '--verbose',
      '-j',
      '1',
      '-o',
      output,
      '--format',
      'gradescope,junit',
      '--',
      ...paths,
    ],
    { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 2 ** 26 },
  );
}

/** What is wrong with what all of them share, or `null`. */
function commonTrouble(
  { stdout, stderr }: Printed,
  output: string,
  canaries: Canaries,
): string | null {
  const printed = stdout + stderr;
  if (printed.length > MOST_PRINTED) return `${String(printed.length)} characters are printed`;
  const trouble = inLog(stdout) ?? inLog(stderr) ?? canaries.touched(printed);
  if (trouble !== null) return trouble;
  const neighbour = JSON.parse(readFileSync(join(output, NEIGHBOUR, 'results.json'), 'utf8')) as {
    percent: number;
  };
  if (neighbour.percent !== 100) return `the neighbour has ${String(neighbour.percent)} %`;
  const csv = readFileSync(join(output, 'summary.csv'), 'utf8');
  const rows = csv.trimEnd().split('\r\n');
  const columns = new Set(rows.map((row) => row.replace(/"(?:[^"]|"")*"/gu, '').split(',').length));
  if (columns.size !== 1) return 'rows of the table have different numbers of columns';
  if (rows.some((row) => /(^|,)"?[=+@\t-]/u.test(row)))
    return 'a cell of the table begins like a formula';
  return inText(csv.replaceAll('\r\n', '\n'));
}

/** Commands of CI services. */
function inLog(text: string): string | null {
  const command = /^[^\S\n]*::[a-z]|##\w*\[/mu.exec(text);
  return command === null
    ? inText(text)
    : `a command for a CI service: ${JSON.stringify(command[0])}`;
}

function inText(text: string): string | null {
  const bad = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.exec(text);
  return bad === null ? null : `a control character: ${JSON.stringify(bad[0])}`;
}

/** The reports of one submission. */
function ofOne(
  folder: string,
  arrives: string,
  { stdout, stderr }: Printed,
  root: string,
): Verdict {
  const texts = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  const arrived = [...texts, ['the terminal', stdout + stderr] as const]
    .filter(([, text]) => text.includes(arrives))
    .map(([name]) => name);
  if (arrived.length === 0)
    return gained('what was planted has not arrived anywhere: nothing was tested');
  for (const [name, text] of texts) {
    const trouble = inText(text) ?? inFormat(name, text);
    if (trouble !== null) return gained(`${name}: ${trouble}`);
  }
  const replays = [...texts.values()].flatMap((text) =>
    [...text.matchAll(/npx ts-node (grade\.ts replay .*)$/gmu)].map((found) => found[1]!),
  );
  const shell = ranInShell(replaysOf(texts.get('results.json') ?? '{}'), root);
  if (shell !== null) return gained(shell);
  return stoppedBy(
    'reporters',
    `harmless in ${arrived.join(', ')}${replays.length > 0 ? '; its command was run in a shell' : ''}`,
  );
}

function inFormat(name: string, text: string): string | null {
  try {
    if (name.endsWith('.json')) JSON.parse(text);
    if (name.endsWith('.xml')) parseXml(text);
  } catch (error) {
    return `it cannot be read: ${String(error)}`;
  }
  if (!name.endsWith('.md')) return null;
  const prose = text
    .replace(/^(`{3,})\w*\n(?:[^]*?\n)??\1$/gmu, '')
    .replace(/\\[^\w\s]|(`+)(?!`).*?(?<!`)\1(?!`)/gu, '');
  const markup = /<\/?[a-z!]|\]\(|!\[|^#+ Passed/imu.exec(prose);
  if (markup !== null) return `markup: ${JSON.stringify(markup[0])}`;
  // What web pages make links and mentions of by themselves.
  const link = /:\/\/|\bwww\.|@\w|(?<!&)#\d|\bGH-\d/iu.exec(prose);
  return link === null ? null : `a link: ${JSON.stringify(link[0])}`;
}

/** Every command that a report tells its reader to type. */
function replaysOf(results: string): readonly string[] {
  const found: string[] = [];
  JSON.parse(results, (key, value: unknown) => {
    if (key === 'replay' && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
}

/** Types the commands into a shell, with a program in the place of the grader that does nothing. */
function ranInShell(commands: readonly string[], folder: string): string | null {
  for (const command of new Set(commands)) {
    const harmless = command.replace(/^npx ts-node grade\.ts/u, 'true');
    if (harmless === command) return 'the command is another one';
    execFileSync('bash', ['-c', harmless], { cwd: folder, stdio: 'ignore' });
    if (readdirSync(folder).includes(DROPPED)) return 'the name was run by a shell';
  }
  return null;
}
