/** `gradebook`, as a process. */
import { expect } from 'chai';
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grade, type Outcome } from './testing/command.ts';
import { sampleResult, writeResult } from './testing/results.ts';

const CANVAS = `\
Student,ID,SIS Login ID,Section,Home (1),Pager (2),Final Score
    Points Possible,,,,10,20,(read only)
"Lovelace, Ada",101,ada,L1,,,
"Bo, Ben",102,ben,L1,,3,
`;

describe('grade.ts gradebook', function () {
  this.timeout(60_000);
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const gradebook = (...args: readonly string[]): Promise<Outcome> =>
    grade('gradebook', at('results'), ...args);
  const person = (name: string): object => ({ name, email: null, sid: null, platformId: null });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-gradebook-'));
    await writeFile(at('canvas.csv'), CANVAS);
    await writeResult(at('results'), sampleResult('one', 20));
    await writeResult(at('results'), sampleResult('two', 10));
    const submitters = { one: [person('Ada Lovelace')], two: [person('Ben Bo')] };
    await writeFile(join(at('results'), 'submitters.json'), JSON.stringify(submitters));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('should write a file to import beside the export, and leave the export alone', async () => {
    const { code, stdout, stderr } = await gradebook(
      '--into',
      at('canvas.csv'),
      '--column',
      'Pager',
    );

    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/filled +1\n +changed +1\n/u);
    expect(await readFile(at('canvas-graded.csv'), 'utf8')).to.equal(`\
Student,ID,SIS Login ID,Section,Pager (2)
    Points Possible,,,,20
"Lovelace, Ada",101,ada,L1,20
"Bo, Ben",102,ben,L1,10
`);
    expect(await readFile(at('canvas.csv'), 'utf8')).to.equal(CANVAS);
    expect((await readdir(folder)).sort(), 'nothing else').to.deep.equal([
      'canvas-graded.csv',
      'canvas.csv',
      'results',
    ]);
  });

  it('should exit with 1 if something is to be settled by hand', async () => {
    await writeResult(at('results'), sampleResult('who', 20));
    await writeResult(at('results'), sampleResult('two', 10, { outcome: 'error', reason: 'x' }));
    await writeFile(join(at('results'), 'one', 'results.json'), '{');
    const into = ['--into', at('canvas.csv'), '--column', '2', '-o', at('out.csv')];
    const { code, stdout } = await gradebook(...into);

    expect(code).to.equal(1);
    expect(stdout).to.include('two (Ben Bo, row 4): the grader failed: x');
    expect(stdout).to.match(/one \(Ada Lovelace, row 3\): the grader failed: results\.json: /u);
    expect(stdout).to.include('who: no student has the id "who"');
    expect(await readFile(at('out.csv'), 'utf8')).to.include('"Bo, Ben",102,ben,L1,3\n');
  });

  it('should do with the ids if nobody wrote whose the submissions are', async () => {
    await rm(join(at('results'), 'submitters.json'));
    await writeResult(at('results'), sampleResult('lovelaceada_101', 20));
    const { code, stdout, stderr } = await gradebook('--into', at('canvas.csv'), '--column', '2');

    expect(code).to.equal(1);
    expect(stdout).to.match(/filled +1\n/u);
    expect(stderr).to.include('has no submitters.json');
  });

  it('should write shares of the points possible if asked', async () => {
    const into = ['--into', at('canvas.csv'), '--column', 'Home', '--scale', 'percent'];
    const { code } = await gradebook(...into);

    expect(code).to.equal(0);
    expect(await readFile(at('canvas-graded.csv'), 'utf8')).to.include('ada,L1,10\n');
  });

  for (const [what, args, message] of [
    ['no export', [], 'Into what? --into'],
    ['an export that is not there', ['--into', 'nowhere.csv'], 'Cannot read nowhere.csv'],
    ['several columns', [], '--column "Home (1)" or "Pager (2)"'],
    ['a score above the points possible', ['--column', 'Home'], '--scale percent'],
    ['another scale', ['--scale', 'letters'], '--scale is points or percent'],
    ['assignments nobody was graded for', ['--column', '2', '-a', 'fork'], 'page-table'],
    ['two folders', ['more'], 'what is "more"?'],
  ] as const) {
    it(`should refuse ${what}, and write nothing`, async () => {
      const into = what.includes('export') ? [] : ['--into', at('canvas.csv')];
      const { code, stdout, stderr } = await gradebook(...into, ...args);

      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
      expect(await readdir(folder)).not.to.include('canvas-graded.csv');
    });
  }

  for (const [what, make] of [
    ['its name', (path: string) => path],
    ['a link', async (path: string) => symlinked(path, symlink)],
    ['another name of the file', async (path: string) => symlinked(path, link)],
  ] as const) {
    it(`should never write to the export, told by ${what}`, async () => {
      const output = await make(at('canvas.csv'));
      const into = ['--into', at('canvas.csv'), '--column', '2', '-o', output];
      const { code, stderr } = await gradebook(...into);

      expect(code).to.equal(2);
      expect(stderr).to.include('is the export itself');
      expect(await readFile(at('canvas.csv'), 'utf8')).to.equal(CANVAS);
    });
  }

  it('should exit with 3 if it cannot write, and leave nothing half', async () => {
    await mkdir(at('out'));
    const into = ['--into', at('canvas.csv'), '--column', '2', '-o', at('out')];
    const { code, stdout, stderr } = await gradebook(...into);

    expect([code, stdout]).to.deep.equal([3, '']);
    expect(stderr).to.include(`Cannot write ${at('out')}: `);
    expect((await readdir(folder)).sort()).to.deep.equal(['canvas.csv', 'out', 'results']);
  });

  for (const [what, name, content, message] of [
    ['damaged submitters', 'results/submitters.json', '{', 'submitters.json is damaged'],
    ['other submitters', 'results/submitters.json', '{"a":1}', 'not a list of people'],
    ['something that is no table', 'canvas.csv', 'PK\u0003\u0004\0', 'not a CSV file'],
    ['another table', 'canvas.csv', 'a,b\n', 'neither a gradebook exported from Canvas'],
  ] as const) {
    it(`should refuse ${what}`, async () => {
      await writeFile(at(name), content);
      const { code, stderr } = await gradebook('--into', at('canvas.csv'));

      expect(code).to.equal(2);
      expect(stderr).to.include(message);
    });
  }

  it('should refuse what holds no results', async () => {
    const empty = await grade('gradebook', folder, '--into', at('canvas.csv'));
    const one = await grade('gradebook', join(at('results'), 'one'), '--into', at('canvas.csv'));

    expect([empty.code, one.code]).to.deep.equal([2, 2]);
    expect(empty.stderr).to.include('holds no results');
    expect(one.stderr).to.include(`Give the folder above it: ${at('results')}`);
  });
});

async function symlinked(
  path: string,
  make: (target: string, path: string) => Promise<void>,
): Promise<string> {
  const other = `${path}.other`;
  await make(path, other);
  return other;
}
