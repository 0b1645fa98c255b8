import { expect } from 'chai';
import { eagerProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import { tableProgram } from '../../generators/table-scenario.ts';
import { stepBudget } from './fuel.ts';

const of = (write: (p: ProcessScript) => void): number => stepBudget(eagerProgram(write));

describe('stepBudget', () => {
  it('should be half a million for a program that maps nothing', () => {
    expect(of((p) => p.spawn())).to.equal(500_000);
  });

  it('should grow with the pages that are mapped, by call of the pager and by system call', () => {
    expect(of((p) => p.mmap(0x1000, 0x2001, 'r'))).to.equal(500_000 + 3 * 500);
    expect(of((p) => p.sysMmap({ addr: 0x1000, size: 0x2001 }))).to.equal(500_000 + 3 * 500);
    expect(
      stepBudget(
        tableProgram((t) => {
          t.table();
          t.map(0x1000, 'r');
        }),
      ),
    ).to.equal(500_000 + 500);
  });

  it('should not grow with ranges that nobody can map', () => {
    expect(of((p) => p.mmap(0x1000, 1n << 47n, 'r'))).to.equal(500_000);
    expect(of((p) => p.sysMmap({ addr: 0x1000, size: (1n << 64n) - 1n }))).to.equal(500_000);
  });
});
