import { expect } from 'chai';
import fc from 'fast-check';
import { submissionId } from './submission-id.ts';

describe('submissionId', () => {
  for (const [path, id] of [
    ['submissions/alice', 'alice'],
    ['submissions/alice/', 'alice'],
    ['alice.zip', 'alice'],
    ['Alice.ZIP', 'Alice'],
    ['Ada Lovelace_12_assignsubmission_file', 'Ada_Lovelace_12_assignsubmission_file'],
    ['.hidden', 'hidden'],
    ['--seed', 'seed'],
    ['=cmd|calc', 'cmd_calc'],
    ['a\u001b[2Jb\n', 'a_2Jb'],
    ['evil\u202Etxt', 'evil_txt'],
    ['<b>$(x)', 'b_x'],
    ['jose\u0301', 'jos\u00e9'],
    ['con.zip', 'con_'],
    ['NUL.txt', 'NUL_.txt'],
    ['summary.csv', 'summary_csv'],
    ['Summary.json.zip', 'summary_json'],
    ['submitters.json', 'submitters_json'],
    ['summary.csv.old', 'summary.csv.old'],
    ['__proto__', 'proto'],
    ['...', 'submission'],
    ['/', 'submission'],
  ] as const) {
    it(`should make ${JSON.stringify(id)} of ${JSON.stringify(path)}`, () => {
      expect(submissionId(path)).to.equal(id);
    });
  }

  it('should take the name of the current folder for "."', () => {
    expect(submissionId('.')).to.equal(submissionId(process.cwd()));
  });

  it('should always be safe and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (path) => {
        const id = submissionId(path);

        expect(id)
          .to.match(/^[^\p{C}\p{Z}/\\:*?"<>|]+$/u)
          .and.not.match(/^[-.=+@]|\.$/);
        expect(Buffer.byteLength(id)).to.be.below(250);
      }),
    );
  });
});
