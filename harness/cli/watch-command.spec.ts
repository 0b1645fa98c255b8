/** `watch` as a student meets it: a process, a folder, and an editor that saves in its own way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { cp, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descendants, grade, survivors } from './testing/command.ts';
import { copyOf, Watched } from './testing/watched.ts';

const GOOD = 'examples/submissions/only-page-table';
const REPORT = /graded in [\s\S]*?Total .*\n\n/u;
/** A few short programs for each check. */
const ARGS = ['-a', 'page-table', '--runs', '2'];

describe('grade.ts watch', function () {
  this.timeout(180_000);
  let folder = '';
  let remove = (): Promise<void> => Promise.resolve();
  let table = '';
  let good = '';
  let broken = '';
  let watched: Watched | null = null;

  beforeEach(async () => {
    ({ folder, remove } = await copyOf(GOOD));
    table = join(folder, 'page-table.ts');
    good = await readFile(table, 'utf8');
    broken = good.replace('% 512n', '% 256n');
    expect(broken).to.not.equal(good);
  });
  afterEach(async () => {
    await watched?.end('SIGKILL');
    await remove();
  });

  it('should say what a save has broken and mended, however an editor saves', async () => {
    const sut = (watched = new Watched(folder, ...ARGS));
    expect(await sut.until(REPORT)).to.include('Every rule holds.');

    // A file of another name takes its place.
    await writeFile(join(folder, '.page-table.ts.swp'), broken);
    await rename(join(folder, '.page-table.ts.swp'), table);
    const worse = await sut.until(REPORT);
    expect(worse).to.match(/^\d\d:\d\d:\d\d page-table\.ts saved\n {2}✗ fails: pt-indices\S* /mu);
    expect(worse)
      .to.match(/fails now: +pt-indices\S* /u)
      .and.to.include('score 30 → ');
    expect(worse).to.match(/^✗ PT-1: [\s\S]*expected[\s\S]*hint/mu);

    // It is deleted, and written in two pieces.
    await unlink(table);
    await writeFile(table, good.slice(0, 100));
    await writeFile(table, good);
    const better = await sut.until(REPORT);
    expect(better).to.match(/^ {2}✓ passes now: pt-indices\S* .*$/mu);
    expect(better.indexOf('passes now')).to.be.lessThan(better.indexOf('graded in'));
    expect(better).to.include('→ 30 of 30 (100 %)');

    await writeFile(table, `${good}\nexport const oops = ;\nexport const typed: bigint = 1;\n`);
    const unloadable = await sut.until(/page-table\.ts:\d+:21: syntax error: .*\n/u);
    expect(unloadable).to.not.include('graded in');
    await sut.until(REPORT);

    // What was mended in the meantime is compared with what could be run the last time.
    await writeFile(table, `${good}\nexport const typed: bigint = 1;\n`);
    const typed = await sut.until(REPORT);
    expect(typed).to.match(/page-table\.ts:\d+:14: type error: /u);
    expect(typed).to.include('no check has changed');
    // eslint-disable-next-line no-control-regex
    expect(sut.printed).to.not.match(/\u001b|\r/u);
    expect(await sut.end()).to.equal(0);
  });

  it('should start nothing when nothing was changed that is graded', async () => {
    const sut = (watched = new Watched(folder, ...ARGS, '--only', 'PT-1'));
    await sut.until(REPORT);

    await writeFile(join(folder, 'README.md'), 'notes');
    await mkdir(join(folder, 'node_modules'));
    await writeFile(join(folder, 'node_modules', 'page-table.ts'), broken);
    await writeFile(join(folder, 'page-table.spec.ts'), 'a test of mine');
    await writeFile(table, good);
    // Noticed after all of these.
    await writeFile(join(folder, 'helper.ts'), 'export const one = 1n;');

    const text = await sut.until(REPORT);
    expect(text.match(/^\d\d:.*$/gmu)).to.have.length(2);
    expect(text)
      .to.match(/ helper\.ts saved\n/u)
      .and.to.include('no check has changed');
  });

  it('should drop a run for the save that overtakes it', async () => {
    const sut = (watched = new Watched(folder, '-a', 'page-table', '--runs', '60'));
    await sut.until(/^\d\d:\d\d:\d\d work\n/u);

    await writeFile(table, broken);

    const text = await sut.until(REPORT);
    expect(text.match(/graded in/gu)).to.have.length(1);
    expect(text).to.match(/^\d\d:\d\d:\d\d page-table\.ts saved, graded in/mu);
    // There is nothing to compare it with.
    expect(text)
      .to.match(/^score [\d.]+ of 30/mu)
      .and.not.include('fails now');
  });

  it('should wait for a folder that vanishes, and notice saves in the one that takes its place', async () => {
    const sut = (watched = new Watched(folder, ...ARGS, '--only', 'PT-1'));
    await sut.until(REPORT);

    await rename(folder, `${folder}-away`);
    await sut.until(/nothing to grade: There is no .*\n/u);
    await cp(`${folder}-away`, folder, { recursive: true });
    await sut.until(REPORT);
    await rm(folder, { recursive: true });
    await rename(`${folder}-away`, folder);
    await writeFile(table, broken);

    expect(await sut.until(REPORT)).to.match(/fails now: +pt-indices\S* /u);
  });

  it('should end with 0 when asked to, in the middle of a run, and leave no process', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const sut = (watched = new Watched(folder, '--runs', '400'));
      await sut.until(/^\d\d:\d\d:\d\d work\n/u);
      const processes = process.platform === 'linux' ? descendants(sut.child.pid ?? 0) : [];

      expect(await sut.end(signal)).to.equal(0);
      expect(await survivors(processes)).to.deep.equal([]);
    }
  });

  it('should end at a key, even while it looks again at a folder that has lost a file', async function () {
    // Elsewhere, the program that gives a command a terminal takes other arguments.
    if (process.platform !== 'linux') this.skip();
    await writeFile(join(folder, 'extra.ts'), 'export {};');
    const env: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm', CI: '' };
    const command = ['node', '-r', 'ts-node/register', 'grade.ts', 'watch', folder, ...ARGS];
    const child = spawn('script', ['-qec', command.join(' '), '/dev/null'], { env });
    try {
      const ended = once(child, 'exit');
      await new Promise<void>((resolve) => {
        let shown = '';
        child.stdout.on('data', (chunk) => {
          shown += String(chunk);
          if (shown.includes('q: quit')) resolve();
        });
      });
      await unlink(join(folder, 'extra.ts'));
      await setTimeout(100);
      child.stdin.write('q');

      expect(await Promise.race([ended, setTimeout(10_000, 'late')])).to.deep.equal([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('should refuse what cannot be watched, and say why', async () => {
    const zip = join(folder, '..', 'work.zip');
    await writeFile(zip, 'PK');
    const klass = join(folder, '..', 'class');
    for (const name of ['alice', 'bob']) await cp(folder, join(klass, name), { recursive: true });
    const cases = [
      [['watch'], 'Which folder?'],
      [['watch', `${folder}x`], 'Did you mean work?'],
      [['watch', zip], 'is not a folder. Only a folder can be watched'],
      [['watch', klass], 'There are several submissions in'],
      [['watch', folder, folder], 'One folder at a time'],
      [['watch', folder, '--only', 'pt-indxes'], 'Did you mean pt-indices?'],
      [['watch', folder, '--output', 'x'], 'has no option --output'],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await grade(...args);

      expect([code, stdout], message).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
    }
  });
});
