/** What is left of 200 failing programs of wrong pagers: whether it is 1-minimal, how long it is, and what it cost to find out. `LENGTHS`: a file for the lengths. */
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import {
  breaks,
  failingPrograms,
  reduced,
  smallerPrograms,
  withoutOne,
  WRONG_PAGERS,
} from '../testing/failing-programs.ts';

const PROGRAMS = 200;

describe('reduction', () => {
  it(`should be 1-minimal for ${String(PROGRAMS)} failing programs`, async function () {
    this.timeout(0);
    let total = 0;
    const found: { before: number; after: number }[][] = [];
    for (const pager of WRONG_PAGERS) {
      const lengths: number[] = [];
      const pairs: { before: number; after: number }[] = [];
      found.push(pairs);
      const costs: number[] = [];
      for (const failing of failingPrograms(pager, Math.ceil(PROGRAMS / WRONG_PAGERS.length))) {
        const { program, executions, minimal } = await reduced(pager, failing);
        const name = `${pager.name}, ${failing.rule}: ${JSON.stringify(program)}`;
        expect(breaks(pager, failing.rule, program), name).to.equal(true);
        expect(minimal, name).to.equal(true);
        for (const smaller of [...withoutOne(program), ...smallerPrograms(program)])
          expect(
            breaks(pager, failing.rule, smaller),
            `${name} ${JSON.stringify(smaller)}`,
          ).to.equal(false);
        lengths.push(program.ops.length);
        pairs.push({ before: failing.program.ops.length, after: program.ops.length });
        costs.push(executions);
      }
      total += lengths.length;
      console.log(
        `    ${pager.name.padEnd(46)} ${String(lengths.length)} programs, operations ${spread(lengths)}, executions ${spread(costs)}`,
      );
    }
    expect(total).to.be.at.least(PROGRAMS);
    const { LENGTHS } = process.env;
    if (LENGTHS !== undefined) writeFileSync(LENGTHS, JSON.stringify(found));
  });
});

/** Least, median and most. */
function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number): string => String(sorted[Math.round((sorted.length - 1) * share)]);
  return `${at(0)}/${at(0.5)}/${at(1)}`;
}
