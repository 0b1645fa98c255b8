/** The command as a user meets it: a process with arguments, two streams and an exit code. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import {
  commandOf,
  descendants,
  finish,
  grade,
  said,
  sleep,
  start,
  survivors,
} from './harness/cli/testing/command.ts';
import { COMMANDS, optionsOf } from './harness/cli/commands.ts';
import type { SubmissionGrade } from './harness/scoring/grade.ts';
import { resultsSchema } from './harness/scoring/results-schema.ts';

const SOLUTION = 'reference/solution';
const LEAKING = 'examples/submissions/ben-munmap-leak';
const ONE_TABLE = 'examples/submissions/only-page-table';
/** Two checks, so that a run takes a second. */
const FEW = ['--only', 'pt-indices,lp-mmap-lazy'];

function zipOf(folder: string, path: string): Promise<unknown> {
  const zip = new ZipFile();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    zip.addFile(join(folder, name), `homework/${name}`);
  }
  zip.end();
  return once(zip.outputStream.pipe(createWriteStream(path)), 'finish');
}

function gradesIn(stdout: string): SubmissionGrade[] {
  return (JSON.parse(stdout) as unknown[]).map((one) => resultsSchema.parse(one));
}

describe('grade.ts', function () {
  this.timeout(60_000);
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-command-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  describe('--help and --version', () => {
    it('should name every option of every command within 100 columns', async () => {
      for (const command of COMMANDS) {
        const { code, stdout, stderr } = await grade(command.name, '--help');

        expect([code, stderr], command.name).to.deep.equal([0, '']);
        for (const { name, text } of optionsOf(command)) {
          expect(stdout).to.include(`--${name}`).and.include(text.split(' ')[0]);
        }
        expect(Math.max(...stdout.split('\n').map((line) => line.length))).to.be.at.most(100);
      }
    });

    it('should show help when asked for it in words', async () => {
      const [help, asked, ofList] = await Promise.all([
        grade('help'),
        grade('--help'),
        grade('help', 'list'),
      ]);

      expect(help).to.deep.equal(asked);
      expect(ofList.stdout).to.match(/^list: /u);
    });

    it('should show the version', async () => {
      const { code, stdout } = await grade('--version');

      expect(code).to.equal(0);
      expect(stdout).to.match(/^Faultline \d+\.\d+\.\d+ \(Node v/u);
    });
  });

  describe('mistakes on the command line', () => {
    const cases: readonly (readonly [string, readonly string[], string])[] = [
      ['no submission', [], 'Which submission?'],
      ['an unknown option', [SOLUTION, '--sed', '3'], 'Did you mean --seed?'],
      ['an unknown check', [SOLUTION, '--only', 'pt-indxes'], 'Did you mean pt-indices?'],
      ['an unknown assignment', [SOLUTION, '-a', 'page-tabel'], 'Did you mean page-table?'],
      ['a path with nothing at it', ['reference/solutoin'], 'Did you mean solution?'],
      ['an unknown rule', ['explain', 'TP-9'], 'Did you mean PT-9?'],
      ['a number that no rule has', ['explain', 'PT-99'], 'rule "PT-99". "list --rules" shows'],
      ['a file of one', [SOLUTION, '-a', 'eager-pager'], 'a file of the assignment address-space'],
      ['results in a submission', [SOLUTION, '-o', `${SOLUTION}/x`], 'into the submission'],
      ['results beside its files', [SOLUTION, '-o', 'reference'], 'into the submission'],
      ['a replay without a check', ['replay', SOLUTION], 'Add --check <id>'],
    ];
    for (const [what, args, message] of cases) {
      it(`should explain ${what}`, async () => {
        const { code, stdout, stderr } = await grade(...args);

        expect([code, stdout]).to.deep.equal([2, '']);
        expect(stderr).to.include(message).and.not.include('    at ');
      });
    }
  });

  describe('list and explain', () => {
    it('should list checks with their points', async () => {
      const { code, stdout } = await grade('list');

      expect(code).to.equal(0);
      expect(stdout).to.match(/^Four-level page table {2}\d+ points/mu);
      expect(stdout).to.match(/^ {2}pt-indices +PT-1 +1\.5 {2}\S/mu);
    });

    it('should list rules of one assignment', async () => {
      const { stdout } = await grade('list', '--rules', '-a', 'lazy-pager');

      expect(stdout)
        .to.match(/^ {2}LP-11 +\d/mu)
        .and.not.include('PT-1');
    });

    it('should list as JSON', async () => {
      const { stdout } = await grade('list', '--json');

      const [first] = JSON.parse(stdout) as { id: string; checks: { id: string }[] }[];
      expect(first?.id).to.equal('page-table');
      expect(first?.checks.map(({ id }) => id)).to.include('pt-indices');
    });

    it('should say what a fundamental rule is', async () => {
      const { stdout } = await grade('explain', 'PT-3');

      expect(stdout).to.include('Fundamental: while it is broken, many other checks cannot');
    });

    it('should explain a rule whatever its case', async () => {
      const { code, stdout } = await grade('explain', 'lp-11');

      expect(code).to.equal(0);
      expect(stdout)
        .to.match(/^LP-11: /u)
        .and.include('Why\n')
        .and.include('Example\n');
      expect(stdout).to.include('lp-read-then-write');
    });
  });

  describe('one submission', () => {
    it('should give the model all points, results on stdout and the rest on stderr', async () => {
      const { code, stdout, stderr } = await grade(...FEW, SOLUTION);

      expect(code).to.equal(0);
      expect(stdout).to.include('100 %').and.include('seed 1').and.not.include('\u001b');
      expect(stderr).to.equal('grading solution, seed 1\n');
    });

    it('should give the template nothing, and say what is not implemented', async () => {
      const { code, stdout } = await grade('student-template', ...FEW, '--fail-under', '0.1');

      expect(code).to.equal(1);
      expect(stdout)
        .to.match(/Total +0 \/ /u)
        .and.include('not implemented: PtIndices.fromVa');
    });

    it('should leave what is not submitted outside the percentage, unless it is named', async () => {
      const { stdout } = await grade(ONE_TABLE, ...FEW, '--quiet');
      const named = await grade(ONE_TABLE, '-a', 'lazy-pager', '--only', 'LP-5', '--quiet');

      expect(stdout).to.match(/^only-page-table {2}([\d.]+)\/\1 \(100 %\)\n$/u);
      expect(named.stdout).to.match(/ 0\/[\d.]+ \(0 %\) {2}lazy-pager: a file is missing\n$/u);
    });

    it('should tell what was not selected from what was not submitted', async () => {
      const one = await grade(LEAKING, '--only', 'PT-1');
      const nothing = await grade(ONE_TABLE, '--only', 'LP-11', '--quiet');

      expect(one.stdout)
        .to.match(/Lazy pager.* not selected$/mu)
        .and.not.include('not submitted');
      expect(nothing).to.include({
        code: 0,
        stdout: 'only-page-table  Nothing was graded: no file for lazy-pager in the submission\n',
      });
    });

    it('should hint at what a failure needs, whatever the check is about', async () => {
      const { stdout } = await grade('student-template', '--only', 'lp-munmap', '--json');
      const [failure] = gradesIn(stdout).flatMap(({ assignments }) =>
        assignments.flatMap(({ checks }) => checks.flatMap((check) => check.failure ?? [])),
      );

      expect(failure?.hint).to.match(/^\S+ is not implemented yet: write it, then grade again\.$/u);
    });

    for (const [what, only, place] of [
      ['hangs', 'lp-munmap-refuses', 'lazy-pager.ts:130'],
      ['eats-memory', 'lp-mmap-bad-address', 'lazy-pager.ts:105'],
      ['eats-buffers', 'lp-mmap-returns', 'lazy-pager.ts:129'],
      ['recurses', 'pt-map-walk', 'page-table.ts:217'],
    ] as const) {
      it(`should name the line where code ${what}`, async () => {
        const { stdout } = await grade(join('examples/submissions', what), '--only', only);

        expect(stdout)
          .to.match(/in your code/u)
          .and.include(place);
      });
    }

    it('should read a zip file', async () => {
      const path = join(folder, 'Zoë Zip.zip');
      await zipOf(SOLUTION, path);

      const { code, stdout } = await grade(path, ...FEW, '--quiet');

      expect(code).to.equal(0);
      expect(stdout).to.match(/^Zoë_Zip {2}.*\(100 %\)\n$/u);
    });

    it('should grade each submission of an export, and one of them again', async () => {
      const path = join(folder, 'export.zip');
      const zip = new ZipFile();
      const list = [11, 12].map((id) => `submission_${id}:\n  :submitters:\n  - :name: N${id}\n`);
      zip.addBuffer(Buffer.from(list.join('')), 'export/submission_metadata.yml');
      zip.addFile(join(LEAKING, 'page-table.ts'), 'export/submission_11/page-table.ts');
      zip.addBuffer(Buffer.from('//'), 'export/submission_12/notes.txt');
      zip.end();
      await once(zip.outputStream.pipe(createWriteStream(path)), 'finish');

      const { code, stdout } = await grade(path, '--only', 'pt-indices');
      const again = await grade('replay', `${path}/export/submission_11`, '--check', 'pt-indices');
      const unclear = await grade('replay', path, '--check', 'pt-indices');

      expect(code).to.equal(0);
      expect(stdout)
        .to.match(/^submission_11 .*\(100 %\)$/mu)
        .and.match(/^submission_12 .*rejected: No expected file/mu);
      expect(again.code).to.equal(0);
      expect(again.stdout).to.match(/^pt-indices .*\n.*\n\n✓ passed\n$/u);
      expect(unclear.code).to.equal(2);
      expect(unclear.stderr).to.include('export/submission_11');
    });

    it('should tell checks one by one with --verbose', async () => {
      const { stderr } = await grade(SOLUTION, ...FEW, '--verbose');

      expect(stderr).to.match(/^✓ pt-indices .*\n✓ lp-mmap-lazy /mu);
    });

    it('should colour if told to, and never against NO_COLOR', async () => {
      const forced = await finish(start(['list'], { FORCE_COLOR: '1' }));
      const refused = await finish(start(['list'], { FORCE_COLOR: '1', NO_COLOR: '1' }));

      expect(forced.stdout).to.include('\u001b[');
      expect(refused.stdout).to.include('pt-indices').and.not.include('\u001b');
    });
  });

  describe('several submissions', () => {
    it('should keep their order, and go on after one that cannot be read', async () => {
      const paths = [LEAKING, 'no/such/folder', 'package.json', ONE_TABLE];

      const { code, stdout, stderr } = await grade(...paths, ...FEW);

      expect(code).to.equal(0);
      const names = stdout.split('\n').map((line) => line.split(' ')[0]);
      expect(names).to.deep.equal([
        'ben-munmap-leak',
        'folder',
        'package.json',
        'only-page-table',
        '',
        '4',
        '',
      ]);
      expect(stdout)
        .to.match(/^folder +rejected: /mu)
        .and.include('2 graded, 2 rejected');
      expect(stderr).to.include('[4/4]');
      expect(stderr).to.include('There is no "no/such/folder"; it is listed as rejected.');
      expect(stderr).not.to.include('Not one submission');
    });

    it('should say what to do if nothing can be graded', async () => {
      const { code, stderr } = await grade('docs', 'package.json', '--quiet');

      expect(code).to.equal(0);
      expect(stderr).to.include('Not one submission could be graded.').and.include('page-table.ts');
    });

    it('should not take a link that leads nowhere for a wrong path', async () => {
      const link = join(folder, 'astray');
      await symlink('nowhere', link);

      const { stdout, stderr } = await grade(link, 'docs', '--quiet');

      expect(stdout).to.match(/^astray +rejected: "astray" is a symbolic link/mu);
      expect(stderr).not.to.include('There is no');
    });

    it('should print one JSON document, the same whatever runs side by side', async () => {
      const args = [LEAKING, ONE_TABLE, '--only', 'PT-1,LP-21', '--runs', '5', '--json'];

      const [one, two] = await Promise.all([grade(...args, '-j', '1'), grade(...args, '-j', '2')]);

      const [first, second] = [one, two].map(({ stdout }) =>
        gradesIn(stdout).map(({ diagnostics: _, ...rest }) => JSON.stringify(rest)),
      );
      expect(first).to.have.length(2).and.to.deep.equal(second);
    });

    it('should be an error row, not the end, when grading processes die', async function () {
      if (!existsSync('/proc/self/stat')) this.skip();
      const child = start([LEAKING, ONE_TABLE, '--only', 'PT-1', '--json', '-j', '2']);
      const outcome = finish(child);
      const killed = new Set<number>();
      // As soon as they come: each submission loses both its processes.
      while (child.exitCode === null) {
        for (const pid of descendants(child.pid!)) {
          if (killed.has(pid) || !commandOf(pid).includes('worker.ts')) continue;
          killed.add(pid);
          process.kill(pid, 'SIGKILL');
        }
        await sleep(20);
      }

      const { code, stdout, stderr } = await outcome;

      expect(code).to.equal(3);
      const grades = gradesIn(stdout);
      expect(grades.map((one) => one.outcome)).to.deep.equal(['error', 'error']);
      expect(grades[0]?.reason).to.include('SIGKILL');
      expect(stderr).to.include('nobody loses points');
    });

    it('should try again when one grading process dies', async function () {
      if (!existsSync('/proc/self/stat')) this.skip();
      const child = start([LEAKING, ONE_TABLE, '--only', 'PT-1', '-j', '2']);
      const outcome = finish(child);
      let victim: number | undefined;
      while (child.exitCode === null && victim === undefined) {
        victim = descendants(child.pid!).find((pid) => commandOf(pid).includes('worker.ts'));
        await sleep(20);
      }
      if (victim !== undefined) process.kill(victim, 'SIGKILL');

      const { code, stdout } = await outcome;

      expect([victim === undefined, code]).to.deep.equal([false, 0]);
      expect(stdout.match(/\(100 %\)/gu)).to.have.length(2);
    });
  });

  describe('--output', () => {
    it('should write all files, and keep them on --resume only if nothing changed', async () => {
      const output = join(folder, 'grades');
      const args = [LEAKING, ONE_TABLE, '--only', 'PT-1,LP-21', '--runs', '5', '-o', output];
      const results = join(output, 'ben-munmap-leak', 'results.json');

      const first = await grade(...args, '--format', 'gradescope,junit');
      const before = await readFile(results, 'utf8');
      const written = (await stat(results)).mtimeMs;
      const again = await grade(...args, '--resume');
      const kept = (await stat(results)).mtimeMs;
      const other = await grade(...args, '--resume', '--seed', '2');

      expect(first.code).to.equal(0);
      expect(readdirSync(output).sort()).to.deep.equal([
        '.cache',
        'ben-munmap-leak',
        'only-page-table',
        'summary.csv',
        'summary.json',
      ]);
      expect(readdirSync(join(output, 'ben-munmap-leak')).sort()).to.deep.equal([
        'feedback.md',
        'gradescope.json',
        'junit.xml',
        'key.json',
        'results.json',
      ]);
      resultsSchema.parse(JSON.parse(before));
      expect(readFileSync(join(output, 'summary.csv'), 'utf8').split('\r\n')).to.have.length(4);
      expect(again.stdout).to.equal(first.stdout);
      expect([again.stderr.match(/ kept$/gmu)?.length, kept]).to.deep.equal([2, written]);
      expect(other.stderr).not.to.include('kept');
    });

    it('should keep rows and formats of earlier runs into the same folder', async () => {
      const output = join(folder, 'kept');
      const few = ['--only', 'PT-1', '-o', output];
      const rows = (): string[] =>
        readFileSync(join(output, 'summary.csv'), 'utf8').match(/^[\w-]+(?=,)/gmu) ?? [];

      await grade(ONE_TABLE, LEAKING, ...few, '--format', 'junit');
      const other = await grade('student-template', ...few);
      const broken = await grade('examples/submissions/does-not-compile', '-o', output);

      expect(other.stderr).to.include('Also writing junit, as before');
      expect(other.stderr).to.include('its summary keeps 2 other rows from before');
      expect(existsSync(join(output, 'student-template', 'junit.xml'))).to.equal(true);
      expect(broken.stderr).to.include('keeps 3 other rows');
      expect(rows()).to.deep.equal([
        'submission',
        'ben-munmap-leak',
        'does-not-compile',
        'only-page-table',
        'student-template',
      ]);
      expect(readFileSync(join(output, 'summary.csv'), 'utf8')).to.match(
        /^does-not-compile,graded,does not compile,.*,lazy-pager fork,.*lazy-pager\.ts:\d+: .*,"?lazy-pager: lazy-pager\.ts does not compile/mu,
      );
    });

    it('should say why it cannot write, before anything is graded', async () => {
      const { code, stdout, stderr } = await grade(SOLUTION, '-o', 'package.json/grades');

      expect([code, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.include('a file is in the way');
    });

    it('should print all rows when one cannot be written', async () => {
      const output = join(folder, 'blocked');
      await grade(ONE_TABLE, '--only', 'PT-1', '-o', output);
      await rm(join(output, 'only-page-table'), { recursive: true });
      await writeFile(join(output, 'only-page-table'), 'in the way');

      const { code, stdout, stderr } = await grade(
        ONE_TABLE,
        LEAKING,
        '--only',
        'PT-1',
        '-o',
        output,
      );

      expect(code).to.equal(3);
      expect(stdout.match(/\(100 %\)/gu)).to.have.length(2);
      expect(stderr).to.include(`Cannot write ${join(output, 'only-page-table')}`);
      expect(existsSync(join(output, 'ben-munmap-leak', 'results.json'))).to.equal(true);
    });
  });

  describe('replay', () => {
    it('should show what a report shows, with the command that the report gives', async () => {
      const { stdout } = await grade(LEAKING, '--only', 'LP-21', '--runs', '5', '--json');
      const failures = gradesIn(stdout)
        .flatMap(({ assignments }) => assignments.flatMap(({ checks }) => checks))
        .flatMap(({ failure }) => failure ?? []);
      const command = failures[0]?.replay ?? '';

      const { code, stdout: replayed } = await grade(...command.split(' ').slice(3));

      expect(command).to.match(/^npx ts-node grade\.ts replay \S+ --check lp-\S+ --runs 5$/u);
      expect(code).to.equal(1);
      expect(replayed).to.include(failures[0]?.summary).and.include('expected');
    });

    it('should say that a check passes', async () => {
      const { code, stdout } = await grade('replay', SOLUTION, '--check', 'pt-indices');

      expect(code).to.equal(0);
      expect(stdout).to.include('✓ passed');
    });
  });

  describe('interruption', () => {
    before(function () {
      if (!existsSync('/proc/self/stat')) this.skip();
    });

    it('should write what is done, and leave no process behind', async () => {
      const output = join(folder, 'interrupted');
      const paths = [ONE_TABLE, LEAKING, SOLUTION, 'examples/submissions/ada-correct'];
      const child = start([...paths, '-o', output, '-j', '2', '--runs', '30']);
      const outcome = finish(child);
      await said(child, '[1/4]');
      const family = descendants(child.pid!);
      child.kill('SIGINT');

      const { code, stdout, stderr } = await outcome;

      expect(code).to.equal(130);
      expect(stderr).to.match(/Interrupted: \d of 4 submissions done\..*--resume/u);
      expect(stdout).to.include('only-page-table');
      expect(readFileSync(join(output, 'summary.csv'), 'utf8')).to.include('only-page-table');
      expect(family.length).to.be.above(2);
      expect(await survivors(family)).to.deep.equal([]);
    });

    it('should stop a single submission at once', async () => {
      const child = start([SOLUTION, '--verbose', '--runs', '2000']);
      const outcome = finish(child);
      await said(child, '✓ pt-indices');
      const family = descendants(child.pid!);
      child.kill('SIGTERM');

      const { code, stdout } = await outcome;

      expect([code, stdout]).to.deep.equal([130, '']);
      expect(await survivors(family)).to.deep.equal([]);
    });

    it('should leave no process behind when it is killed', async () => {
      const child = start([LEAKING, SOLUTION, '-j', '2', '--runs', '2000']);
      const outcome = finish(child);
      while (descendants(child.pid!).length < 6) await sleep(20);
      const family = descendants(child.pid!);
      child.kill('SIGKILL');
      await outcome;

      expect(await survivors(family)).to.deep.equal([]);
    });
  });
});
