import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { replayFile } from './vector-file.ts';
import type { SequenceVector, WalkVector } from './vector.ts';

const PUBLIC = join(__dirname, 'vectors-public.jsonl.gz');

describe('the measured vectors', () => {
  it('should all be as the emulator has them', async function () {
    this.timeout(60_000);

    const { passed, failures } = await replayFile(PUBLIC);

    expect(failures.slice(0, 10)).to.deep.equal([]);
    expect(passed).to.equal(12_783);
  });
});

describe('replayFile', () => {
  let folder: string;
  let walks: WalkVector[];
  let sequence: SequenceVector;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-vectors-'));
    const vectors = gunzipSync(readFileSync(PUBLIC))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as WalkVector | SequenceVector);
    walks = vectors.filter((vector) => vector.t === 'walk');
    sequence = vectors.find(
      (one): one is SequenceVector => one.t === 'seq' && one.retain.length > 1,
    )!;
  });
  after(() => rmSync(folder, { recursive: true }));

  async function failuresOf(vectors: readonly unknown[]) {
    const path = join(folder, 'some.jsonl');
    writeFileSync(path, vectors.map((vector) => JSON.stringify(vector)).join('\n'));
    return (await replayFile(path)).failures;
  }

  it('should tell a vector that comes out otherwise, with both sides', async () => {
    const ok = walks.find(({ exp }) => exp.r === 'ok')!;
    const fault = walks.find(({ exp }) => exp.r === 'pf')!;
    const protection = walks.find(({ exp }) => exp.r === 'gp')!;

    const failures = await failuresOf([
      { ...ok, exp: { ...ok.exp, pa: '0x1' } },
      { ...ok, exp: { ...ok.exp, after: ok.exp.after!.map(() => '0x0') } },
      { ...fault, exp: { ...fault.exp, err: fault.exp.err! ^ 1 } },
      { ...fault, exp: { ...fault.exp, cr2: '0x1' } },
      { ...protection, exp: { r: 'ok', pa: '0x0' } },
      ok,
    ]);

    expect(failures.map(({ id }) => id)).to.deep.equal(
      [ok, ok, fault, fault, protection].map(({ id }) => id),
    );
    expect(failures[0]?.expected).to.include('"pa":"0x1"');
    expect(failures[0]?.got).to.include(`"pa":"${ok.exp.pa!}"`);
  });

  it('should hold a sequence to its traces', async () => {
    const [failure] = await failuresOf([{ ...sequence, retain: [9], traces: [[9]] }]);

    expect(failure?.id).to.equal(`${sequence.id} (retain)`);
  });

  it('should fail what is no vector, and reject what is no file', async () => {
    expect(await failuresOf([{ id: 'x' }, 3])).to.have.length(2);
    const broken = join(folder, 'broken.jsonl.gz');
    writeFileSync(broken, gzipSync('{}\n'.repeat(1000)).subarray(0, 20));
    for (const path of [broken, join(folder, 'nowhere.gz'), folder]) {
      const error = await replayFile(path).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
    }
  });
});
