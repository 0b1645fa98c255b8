import { expect } from 'chai';
import fc from 'fast-check';
import { esmPackage } from '../testing/esm-package.ts';
import { githubAnnotations, githubOutputs } from './github-commands.ts';
import {
  HOSTILE,
  SAMPLE_GRADE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';

interface Core {
  error(message: string, properties: Readonly<Record<string, string | number>>): void;
}

/** A line as the runner takes it: what comes first after white space is `::`, then a name, properties, and the message. */
interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

function parse(line: string): Command {
  const found = /^\s*::([a-z-]+)(?: ([^]*?))?::([^]*)$/u.exec(line);
  if (found === null) throw new Error(`no command: ${line}`);
  const [, name = '', list = '', message = ''] = found;
  const properties = list.split(',').map((pair): [string, string] => {
    const [key = '', ...value] = pair.split('=');
    return [
      key,
      unescape(value.join('='))
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%25', '%'),
    ];
  });
  return {
    name,
    properties: Object.fromEntries(properties),
    message: unescape(message).replaceAll('%25', '%'),
  };
}

function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

const commands = (text: string): readonly Command[] => text.split('\n').slice(0, -1).map(parse);

/** So many rules, all broken; the later ones are worth more. */
function broken(count: number, at: string | null = null): ReturnType<typeof sampleSubmission> {
  const ids = Array.from({ length: count }, (_, index) => `PT-${index + 1}`);
  const stack = at === null ? [] : [{ file: at, line: 7, column: 3 }];
  const checks = ids.map((id, index) =>
    sampleCheck(`${id}.1`, {
      status: 'failed',
      points: index + 1,
      failure: sampleFailure(id, { stack }),
    }),
  );
  const rules = ids.map((id) => ({ id, title: `rule ${id}` }));
  return sampleSubmission([sampleAssignment('page-table', 'Page table', rules, checks)]);
}

describe('githubAnnotations', () => {
  it('should say what is broken where, and the score', () => {
    const [rule, score, ...more] = commands(
      githubAnnotations(broken(1, 'src/page-table.ts'), 'hw3/pager'),
    );

    expect(more).to.deep.equal([]);
    expect(rule).to.deep.equal({
      name: 'error',
      properties: {
        title: 'PT-1: rule PT-1 (1 point)',
        file: 'hw3/pager/src/page-table.ts',
        line: '7',
        col: '3',
      },
      message:
        'rule PT-1 does not hold\nSee it again: npx ts-node grade.ts replay my-folder --check PT-1',
    });
    expect(score).to.deep.include({ name: 'notice', message: '0 of 1 point, 0 %' });
  });

  it('should show the ten worst, and count the others', () => {
    const all = commands(githubAnnotations(broken(25), ''));

    const errors = all.filter(({ name }) => name === 'error');
    expect(errors.map(({ properties }) => properties['title']?.split(':')[0])).to.deep.equal(
      Array.from({ length: 10 }, (_, index) => `PT-${25 - index}`),
    );
    const left = all.find(({ properties }) => properties['title'] === '15 more');
    expect(left?.message).to.include('PT-15: rule PT-15').and.to.include('summary of this step');
  });

  it('should stay under the number of annotations that a step shows, of each kind', () => {
    const problems = Array.from({ length: 40 }, (_, line) => ({
      kind: line % 2 === 0 ? ('type' as const) : ('syntax' as const),
      message: 'no',
      location: { file: 'a.ts', line: line + 1, column: 1 },
    }));
    const grade = { ...broken(25), problems };

    const kinds = commands(githubAnnotations(grade, '')).map(({ name }) => name);

    for (const kind of ['error', 'warning', 'notice']) {
      expect(kinds.filter((name) => name === kind)).to.have.length.within(1, 10);
    }
  });

  it("should write commands as GitHub's own library does", async () => {
    const { error } = await esmPackage<Core>('@actions/core');
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '%', ':', ',', '=', '\n', ';', '%0A', '::'),
    });

    await fc.assert(
      fc.asyncProperty(text, text, async (summary, file) => {
        fc.pre(
          summary.trim() === summary &&
            summary !== '' &&
            file.trim() === file &&
            !file.includes('\n') &&
            file !== '',
        );
        const [check] = broken(1).assignments[0]!.checks;
        const failure = {
          ...check!.failure!,
          summary,
          replay: '',
          stack: [{ file, line: 7, column: 3 }],
        };
        const assignment = sampleAssignment(
          'page-table',
          'Page table',
          [{ id: 'PT-1', title: '100 %: a, b' }],
          [{ ...check!, failure }],
        );

        const [line] = githubAnnotations(sampleSubmission([assignment]), '').split('\n');

        const { message } = parse(line!);
        const written = await printed(() => {
          error(message, {
            title: 'PT-1: 100 %: a, b (1 point)',
            file: parse(line!).properties['file']!,
            startLine: 7,
            startColumn: 3,
          });
        });
        expect(`${line!}\n`).to.equal(written);
      }),
      { numRuns: 300 },
    );
  });

  it('should hold one command a line, whatever a student has written', () => {
    const text = githubAnnotations(SAMPLE_GRADE, HOSTILE);

    const found = commands(text);

    expect(found.map(({ name }) => name)).to.have.members(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ')[0]!.slice(2)),
    );
    expect(new Set(found.map(({ name }) => name))).to.deep.equal(
      new Set(['error', 'warning', 'notice']),
    );
    expect(text).not.to.match(/\n\s*::(?!error |warning |notice )/u);
  });

  it('should keep hidden checks back', () => {
    expect(githubAnnotations(SAMPLE_GRADE, '')).not.to.match(/secret|PT-5/u);
  });

  it('should say why there is no grade, and no score if the grader failed', () => {
    const rejected = sampleSubmission([], { outcome: 'rejected', reason: 'no TypeScript file' });
    const failed = sampleSubmission([], { outcome: 'error', reason: 'the worker ended' });

    expect(commands(githubAnnotations(rejected, ''))[0]).to.deep.include({
      name: 'error',
      message: 'This submission could not be graded: no TypeScript file',
    });
    expect(
      commands(githubAnnotations(failed, '')).map(({ properties }) => properties['title']),
    ).to.deep.equal(['Not graded']);
  });
});

describe('githubOutputs', () => {
  it('should give the score', () => {
    const checks = [
      sampleCheck('A-1.1', { points: 2.5 }),
      sampleCheck('A-2.1', { status: 'failed', points: 5, failure: sampleFailure('A-2') }),
    ];
    const rules = ['A-1', 'A-2'].map((id) => ({ id, title: id }));
    const grade = sampleSubmission([sampleAssignment('a', 'A', rules, checks)]);

    expect(githubOutputs(grade)).to.equal(
      'status=graded\nscore=2.5\nmax-score=7.5\npercent=33.33\n',
    );
  });

  it('should give none if the grader failed on a check', () => {
    expect(githubOutputs(SAMPLE_GRADE)).to.equal('status=error\n');
  });
});

/** What is written to stdout meanwhile. */
function printed(body: () => void): Promise<string> {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    body();
  } finally {
    process.stdout.write = write;
  }
  return Promise.resolve(text);
}
