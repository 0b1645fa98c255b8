/** The planted bugs and the variants that there are: whether they can be planted and read, and are what they say. */
import { expect } from 'chai';
import { assignmentInfos, loadAssignment } from '../runner/assignments.ts';
import { modelFiles } from '../runner/model.ts';
import { mutantsOf } from './mutant-files.ts';
import { double, single } from './planted.ts';
import { variantsOf } from './variant-files.ts';

const model = modelFiles();

describe('mutants', () => {
  for (const { id } of assignmentInfos()) {
    const { mutants, doubles } = mutantsOf(id);

    it(`should fit the model, alone and in pairs (${id})`, () => {
      for (const mutant of mutants) {
        const { files } = single(id, model, mutant);
        expect(files, mutant.id).not.to.deep.equal(model);
      }
      for (const pair of doubles) double(id, model, mutants, pair);
    });

    it(`should name rules and checks that there are (${id})`, () => {
      const checks = new Map(
        loadAssignment(assignmentInfos().find((info) => info.id === id)!).checks.map((check) => [
          check.id,
          check.rule,
        ]),
      );

      for (const { id: name, rule, check } of mutants)
        expect(checks.get(check), name).to.equal(rule);
    });

    it(`should each be another mistake (${id})`, () => {
      const texts = mutants.map((mutant) => JSON.stringify(single(id, model, mutant).files));

      expect(new Set(texts).size).to.equal(texts.length);
    });
  }

  it('should be none where there is no folder', () => {
    expect(mutantsOf('no-such-assignment')).to.deep.equal({
      mutants: [],
      doubles: [],
      leftOut: [],
    });
  });
});

describe('variants', () => {
  for (const { id } of assignmentInfos()) {
    it(`should be laid over the model, and differ from it (${id})`, () => {
      for (const { name, files, description } of variantsOf(id, model)) {
        expect(Object.keys(files), name).to.include.members(Object.keys(model));
        expect(files, name).not.to.deep.equal(model);
        expect(description, name).to.match(/\.$/u);
      }
    });
  }

  it('should be none where there is no folder', () => {
    expect(variantsOf('no-such-assignment', model)).to.deep.equal([]);
  });
});
