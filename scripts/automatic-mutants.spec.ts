import { expect } from 'chai';
import { type AutomaticMutant, automaticMutants } from '../harness/quality/automatic-mutant.ts';
import { equivalentsOf } from '../harness/quality/equivalent.ts';
import { assignmentInfos } from '../harness/runner/assignments.ts';
import { modelFiles } from '../harness/runner/model.ts';
import { strykerChanges } from './stryker-changes.ts';
import { plantedIn } from './written-for.ts';

describe('automatic mutants of the model', () => {
  const model = modelFiles();
  let mutants: readonly AutomaticMutant[];

  before(async () => {
    mutants = automaticMutants(model, await strykerChanges(model));
  });

  it('should be made in all code of the model, and differ from it in one passage', () => {
    expect(mutants.length).to.be.greaterThan(300);
    for (const { id, file, files } of mutants) {
      expect(files[file], id).not.to.equal(model[file]);
      expect({ ...files, [file]: '' }, id).to.deep.equal({ ...model, [file]: '' });
    }
  });

  it('should have ids of their own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).to.equal(mutants.length);
  });

  it('should be called equivalent only if they exist and are graded', () => {
    for (const { id: assignment } of assignmentInfos()) {
      const graded = plantedIn(assignment, mutants).map(({ id }) => id);

      expect(graded, assignment).not.to.deep.equal([]);
      expect(graded, assignment).to.include.members(
        equivalentsOf(assignment).map(({ mutant }) => mutant),
      );
    }
  });
});
