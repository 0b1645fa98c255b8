/** `grade.ts ci`, as a process, in the environment that each platform makes for it. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { unisolated } from '../sandbox/testing/unisolated.ts';
import { finish, type Outcome, start } from './testing/command.ts';

const MODEL = resolve(__dirname, '../../reference/solution/page-table.ts');
/** One rule, so that a submission takes no time to speak of. */
const LITTLE = ['-a', 'page-table', '--only', 'PT-1'];
const FORGED = [
  '::error::forged',
  '::set-output name=score::100',
  '##[error]forged',
  '##vso[task.complete]',
  '  ::stop-commands::x',
];

const CLASSROOM50 = {
  CLASSROOM: 'os-2026',
  ASSIGNMENT: 'pager',
  SUBMISSION_TAG: 'submit/2026-06-01T14-32-05Z-a1b2c3d',
  COMMIT_URL: 'https://github.com/os/ada/commit/a1b2c3d',
  RELEASE_URL: 'https://github.com/os/ada/releases/tag/submit',
  SUBMITTED_AT: '2026-06-01T14:32:01Z',
};

describe('grade.ts ci', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-ci-'));
  after(() => rmSync(folder, { recursive: true }));

  /** A repository with a page table in `src/`, whose splitting of addresses is replaced. */
  const repository = (name: string, body: string | null = null): string => {
    const path = join(folder, name);
    mkdirSync(join(path, 'src'), { recursive: true });
    const text = readFileSync(MODEL, 'utf8');
    const line = '    if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;\n';
    expect(text).to.include(line);
    writeFileSync(
      join(path, 'src/page-table.ts'),
      body === null ? text : text.replace(line, `${line}${body}\n`),
    );
    return path;
  };

  const ci = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> => finish(start(['ci', ...args], env));

  const json = (...path: readonly string[]): Record<string, unknown> =>
    JSON.parse(readFileSync(join(...path), 'utf8')) as Record<string, unknown>;

  describe('github', () => {
    const runner = (workspace: string): Readonly<Record<string, string>> => ({
      CI: 'true',
      NO_COLOR: '1',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GITHUB_OUTPUT: join(folder, 'output'),
    });
    beforeEach(() => {
      for (const name of ['summary.md', 'output']) writeFileSync(join(folder, name), '');
    });

    it('should annotate the line, write the summary of the step, and give the score', async () => {
      const workspace = repository('broken', "throw new Error('not yet');");
      const output = join(folder, 'github-files');

      const { code, stdout } = await ci(
        ['github', workspace, ...LITTLE, '--output', output, '--fail-under', '100'],
        runner(workspace),
      );

      expect(code).to.equal(1);
      expect(stdout).to.match(
        /^::error title=PT-1%3A [^,:]+,file=src\/page-table\.ts,line=\d+,col=\d+::/mu,
      );
      expect(stdout).to.match(/^::notice title=Score::0 of 2 points, 0 %25$/mu);
      expect(readFileSync(join(folder, 'summary.md'), 'utf8')).to.include('### PT-1: ');
      expect(readFileSync(join(folder, 'output'), 'utf8')).to.equal(
        'status=graded\nscore=0\nmax-score=2\npercent=0\n',
      );
      expect(readdirSync(output).sort()).to.deep.equal(['feedback.md', 'junit.xml']);
      expect(readFileSync(join(output, 'junit.xml'), 'utf8')).to.include(
        'file="src/page-table.ts"',
      );
    });

    it('should end well for a pager that is right, and write no files unless asked', async () => {
      const workspace = repository('right');

      const { code, stdout } = await ci(
        ['github', workspace, ...LITTLE, '--fail-under', '100'],
        runner(workspace),
      );

      expect(code).to.equal(0);
      expect(stdout.match(/^::.*$/gmu)).to.deep.equal([
        '::notice title=Score::2 of 2 points, 100 %25',
      ]);
      expect(readdirSync(workspace)).to.deep.equal(['src']);
    });

    it('should let no student give commands to the runner', async () => {
      const text = JSON.stringify(FORGED.join('\n'));
      const workspace = repository('forging', `console.log(${text}); throw new Error(${text});`);

      const { stdout, stderr } = await ci(
        ['github', workspace, ...LITTLE, '--verbose'],
        runner(workspace),
      );

      expect(stdout).to.include('forged');
      const commands = (stdout + stderr).split('\n').filter((line) => /^\s*::|##\w*\[/u.test(line));
      expect(
        commands.filter((line) => !/^::(?:error|notice) title=(?:PT-1%3A|Score)/u.test(line)),
      ).to.deep.equal([]);
      expect(commands).to.have.length(2);
      expect(readFileSync(join(folder, 'output'), 'utf8')).to.match(/^status=graded\nscore=0\n/u);
    });
  });

  it('should take one submission for one, whatever lies beside its code', async () => {
    const path = repository('beside');
    for (const name of ['handout.zip', 'slides.zip']) writeFileSync(join(path, name), 'PK');

    const { code, stdout } = await ci(['gitlab', path, ...LITTLE]);

    expect(stdout).to.match(/Four-level page table +2 \/ +2/u);
    expect(code).to.equal(0);
  });

  describe('gitlab', () => {
    it('should write a JUnit report with paths from the top of the project', async () => {
      const project = repository('gitlab', "throw new Error('not yet');");

      const { code, stdout } = await ci(
        ['gitlab', join(project, 'src'), ...LITTLE, '-o', join(project, '.faultline')],
        { CI: 'true', GITLAB_CI: 'true', CI_PROJECT_DIR: project },
      );

      expect(code).to.equal(0);
      expect(stdout).to.include('PT-1').and.not.match(/^::/mu);
      expect(readFileSync(join(project, '.faultline/junit.xml'), 'utf8')).to.include(
        'file="src/page-table.ts"',
      );
      expect(readdirSync(join(project, '.faultline')).sort()).to.deep.equal([
        'feedback.md',
        'junit.xml',
      ]);
    });
  });

  describe('gradescope', () => {
    const autograder = (
      name: string,
      body: string | null = null,
      metadata: unknown = null,
    ): string => {
      const path = join(folder, name);
      mkdirSync(join(path, 'results'), { recursive: true });
      repository(join(name, 'submission'), body);
      if (metadata !== null)
        writeFileSync(join(path, 'submission_metadata.json'), JSON.stringify(metadata));
      return path;
    };

    it('should write results.json, under the name that Gradescope has for the submission', async () => {
      const metadata = {
        id: 77,
        users: [{ name: 'Ada', email: 'ada@example.edu', id: 5 }],
        assignment: { total_points: '2.0' },
      };
      const path = autograder('gradescope', null, metadata);

      const { code, stdout } = await ci(['gradescope', join(path, 'submission'), ...LITTLE]);

      expect(code).to.equal(0);
      expect(stdout).to.include('submission_77').and.not.include('Scores are not scaled');
      expect(json(path, 'results/results.json')).to.deep.include({
        score: 2,
        visibility: 'visible',
      });
      expect(readdirSync(join(path, 'results'))).to.deep.equal(['results.json']);
    });

    it('should tell the staff of points that do not fit, and grade without metadata', async () => {
      const odd = autograder('odd', null, { id: 77, assignment: { total_points: '100.0' } });
      const none = autograder('none', null, 'nonsense');

      expect((await ci(['gradescope', join(odd, 'submission'), ...LITTLE])).stdout).to.include(
        'worth 100 points, and this was graded out of 2',
      );
      expect((await ci(['gradescope', join(none, 'submission'), ...LITTLE])).code).to.equal(0);
    });

    it('should say that there is no grade until there is one', async () => {
      const path = autograder('stopped', 'for (;;);');
      const results = join(path, 'results/results.json');
      writeFileSync(results, '{"score": 100}');
      const child = start(['ci', 'gradescope', join(path, 'submission'), '-a', 'page-table']);

      await new Promise<void>((resolve) => {
        child.stderr!.on('data', (text: Buffer) => {
          if (text.includes('grading')) resolve();
        });
      });
      child.kill('SIGKILL');
      await finish(child);

      expect(json(path, 'results/results.json')).not.to.have.property('score');
      expect(readFileSync(results, 'utf8')).to.include('stopped before it came to its end');
    });
  });

  describe('classroom50', () => {
    it('should write result.json into the checkout, in place of whatever a student has put there', async () => {
      const checkout = repository('classroom50');
      const victim = join(folder, 'victim');
      writeFileSync(victim, 'untouched');
      symlinkSync(victim, join(checkout, 'result.json'));
      symlinkSync(victim, join(checkout, '.result.json.tmp'));
      mkdirSync(join(checkout, 'release-body.md/x'), { recursive: true });

      const { code } = await ci(['classroom50', checkout, ...LITTLE], CLASSROOM50);

      expect(code).to.equal(0);
      expect(json(checkout, 'result.json')).to.deep.include({
        schema: 'classroom50/result/v1',
        submission: CLASSROOM50.SUBMISSION_TAG,
        review: CLASSROOM50.COMMIT_URL,
        datetime: CLASSROOM50.SUBMITTED_AT,
        score: 200,
        'max-score': 200,
      });
      expect(readFileSync(join(checkout, 'release-body.md'), 'utf8')).to.match(/^# Feedback/u);
      expect(lstatSync(join(checkout, 'result.json')).isFile()).to.equal(true);
      expect(readFileSync(victim, 'utf8')).to.equal('untouched');
    });

    it('should leave no result behind if there is trouble', async function () {
      const wrapper = unisolated() ?? this.skip();
      const checkout = repository('trouble');
      writeFileSync(join(checkout, 'result.json'), '{"score": 100}');

      const { code, stderr } = await finish(
        start(
          ['ci', 'classroom50', checkout, ...LITTLE, '--require-layers', 'bwrap'],
          CLASSROOM50,
          wrapper,
        ),
      );

      expect(stderr).to.include('the layer bwrap is required');
      expect(code).to.equal(3);
      expect(existsSync(join(checkout, 'result.json'))).to.equal(false);
    });

    it("should say which of the runner's variables is missing", async () => {
      const { SUBMITTED_AT: _, ...rest } = CLASSROOM50;

      const { code, stderr } = await ci(['classroom50', repository('missing')], rest);

      expect(code).to.equal(2);
      expect(stderr).to.include('SUBMITTED_AT is not set');
    });
  });

  it('should say what is wrong with the command line', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'For which platform? There are github, gitlab, gradescope and classroom50.'],
      [['githib', folder], 'There is no platform "githib". Did you mean github?'],
      [['toString', folder], 'There is no platform "toString".'],
      [['github'], 'Which submission?'],
      [['github', folder, 'two'], 'a second one: "two"'],
      [['github', join(folder, 'nobody')], 'There is no "'],
    ];

    for (const [args, text] of cases) {
      const { code, stderr } = await ci(args);

      expect(stderr).to.include(text);
      expect(code).to.equal(2);
    }
  });

  it('should not follow a link out of the checkout, which may be a student’s', async () => {
    const checkout = repository('linked');
    const victim = join(folder, 'elsewhere');
    mkdirSync(victim);
    writeFileSync(join(victim, 'junit.xml'), 'kept');
    symlinkSync('../elsewhere', join(checkout, '.faultline'));

    for (const [args, env] of [
      [['gitlab', join(checkout, 'src')], { CI_PROJECT_DIR: checkout }],
      [['github', checkout], {}],
    ] as const) {
      const output = join(checkout, '.faultline');
      const { code, stderr } = await ci([...args, ...LITTLE, '--output', output], env);

      expect(stderr).to.include('by a link');
      expect(code).to.equal(2);
      expect(readFileSync(join(victim, 'junit.xml'), 'utf8')).to.equal('kept');
    }
  });

  it('should say where it cannot write', async () => {
    writeFileSync(join(folder, 'file'), '');

    const { code, stderr } = await ci([
      'gitlab',
      repository('unwritable'),
      ...LITTLE,
      '-o',
      join(folder, 'file/results'),
    ]);

    expect(stderr).to.include(
      `Cannot write ${join(folder, 'file/results')}: a file is in the way.`,
    );
    expect(code).to.equal(3);
  });
});
