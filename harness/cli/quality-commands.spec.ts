/** The commands that prove the suites, as processes. */
import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kill } from '../quality/kill.ts';
import { grade } from './testing/command.ts';

describe('grade.ts mutants', function () {
  this.timeout(120_000);

  it('should plant the bugs asked for, and say who has noticed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-mutants-'));
    const path = join(folder, 'kills.json');
    try {
      const { code, stdout } = await grade(
        'mutants',
        '--assignment',
        'page-table',
        '--only',
        'pml4-mask-*,map-overwrites',
        '--json',
        path,
      );

      expect(code).to.equal(0);
      expect(stdout).to.match(/^map-overwrites +pt-duplicated .* PT-6 /mu);
      expect(stdout).to.include('right rule 3 of 3');
      const kills = JSON.parse(await readFile(path, 'utf8')) as Kill[];
      expect(kills.map(({ mutant, killedBy }) => [mutant, killedBy])).to.deep.equal([
        ['pml4-mask-eight-bits', 'pt-indices-kernel'],
        ['map-overwrites', 'pt-duplicated'],
        ['pml4-mask-eight-bits + clear-misses-last-slot', 'pt-indices-kernel'],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const [what, args, message] of [
    ['a word', ['unmap-releases-too'], 'takes no "unmap-releases-too"'],
    ['an assignment that there is not', ['-a', 'page-tabel'], 'Did you mean page-table?'],
    ['a pattern that means nothing', ['--only', 'no-such-bug'], 'No mutant matches.'],
    ['a number of processes that is none', ['-j', '0'], 'from 1 to 256'],
  ] as const) {
    it(`should refuse ${what}`, async () => {
      const { code, stdout, stderr } = await grade('mutants', ...args);

      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
    });
  }
});

describe('grade.ts variants', function () {
  this.timeout(120_000);

  it('should play the seeds asked for on a correct pager of another make', async () => {
    const { code, stdout } = await grade(
      'variants',
      '--only',
      'page-table/raw-words',
      '--runs',
      '2',
      '--seed',
      '5',
      '--json',
    );

    expect(code).to.equal(0);
    const [run] = JSON.parse(stdout) as { name: string; seeds: number; alarms: unknown[] }[];
    expect(run).to.deep.include({ name: 'raw-words', seeds: 2, alarms: [] });
  });

  it('should refuse a pattern that means nothing', async () => {
    const { code, stderr } = await grade('variants', '--only', 'no-such-pager');

    expect(code).to.equal(2);
    expect(stderr).to.include('No variant matches.');
  });
});
