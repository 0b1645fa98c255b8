import { expect } from 'chai';
import { DEFAULT_RUNS, DEFAULT_SEED, DEFAULT_TIME_LIMIT } from '../runner/worker-job.ts';
import { parseCommandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import { readGradeOptions } from './grade-options.ts';
import { didYouMean } from './nearest.ts';

describe('parseCommandLine', () => {
  it('should take the first word for a submission if it is no command', async () => {
    const line = await parseCommandLine(['a', 'b c', '--seed', '7']);

    expect(line.command).to.equal('grade');
    expect(line.operands).to.deep.equal(['a', 'b c']);
    expect(line.integer('seed', 0, 10)).to.equal(7);
  });

  it('should take lists repeated or with commas, and no further word', async () => {
    const line = await parseCommandLine([
      '--only',
      'PT-1',
      'a',
      '--only=PT-2, LP-1*',
      'b',
      '-a',
      'x',
    ]);

    expect(line.operands).to.deep.equal(['a', 'b']);
    expect(line.list('only')).to.deep.equal(['PT-1', 'PT-2', 'LP-1*']);
    expect(line.list('assignment')).to.deep.equal(['x']);
    expect(line.list('format')).to.equal(null);
  });

  it('should leave what looks like a number a text, and take anything after --', async () => {
    const line = await parseCommandLine(['007', '1e3', '--', '-x', 'list']);

    expect(line.command).to.equal('grade');
    expect(line.operands).to.deep.equal(['007', '1e3', '-x', 'list']);
  });

  it('should know switches, short names and groups of them', async () => {
    const line = await parseCommandLine(['replay', 'a', '-vc', 'pt-map']);

    expect([line.command, line.has('verbose'), line.text('check')]).to.deep.equal([
      'replay',
      true,
      'pt-map',
    ]);
  });
});

describe('readGradeOptions', () => {
  it('should have defaults', async () => {
    const options = readGradeOptions(await parseCommandLine(['a']));

    expect(options).to.deep.include({ output: null, formats: [], failUnder: null, json: false });
    expect(options.job).to.deep.equal({
      assignments: null,
      only: null,
      seed: DEFAULT_SEED,
      runs: DEFAULT_RUNS,
      timeLimit: DEFAULT_TIME_LIMIT,
    });
  });

  const mistakes: readonly (readonly [string, string])[] = [
    ['--sed 3', '"grade" has no option --sed. Did you mean --seed?'],
    ['-x', '"grade" has no option -x.'],
    ['--check a', 'It belongs to "replay".'],
    ['--no-color', '"grade" has no option --no-color.'],
    ['--seed', '--seed needs a value: --seed <n>.'],
    ['--only=', '--only needs a value'],
    ['--only PT-1,,PT-2', '--only needs a value'],
    ['--seed 1.5', 'a whole number from 0 to 2147483647, not "1.5"'],
    ['--seed -5', 'not "-5"'],
    ['--seed 1 --seed 2', '--seed can be given only once.'],
    ['--runs 0', 'from 1 to 10000'],
    ['--runs 10001', 'from 1 to 10000'],
    ['--jobs 0', 'from 1 to 256'],
    ['--time-limit 0', 'a whole number from 1 to 86400, not "0"'],
    ['--fail-under 100.1', 'a number from 0 to 100'],
    ['--fail-under 5e1', 'not "5e1"'],
    ['--format pdf -o x', 'There is no format "pdf"; there are gradescope and junit.'],
    ['--format junit', '--format is about files'],
    ['--resume', '--resume is about files: say where with --output <dir>.'],
    ['-qv', '--quiet and --verbose exclude each other.'],
  ];
  for (const [args, message] of mistakes) {
    it(`should explain what is wrong with ${args}`, async () => {
      const error = await parseCommandLine(['a', ...args.split(' ')])
        .then(readGradeOptions)
        .catch((caught: unknown) => caught);

      expect(error).to.be.instanceOf(UsageError);
      expect((error as UsageError).message).to.include(message);
    });
  }
});

describe('didYouMean', () => {
  const names = ['page-table', 'lazy-pager', 'list', 'LP-1', 'LP-11'];

  it('should find slips, swapped letters and beginnings, whatever the case', () => {
    for (const [word, name] of [
      ['pgae-table', 'page-table'],
      ['LAZY', 'lazy-pager'],
      ['lsit', 'list'],
      ['lp11', 'LP-11'],
      ['PL-11', 'LP-11'],
    ] as const) {
      expect(didYouMean(word, names), word).to.equal(` Did you mean ${name}?`);
    }
  });

  it('should not suggest what is not alike', () => {
    for (const word of ['fork', 'LP-99', 'lp-111', 'LP-12']) {
      expect(didYouMean(word, names), word).to.equal('');
    }
  });
});
