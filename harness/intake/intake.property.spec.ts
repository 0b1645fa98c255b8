import { expect } from 'chai';
import fc from 'fast-check';
import { readPath as readSubmission } from './testing/read-path.ts';
import { isRejection, type Rejection, type Submission } from './submission.ts';
import { Workspace } from './testing/workspace.ts';
import { zipBytes } from './testing/zip-bytes.ts';

const STEPS = [
  '..',
  '.',
  '',
  'src',
  'fork.ts',
  'a.ts',
  '__proto__.ts',
  '.git',
  'C:',
  '\\',
  '\0',
  '~',
];
const entryName = fc.oneof(
  fc.array(fc.constantFrom(...STEPS), { maxLength: 6 }).map((steps) => steps.join('/')),
  fc.string({ unit: 'binary', maxLength: 40 }).map((name) => `${name}.ts`),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const entry = fc.record({
  name: entryName,
  text: fc.string(),
  method: fc.constantFrom(0, 8),
  mode: fc.constantFrom(0o100644, 0o040755, 0, 0o120777),
  flags: fc.constantFrom(0, 0x800, 1),
});

describe('reading any archive', () => {
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.remove());

  const read = (bytes: Buffer) => readSubmission(workspace.file('any.zip', bytes));

  it('should never give a path outside the submission, nor throw', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const good = { name: 'fork.ts', text: '//' };
        seen += expectSound(await read(zipBytes([good, ...entries]))) ? 1 : 0;
      }),
      { numRuns: 500 },
    );
    expect(seen, 'accepted archives').to.be.greaterThan(0);
  });

  it('should survive any damage to an archive', async () => {
    const whole = zipBytes([
      { name: 'src/fork.ts', text: 'export const answer = 42;\n'.repeat(9) },
      { name: 'src/lib/x.ts', text: '//', method: 0 },
    ]);
    const damage = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const bytes = Buffer.from(whole);
        for (const { at, value } of damages) bytes[at] = value;
        expectSound(await read(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('should survive bytes that are no archive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const tail = zipBytes([{ name: 'fork.ts' }]);
        expect(isRejection(await read(Buffer.from(noise)))).to.equal(true);
        expectSound(await read(Buffer.concat([noise, tail])));
      }),
    );
  });
});

/** True for a submission, whose paths are then sound; a rejection must have a sentence one can print. */
function expectSound(result: Submission | Rejection): boolean {
  if (isRejection(result)) {
    expect(result.reason).to.match(/^[\p{Lu}"].*\.$/u);
    expect(result.reason).not.to.match(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    return false;
  }
  for (const path of Object.keys(result.files)) {
    expect(path)
      .to.match(/\.ts$/)
      .and.not.match(/^\/|^[A-Za-z]:|\\|\p{Cc}/u);
    expect(path.split('/')).not.to.include.oneOf(['..', '.', '']);
  }
  return true;
}
