import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { apiReport, CONTRACT, GOLDEN_REPORT } from '../../scripts/api-report.ts';

describe('keos', () => {
  it('should have the interface that its golden report shows', () => {
    const fresh = apiReport(readFileSync(CONTRACT, 'utf8'));

    expect(
      fresh,
      'If the change is meant: run `npx ts-node scripts/api-report.ts` and, if old submissions may break, raise @version.',
    ).to.equal(readFileSync(GOLDEN_REPORT, 'utf8'));
  });

  it('should list a type and a value of the same name, and nothing unexported', () => {
    const report = apiReport(
      '/**\n * @version 7\n */\ndeclare const hidden: unique symbol;\n' +
        '/** A type. */\nexport type Va = bigint;\nexport declare const Va: 1n;\nexport declare function all(): void;\n',
    );

    expect(report).to.equal(
      'keos interface v7\n\nexport type Va = bigint;\n\nexport declare const Va: 1n;\n\nexport declare function all(): void;\n',
    );
  });
});
