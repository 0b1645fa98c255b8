/** What courses copy, held to what its consumers say of it, and run as far as that goes without them. */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { packedFiles } from '../harness/cli/pipeline/packed-files.ts';
import { attribute, parseXml } from '../harness/reporters/strict-xml.ts';
import { esmPackage } from '../harness/testing/esm-package.ts';

const ROOT = resolve(__dirname, '..');
const SAMPLES = join(ROOT, 'examples/submissions');
const GITLAB_CI_LOCAL = join(ROOT, 'node_modules/.bin/gitlab-ci-local');

const read = (name: string): string => readFileSync(join(__dirname, name), 'utf8');

interface Run {
  readonly code: number;
  readonly stdout: string;
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: object,
): Promise<Run> {
  const { CI: _ci, FORCE_COLOR: _color, ...inherited } = process.env;
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd,
      env: { ...inherited, NO_COLOR: '1', ...env },
    });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}

describe('pipelines', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-pipelines-'));
  after(() => rmSync(folder, { recursive: true }));

  const git = (path: string, ...args: readonly string[]): Promise<Run> =>
    run('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.edu', ...args], path, {});
  /** A repository with the page table of a sample. */
  const repository = async (name: string, sample: string): Promise<string> => {
    const path = join(folder, name);
    cpSync(join(SAMPLES, sample, 'page-table.ts'), join(path, 'page-table.ts'));
    await git(path, 'init', '-q', '-b', 'main');
    await git(path, 'remote', 'add', 'origin', 'git@gitlab.example.edu:os/ada.git');
    return path;
  };
  describe('github/faultline.yml', () => {
    interface Parser {
      NoOperationTraceWriter: new () => object;
      parseWorkflow(
        file: { readonly name: string; readonly content: string },
        trace: object,
      ): {
        readonly context: {
          readonly errors: { getErrors(): readonly { readonly message: string }[] };
        };
      };
    }
    const errorsOf = async (content: string): Promise<readonly string[]> => {
      const { parseWorkflow, NoOperationTraceWriter } = await esmPackage<Parser>(
        '@actions/workflow-parser',
      );
      const { context } = parseWorkflow(
        { name: 'faultline.yml', content },
        new NoOperationTraceWriter(),
      );
      return context.errors.getErrors().map(({ message }) => message);
    };
    interface Workflow {
      readonly jobs: {
        readonly grade: {
          readonly steps: readonly { readonly name?: string; readonly run?: string }[];
        };
      };
    }

    it("should be a workflow to GitHub's own parser", async () => {
      const text = read('github/faultline.yml');

      expect(await errorsOf(text)).to.deep.equal([]);
      expect(await errorsOf(text.replace('runs-on:', 'run-on:'))).to.have.length.above(0);
      expect(await errorsOf(text.replace('vars.FAULTLINE_REF }', 'vars.( }'))).to.have.length.above(
        0,
      );
    });

    it('should have a step that grades', async () => {
      const { jobs } = parse(read('github/faultline.yml')) as Workflow;
      const script = jobs.grade.steps.find(({ name }) => name === 'Grade')!.run!;
      const workspace = await repository('github', 'mateo-clear-510');
      const files = {
        GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
        GITHUB_OUTPUT: join(folder, 'output'),
      };

      const { code, stdout } = await run('bash', ['-e', '-c', script], ROOT, {
        ...files,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: join(folder, 'temp'),
      });

      expect(code).to.equal(1);
      expect(stdout).to.match(/^::error title=PT-14%3A /mu);
      expect(stdout).to.match(/^::notice title=Score::\d/mu);
      expect(readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8')).to.match(/^### PT-14: /mu);
      expect(existsSync(join(folder, 'temp/grades/junit.xml'))).to.equal(true);
    });
  });

  describe('gitlab/faultline.gitlab-ci.yml', () => {
    /** Runs the job as a runner with a shell does. The schema it is checked against first is GitLab's. */
    const job = async (
      name: string,
      sample: string,
    ): Promise<Run & { readonly project: string }> => {
      const project = await repository(name, sample);
      // With an image the job would need Docker.
      const text = read('gitlab/faultline.gitlab-ci.yml').replace(/^ {2}image: .*\n/mu, '');
      writeFileSync(join(project, '.gitlab-ci.yml'), text);
      await git(project, 'add', '-A');
      await git(project, 'commit', '-qm', 'done');
      const args = ['faultline', '--variable', `FAULTLINE=${ROOT}`];
      return { project, ...(await run(GITLAB_CI_LOCAL, args, project, {})) };
    };

    it('should be a pipeline to the schema of GitLab', async () => {
      const project = await repository('schema', 'only-page-table');
      const list = (text: string): Promise<Run> => {
        writeFileSync(join(project, '.gitlab-ci.yml'), text);
        return run(GITLAB_CI_LOCAL, ['--list'], project, {});
      };
      const text = read('gitlab/faultline.gitlab-ci.yml');

      expect((await list(text)).stdout).to.match(/^faultline +test +on_success/mu);
      expect((await list(text.replace('junit: .', 'junitt: .'))).code).to.not.equal(0);
    });

    it('should fail for a broken rule, and keep the report', async () => {
      const { code, project } = await job('broken', 'mateo-clear-510');

      expect(code).to.not.equal(0);
      const report = readFileSync(
        join(project, '.gitlab-ci-local/artifacts/faultline/.faultline/junit.xml'),
        'utf8',
      );
      expect(Number(attribute(parseXml(report), 'failures'))).to.be.above(0);
    });

    it('should succeed for a pager that is right', async () => {
      const { code, stdout } = await job('right', 'only-page-table');

      expect(stdout).to.match(/Four-level page table +30 \/ +30/u);
      expect(code).to.equal(0);
    });
  });

  describe('Dockerfile', () => {
    const instructions = (): readonly string[] => read('Dockerfile').split('\n');

    it('should be one to the validator that editors use', () => {
      expect(validate(read('Dockerfile'))).to.deep.equal([]);
      expect(validate('FRO node\n')).to.have.length.above(0);
    });

    it('should copy what there is, and all that the grader needs', () => {
      const [, list = ''] =
        instructions()
          .map((line) => /^COPY (.*) \.\/$/u.exec(line))
          .find((found) => found !== null) ?? [];
      for (const name of list.split(' ')) expect(existsSync(join(ROOT, name)), name).to.equal(true);

      const kept = read('Dockerfile.dockerignore')
        .split('\n')
        .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
      const needed = new Set(packedFiles().map((path) => path.split('/')[0]!));
      expect(kept).to.have.members([...needed]);
    });
  });

  it('should have scripts in which shellcheck finds nothing', function () {
    const { error, status, stdout } = spawnSync(
      'shellcheck',
      ['gradescope/setup.sh', 'gradescope/run_autograder', '../.ci/run'],
      { cwd: __dirname, encoding: 'utf8' },
    );
    // .ci/run installs it.
    if (error !== undefined && process.env['CI'] === undefined) this.skip();

    expect(stdout).to.equal('');
    expect(status).to.equal(0);
  });
});
