import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { apiReport, REPORTS } from '../../scripts/api-report.ts';

describe('contracts', () => {
  for (const { module, contract, golden } of REPORTS) {
    it(`should have the interface of ${module} that its golden report shows`, () => {
      const fresh = apiReport(module, readFileSync(contract, 'utf8'));

      expect(
        fresh,
        'If the change is meant: run `npx ts-node scripts/api-report.ts` and, if old submissions may break, raise @version.',
      ).to.equal(readFileSync(golden, 'utf8'));
    });
  }

  it('should list a type and a value of the same name, and nothing unexported', () => {
    const report = apiReport(
      'keos',
      '/**\n * @version 7\n */\ndeclare const hidden: unique symbol;\n' +
        '/** A type. */\nexport type Va = bigint;\nexport declare const Va: 1n;\nexport declare function all(): void;\n',
    );

    expect(report).to.equal(
      'keos interface v7\n\nexport type Va = bigint;\n\nexport declare const Va: 1n;\n\nexport declare function all(): void;\n',
    );
  });
});
