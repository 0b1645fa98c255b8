import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resultsJson } from '../reporters/results-json.ts';
import { sampleSubmission } from '../reporters/sample-grade.ts';
import { formatsIn, rowsOfOthers } from './earlier-results.ts';

describe('an output folder', () => {
  let folder = '';

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-earlier-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('should have the rows of all who are not named, and skip what is no result', async () => {
    for (const submission of ['carol', 'alice', 'bob']) {
      await put(`${submission}/results.json`, resultsJson(sampleSubmission([], { submission })));
    }
    await put('damaged/results.json', '{ "schema": "faultline/results/v1" }');
    await put('empty/notes.txt', '');
    await put('summary.json', '{}');

    const rows = await rowsOfOthers(folder, new Set(['bob']));

    expect(rows.map((row) => row.submission)).to.deep.equal(['alice', 'carol']);
  });

  it('should have the formats that any submission in it has a file of', async () => {
    expect(await formatsIn(folder)).to.deep.equal([]);
    expect(await formatsIn(join(folder, 'not there'))).to.deep.equal([]);

    await put('alice/feedback.md', '');
    await put('bob/junit.xml', '');

    expect(await formatsIn(folder)).to.deep.equal(['junit']);
  });
});
