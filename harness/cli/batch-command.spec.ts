/** `grade.ts batch`, as processes: what it writes, what it uses again, and that nothing is lost however it ends. */
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseResults } from '../scoring/results-schema.ts';
import { SLOW } from '../testing/slow-code.ts';
import { descendants, finish, grade, sleep, start, survivors } from './testing/command.ts';

const SAMPLES = resolve(__dirname, '../../examples/submissions');
/** One check, so that a submission takes no time to speak of. */
const LITTLE = ['--only', 'PT-1', '--runs', '1'];
const KILLS = 25;

describe('grade.ts batch', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-batch-'));
  after(() => rmSync(folder, { recursive: true }));

  /** A class of samples under other names. */
  const classOf = (name: string, members: Readonly<Record<string, string>>): string => {
    const path = join(folder, name);
    for (const [student, sample] of Object.entries(members))
      cpSync(join(SAMPLES, sample), join(path, student), { recursive: true });
    return path;
  };

  it('should grade all that a folder holds, and use it all again', async () => {
    const students = classOf('two', { ada: 'only-page-table', dev: 'dev-pdpt-mask' });
    mkdirSync(join(students, 'empty'));
    const output = join(folder, 'two-results');

    const first = await grade('batch', students, '-o', output, ...LITTLE);
    const before = contents(output);
    const again = await grade('batch', students, '-o', output, ...LITTLE);
    const anew = await grade('batch', students, '-o', output, '--fresh', ...LITTLE);

    expect([first.code, again.code, anew.code]).to.deep.equal([0, 0, 0]);
    expect(readdirSync(join(output, 'ada')).sort()).to.deep.equal([
      'diagnostics.json',
      'feedback.md',
      'key.json',
      'results.json',
    ]);
    expect(first.stdout).to.match(/^3 submissions \(2 graded, 1 rejected\)/mu);
    expect(again.stdout).to.equal(first.stdout);
    expect(again.stderr.match(/ kept/gu)).to.have.length(2);
    expect(anew.stderr).not.to.include('kept');
    expect(contents(output)).to.deep.equal(before);
  });

  it('should not keep what slow code did not get to', async () => {
    const students = classOf('slow', { ada: 'only-page-table' });
    appendFileSync(join(students, 'ada', 'page-table.ts'), SLOW);
    const args = [students, '-o', join(folder, 'slow-results'), '-a', 'page-table'];

    const cut = await grade('batch', ...args, '--time-limit', '1');
    const again = await grade('batch', ...args, '--time-limit', '1');

    expect(cut.code).to.equal(0);
    expect(cut.stdout).to.include('Time was up');
    expect(again.stderr).to.not.include('kept');
    const feedback = readFileSync(join(folder, 'slow-results', 'ada', 'feedback.md'), 'utf8');
    expect(feedback).to.include('Time was up: code that takes 20 times as long');
  });

  it('should grade the same code once, and tell each student their own', async () => {
    const students = classOf('twins', { ada: 'dev-pdpt-mask', bob: 'dev-pdpt-mask' });
    const output = join(folder, 'twins-results');

    const { stderr } = await grade('batch', students, '-o', output, ...LITTLE);
    const [ada, bob] = ['ada', 'bob'].map((name) => {
      const text = readFileSync(join(output, name, 'results.json'), 'utf8');
      return text.replaceAll(join(students, name), 'PATH').replaceAll(`"${name}"`, 'NAME');
    });

    expect(stderr.match(/ kept/gu)).to.have.length(1);
    expect(ada).to.include('replay PATH --check').and.to.equal(bob);
  });

  it('should share results between folders, and take no damaged one', async () => {
    const students = classOf('shared', { ada: 'only-page-table', dev: 'dev-pdpt-mask' });
    const cache = join(folder, 'cache');
    const into = (name: string): Promise<{ stderr: string }> =>
      grade('batch', students, '-o', join(folder, name), '--cache', cache, ...LITTLE);

    await into('shared-1');
    const second = await into('shared-2');
    const [entry = ''] = readdirSync(cache);
    truncateSync(join(cache, entry), 100);
    const third = await into('shared-3');

    expect(second.stderr.match(/ kept/gu)).to.have.length(2);
    expect(third.stderr.match(/ kept/gu)).to.have.length(1);
    expect(contents(join(folder, 'shared-3'))).to.deep.equal(contents(join(folder, 'shared-1')));
  });

  it('should write its tables whatever a submission is called', async () => {
    const names = ['summary.csv.tmp', 'summary.json.tmp', 'summary.csv', '.summary.csv.tmp'];
    const students = classOf(
      'tables',
      Object.fromEntries(['ada', ...names].map((name) => [name, 'only-page-table'])),
    );
    const output = join(folder, 'tables-results');

    const { code } = await grade('batch', students, '-o', output, ...LITTLE);

    expect(code).to.equal(0);
    const rows = readFileSync(join(output, 'summary.csv'), 'utf8');
    for (const id of ['ada', 'summary.csv.tmp', 'summary.json.tmp', 'summary_csv'])
      expect(rows).to.include(`\n${id},`);
    expect(readFileSync(join(output, 'summary.json'), 'utf8')).to.include('"ada"');
  });

  it('should write one table where the other cannot be written', async () => {
    const students = classOf('one-table', { ada: 'only-page-table', bob: 'only-page-table' });
    const output = join(folder, 'one-table-results');
    mkdirSync(join(output, 'summary.csv', 'in-the-way'), { recursive: true });

    const { code, stderr } = await grade('batch', students, '-o', output, ...LITTLE);

    expect(code).to.not.equal(0);
    expect(stderr).to.match(/Cannot write .*summary\.csv/u);
    expect(readFileSync(join(output, 'summary.json'), 'utf8')).to.include('"ada"');
  });

  it('should say who handed in what, if a platform tells', async () => {
    const students = classOf('export', { submission_7: 'only-page-table' });
    writeFileSync(
      join(students, 'submission_metadata.yml'),
      'submission_7:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: "42"\n    :email: ada@example.edu\n',
    );
    const output = join(folder, 'export-results');

    await grade('batch', students, '-o', output, ...LITTLE);

    expect(JSON.parse(readFileSync(join(output, 'submitters.json'), 'utf8'))).to.deep.equal({
      submission_7: [
        { name: 'Ada Lovelace', sid: '42', email: 'ada@example.edu', platformId: null },
      ],
    });
  });

  it('should tell apart what is written when, for programs that read it', async () => {
    const students = classOf('read', { ada: 'only-page-table' });
    const output = join(folder, 'read-results');

    await grade('batch', students, '-o', output, ...LITTLE);
    const { diagnostics } = parseResults(readFileSync(join(output, 'ada/results.json'), 'utf8'));
    const told = JSON.parse(readFileSync(join(output, 'ada/diagnostics.json'), 'utf8')) as {
      durationMs: number;
    };

    expect(diagnostics).to.deep.equal({ durationMs: 0, node: '', layers: [], notes: [] });
    expect(told.durationMs).to.be.greaterThan(0);
    expect(readFileSync(join(output, 'summary.csv'), 'utf8')).not.to.include('seconds');
  });

  it('should refuse what contradicts itself', async () => {
    const { code, stderr } = await grade('batch', SAMPLES, '--fresh', '--resume');

    expect(code).to.equal(2);
    expect(stderr).to.include('exclude each other');
  });

  it(`should come to the same bytes after being killed at any of ${KILLS} moments`, async function () {
    this.timeout(1_800_000);
    const students = classOf('killed', { ada: 'only-page-table', eve: 'does-not-compile' });
    const args = ['batch', students, '-j', '2', ...LITTLE, '--format', 'junit', '-o'];
    const began = performance.now();
    await grade(...args, join(folder, 'whole'));
    const duration = performance.now() - began;
    const whole = contents(join(folder, 'whole'));
    const moments = fc.sample(
      fc.record({ share: fc.double({ min: 0.2, max: 1, noNaN: true }), bytes: fc.nat(400) }),
      { seed: 6, numRuns: KILLS },
    );

    for (const { share, bytes } of moments) {
      const output = join(folder, 'cut-short');
      rmSync(output, { recursive: true, force: true });
      const child = start([...args, output]);
      const ended = once(child, 'exit');
      await Promise.race([sleep(share * duration), ended]);
      const others = descendants(child.pid ?? 0);
      child.kill('SIGKILL');
      await ended;
      cutNewest(output, bytes);
      const { code, stdout, stderr } = await finish(start([...args, output, '--verbose']));

      expect(code, `${stdout}\n${stderr}`).to.equal(0);
      expect(contents(output)).to.deep.equal(whole);
      expect(await survivors(others)).to.deep.equal([]);
    }
  });
});

/** Every file in a folder of results by its path, but for what is promised to differ. */
function contents(path: string): Record<string, string> {
  const files = filesIn(path).filter(
    (name) => !name.startsWith('.cache/') && !name.endsWith('diagnostics.json'),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

/** Takes the end off the file that was written last, as a machine that lost its power may. */
function cutNewest(path: string, bytes: number): void {
  const age = (name: string): number => statSync(join(path, name)).mtimeMs;
  const newest = filesIn(path).sort((a, b) => age(b) - age(a))[0];
  if (newest === undefined) return;
  truncateSync(join(path, newest), Math.max(0, statSync(join(path, newest)).size - bytes));
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(path, name)).isFile(),
    );
  } catch {
    return [];
  }
}
