/** `grade.ts pack`, and what comes of it on the platforms: unpacked, set up and run as they do it. */
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { openPromise } from 'yauzl';
import { grade } from './testing/command.ts';

const SAMPLES = resolve(__dirname, '../../examples/submissions');
const AUTHOR = ['-c', 'user.name=a', '-c', 'user.email=a@example.edu'];
const LITTLE = ['-a', 'page-table', '--only', 'PT-1,PT-14'];

describe('grade.ts pack', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-pack-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Packs and unpacks. */
  const kit = async (platform: string): Promise<string> => {
    const zip = join(folder, `${platform}.zip`);
    expect((await grade('pack', platform, '-o', zip, ...LITTLE)).code).to.equal(0);
    const into = join(folder, platform, 'source');
    await unpack(zip, into);
    return into;
  };
  const run = (
    command: string,
    args: readonly string[],
    cwd: string,
    env: object = {},
  ): Promise<{ stdout: string }> =>
    promisify(execFile)(command, args, { cwd, env: { ...process.env, ...env } });

  it('should pack the same bytes each time, with the options and programs that can be started', async () => {
    const paths = ['one.zip', 'two.zip'].map((name) => join(folder, name));
    for (const path of paths)
      await grade('pack', 'gradescope', '-o', path, ...LITTLE, '--seed', '7');

    const [one, two] = paths.map((path) => readFileSync(path));
    expect(one!.equals(two!)).to.equal(true);
    const into = join(folder, 'same');
    await unpack(paths[0]!, into);
    expect(readFileSync(join(into, 'options'), 'utf8')).to.equal(
      '--assignment=page-table\n--only=PT-1,PT-14\n--seed=7\n--time-limit=45\n',
    );
    for (const name of ['setup.sh', 'run_autograder']) {
      expect(statSync(join(into, name)).mode & 0o111).to.equal(0o111);
    }
  });

  it('should hold neither tests nor planted bugs', async () => {
    const names = await namesIn(join(folder, 'one.zip'));

    expect(names)
      .to.include('faultline/grade.ts')
      .and.include('faultline/suites/fork/assignment.ts');
    expect(
      names.filter((name) => /\.spec\.|\/(?:mutants|variants|testing|attacks)\//u.test(name)),
    ).to.deep.equal([]);
  });

  it('should grade on Gradescope', async () => {
    const source = await kit('gradescope');
    const autograder = dirname(source);
    cpSync(join(source, 'run_autograder'), join(autograder, 'run_autograder'));
    cpSync(join(SAMPLES, 'mateo-clear-510'), join(autograder, 'submission'), { recursive: true });
    // What setup.sh does once Node and the Debian packages are there.
    await install(join(source, 'faultline'));
    const [, rest = ''] = readFileSync(join(source, 'setup.sh'), 'utf8').split(/^npm ci .*$/mu);
    const setUp = await run('bash', ['-c', rest], join(source, 'faultline'));
    expect(setUp.stdout).to.match(/^student-template +0\//mu);

    const { stdout } = await run('bash', ['run_autograder'], autograder, {
      AUTOGRADER: autograder,
    });

    expect(stdout).to.include('Four-level page table').and.include('exit code 0');
    const results = JSON.parse(readFileSync(join(autograder, 'results/results.json'), 'utf8')) as {
      score: number;
      tests: object[];
    };
    expect(results.score).to.equal(2);
    expect(results.tests).to.have.length.above(3);

    // The copy is for grading.
    const again = spawnSync('npx', ['ts-node', 'grade.ts', 'pack', 'gradescope'], {
      cwd: join(source, 'faultline'),
      encoding: 'utf8',
    });
    expect(again.status).to.equal(2);
    expect(again.stderr).to.include('run "pack" in a checkout of the repository');

    // A grader that does not even start leaves a file all the same, without a score.
    rmSync(join(autograder, 'results'), { recursive: true });
    rmSync(join(source, 'faultline/grade.ts'));
    await run('bash', ['run_autograder'], autograder, { AUTOGRADER: autograder });
    expect(
      JSON.parse(readFileSync(join(autograder, 'results/results.json'), 'utf8')),
    ).to.not.have.property('score');

    await classroom50(join(source, 'faultline/node_modules'));
  });

  /** With the packages that are installed already. */
  async function classroom50(packages: string): Promise<void> {
    const bundle = await kit('classroom50');
    cpSync(packages, join(bundle, 'faultline/node_modules'), { recursive: true });
    const checkout = join(folder, 'checkout');
    cpSync(join(SAMPLES, 'mateo-clear-510'), checkout, { recursive: true });
    const git = (...args: readonly string[]): unknown =>
      run('git', [...AUTHOR, ...args], checkout, {
        GIT_COMMITTER_DATE: '2026-06-01T16:32:01+02:00',
      });
    await git('init', '-q');
    await git('add', '-A');
    await git('commit', '-qm', 'done');

    const environment = {
      CLASSROOM: 'os-2026',
      ASSIGNMENT: 'pager',
      SUBMISSION_TAG: 'submit/2026',
      COMMIT_URL: 'https://example.edu/commit',
      RELEASE_URL: 'https://example.edu/release',
    };
    const script = join(bundle, 'autograder.py');
    await run('python3', [script], checkout, environment);

    expect(JSON.parse(readFileSync(join(checkout, 'result.json'), 'utf8'))).to.deep.include({
      schema: 'classroom50/result/v1',
      datetime: '2026-06-01T14:32:01Z',
      score: 200,
      'max-score': 500,
    });

    // The grader does not start, and the student has brought results along.
    for (const [date, words] of [
      ['@253402300800 +0000', 'The commit has a date that is none'],
      ['@1780324321 +0000', 'COMMIT_URL is not set'],
    ] as const) {
      writeFileSync(join(checkout, 'result.json'), '{"score":3000}');
      rmSync(join(checkout, 'release-body.md'), { force: true });
      mkdirSync(join(checkout, 'release-body.md'));
      await run('git', [...AUTHOR, 'commit', '-q', '--allow-empty', '-m', 'again'], checkout, {
        GIT_COMMITTER_DATE: date,
      });
      const { COMMIT_URL: _, ...without } = environment;
      const ended = spawnSync('python3', [script], {
        cwd: checkout,
        env: { ...process.env, ...without },
        encoding: 'utf8',
      });
      expect(ended.stderr).to.include(words).and.not.include('Traceback');
      expect(ended.status).to.be.oneOf([2, 3]);
      expect(existsSync(join(checkout, 'result.json'))).to.equal(false);
      expect(existsSync(join(checkout, 'release-body.md'))).to.equal(false);
    }
  }

  it('should say what is wrong with the command line', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'For which platform? There are gradescope and classroom50.'],
      [['gradscope'], 'Did you mean gradescope?'],
      [['gradescope', 'more'], 'One platform at a time'],
      [['gradescope', '-a', 'paging'], 'There is no assignment "paging"'],
      [['gradescope'], 'Say with --assignment what it grades'],
      [['gradescope', '-a', 'fork', '--only', 'XX-1'], 'No check or rule in fork matches "XX-1"'],
    ];
    for (const [args, text] of cases) {
      const { code, stderr } = await grade('pack', ...args);

      expect(stderr).to.include(text);
      expect(code).to.equal(2);
    }
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await grade(
      'pack',
      'gradescope',
      '-o',
      join(folder, 'file/x.zip'),
      ...LITTLE,
    );
    expect(stderr).to.include('Cannot write');
    expect(code).to.equal(3);
  });

  it('should bring scripts that the shell and Python can read', () => {
    const pipelines = resolve(__dirname, '../../pipelines');
    for (const name of ['setup.sh', 'run_autograder']) {
      expect(spawnSync('bash', ['-n', join(pipelines, 'gradescope', name)]).status).to.equal(0);
    }
    const text = readFileSync(join(pipelines, 'classroom50/autograder.py'), 'utf8');
    const { status, stderr } = spawnSync(
      'python3',
      ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'],
      { input: text, encoding: 'utf8' },
    );
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });
});

async function install(faultline: string): Promise<void> {
  const { npm_config_loglevel: _, ...env } = process.env;
  await promisify(execFile)(
    'npm',
    ['ci', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: faultline, env },
  );
}

async function namesIn(zip: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of (await openPromise(zip)).eachEntry()) names.push(entry.fileName);
  return names;
}

/** With the modes of the files, as `unzip` does it. */
async function unpack(path: string, into: string): Promise<void> {
  const zip = await openPromise(path);
  for await (const entry of zip.eachEntry()) {
    const to = join(into, entry.fileName);
    mkdirSync(dirname(to), { recursive: true });
    const content = await buffer(await zip.openReadStreamPromise(entry));
    writeFileSync(to, content, { mode: (entry.externalFileAttributes >>> 16) & 0o777 });
  }
}
