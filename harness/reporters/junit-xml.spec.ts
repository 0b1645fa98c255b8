import { expect } from 'chai';
import { esmPackage } from '../testing/esm-package.ts';
import { junitXml } from './junit-xml.ts';
import { SAMPLE_GRADE, sampleAssignment, sampleCheck, sampleSubmission } from './sample-grade.ts';
import { attribute, childrenOf, parseXml, textOf, type XmlElement } from './strict-xml.ts';

const RULES = [{ id: 'A', title: 'rule A' }];

const cases = (root: XmlElement): readonly XmlElement[] =>
  childrenOf(root, 'testsuite').flatMap((suite) => childrenOf(suite, 'testcase'));

describe('junitXml', () => {
  it('should have the structure readers agree on', () => {
    const root = parseXml(junitXml(SAMPLE_GRADE));

    expect(root.name).to.equal('testsuites');
    for (const suite of childrenOf(root, 'testsuite')) {
      const inside = childrenOf(suite, 'testcase');
      expect(attribute(suite, 'name')).not.to.equal('');
      expect(attribute(suite, 'tests')).to.equal(String(inside.length));
      for (const kind of ['failure', 'error', 'skipped'] as const) {
        const count = inside.filter((one) => childrenOf(one, kind).length > 0).length;
        const total = { failure: 'failures', error: 'errors', skipped: 'skipped' }[kind];
        expect(attribute(suite, total)).to.equal(String(count));
      }
      for (const one of inside) {
        expect(attribute(one, 'name')).to.match(/\S/u);
        expect(attribute(one, 'classname')).to.match(/\S/u);
        expect(attribute(one, 'time')).to.match(/^\d+(\.\d+)?$/u);
        expect(one.children.length).to.be.at.most(2);
      }
    }
  });

  it('should be read by a program for which it is meant', async () => {
    interface Counted {
      readonly tests: number;
      readonly failures: number;
      readonly testsuite: readonly {
        readonly name: string;
        readonly testcase: readonly { readonly failure?: readonly { readonly inner: string }[] }[];
      }[];
    }
    const { parse } = await esmPackage<{ parse(xml: string): Promise<Counted> }>('junit2json');

    const { tests, failures, testsuite } = await parse(junitXml(SAMPLE_GRADE));

    const found = testsuite.flatMap(({ testcase }) => testcase);
    expect(found).to.have.length(tests);
    expect(found.filter(({ failure }) => failure !== undefined)).to.have.length(failures);
    expect(testsuite.map(({ name }) => name)).to.include('Page table');
    expect(
      found.flatMap(({ failure }) => failure ?? []).every(({ inner }) => inner !== ''),
    ).to.equal(true);
  });

  it('should put the folder of the code before the names of files', () => {
    const [found] = cases(parseXml(junitXml(SAMPLE_GRADE, 'hw3/pager'))).filter(
      (one) => attribute(one, 'name') === 'LP-1.2 loads on write',
    );

    expect(attribute(found!, 'file')).to.equal('hw3/pager/lazy-pager.ts');
  });

  it('should tell everything in the text, not only in the message', () => {
    const failure = cases(parseXml(junitXml(SAMPLE_GRADE)))
      .flatMap((one) => childrenOf(one, 'failure'))
      .find((one) => attribute(one, 'type') === 'PT-2');

    expect(textOf(failure!)).to.include('processor 0 still uses');
    expect(textOf(failure!)).to.include('> 6. processor 0 reads');
    expect(textOf(failure!)).to.include('replay /srv/work/alice --check');
  });

  it("should point at the student's line", () => {
    const found = cases(parseXml(junitXml(SAMPLE_GRADE))).find(
      (one) => attribute(one, 'name') === 'LP-1.2 loads on write',
    );

    expect(attribute(found!, 'file')).to.equal('lazy-pager.ts');
    expect(attribute(found!, 'line')).to.equal('57');
  });

  it('should name cases uniquely', () => {
    const checks = [sampleCheck('A.1'), sampleCheck('A.1'), sampleCheck('A.1')];
    const grade = sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]);

    const names = cases(parseXml(junitXml(grade))).map((one) => attribute(one, 'name'));

    expect(new Set(names)).to.have.property('size', 3);
  });

  it('should call trouble in the grader an error, and a submission that cannot be graded a failure', () => {
    const kinds = (['error', 'rejected'] as const).map((outcome) =>
      cases(parseXml(junitXml(sampleSubmission([], { outcome, reason: 'x' })))).map(
        (one) => one.children[0]?.name,
      ),
    );

    expect(kinds).to.deep.equal([['error'], ['failure']]);
  });

  it('should fail an assignment whose file does not load, and leave out one not submitted', () => {
    const grade = sampleSubmission(
      (['broken', 'not submitted'] as const).map((outcome) =>
        sampleAssignment(outcome, outcome, RULES, [], { outcome }),
      ),
    );

    const root = parseXml(junitXml(grade));

    expect(cases(root).map((one) => attribute(one, 'classname'))).to.deep.equal(['broken']);
  });
});
