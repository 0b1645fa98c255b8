import { expect } from 'chai';
import { automaticMutants, type Change } from './automatic-mutant.ts';

const TEXT = `class Table {
  find(at: number): boolean {
    return at > 0 && at < 9 && at > 0;
  }
}
function first(): number {
  return 1;
}
`;

/** The change of the nth `passage` of {@link TEXT}, in a file called `a.ts`. */
function change(passage: string, replacement: string, nth = 1, text = TEXT): Change {
  let start = -1;
  for (let i = 0; i < nth; i++) start = text.indexOf(passage, start + 1);
  return { file: 'a.ts', start, end: start + passage.length, mutator: 'Some', replacement };
}

const ids = (changes: readonly Change[], text = TEXT): readonly string[] =>
  automaticMutants({ 'a.ts': text }, changes).map(({ id }) => id);

describe('automaticMutants', () => {
  it('should make one change in one file, at its place', () => {
    const model = { 'a.ts': TEXT, 'b.ts': 'const b = 1;' };

    const [mutant] = automaticMutants(model, [change('1', '2')]);

    expect(mutant).to.include({ file: 'a.ts', line: 7, mutator: 'Some' });
    expect(mutant?.files).to.deep.equal({ ...model, 'a.ts': TEXT.replace('1', '(2)') });
  });

  it('should keep an operator from taking its neighbours along', () => {
    const [mutant] = automaticMutants({ 'a.ts': TEXT }, [
      change('at > 0 && at < 9', 'at > 0 || at < 9'),
    ]);

    expect(mutant?.files['a.ts']).to.contain('return (at > 0 || at < 9) && at > 0;');
  });

  it('should name a mutant after its function, passage and replacement, and number what is there twice', () => {
    const found = ids([
      change('at > 0', 'true', 2),
      change('at > 0', 'true'),
      change('{\n  return 1;\n}', '{}'),
    ]);

    expect(found).to.deep.equal([
      'a.ts Table.find: at > 0 → true',
      'a.ts Table.find: at > 0 → true #2',
      'a.ts first: { return 1; } → {}',
    ]);
  });

  it('should keep the names when other code changes', () => {
    const edited = `const more = 0;\n${TEXT.replace('class Table {', 'class Table {\n  more() { return 0 > 0; }\n')}`;

    expect(ids([change('at < 9', 'at <= 9', 1, edited)], edited)).to.deep.equal(
      ids([change('at < 9', 'at <= 9')]),
    );
  });

  it('should show only the beginning of a long block', () => {
    const block = '{\n    return at > 0 && at < 9 && at > 0;\n  }';

    expect(ids([change(block, '{}')])).to.deep.equal([
      'a.ts Table.find: { return at > 0 && at < 9 && at > 0; } → {}',
    ]);
    const longer = TEXT.replace('at < 9', 'at < 900000000000');
    expect(
      ids([change(block.replace('at < 9', 'at < 900000000000'), '{}', 1, longer)], longer),
    ).to.deep.equal(['a.ts Table.find: { return at > 0 && at < 900000000000 &&… → {}']);
  });

  it('should leave out what is no code, what changes nothing, and what was made already', () => {
    expect(ids([change('1', '')])).to.deep.equal([]);
    expect(ids([change('{\n  return 1;\n}', '{\n  return 1;\n}')])).to.deep.equal([]);
    expect(ids([change('1', '2'), change('1', '2')])).to.have.lengthOf(1);
  });
});
