import { expect } from 'chai';
import { processProgram } from '../generators/process-scenario.ts';
import { tableProgram } from '../generators/table-scenario.ts';
import { mappedPages } from './mapped-pages.ts';

describe('mappedPages', () => {
  it('should count the pages of every call that maps', () => {
    const tables = tableProgram((p) => {
      p.table();
      p.map(0x1000, 'r');
      p.map(0x1000, 'r');
      p.doMap(0x2000, 'r');
      p.walk(0x2000);
    });
    const processes = processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x2001, 'r');
      p.read(0xa000);
      p.munmap(0xa000);
      p.mmap(0xa000, 0x1000, 'r');
    });

    expect(mappedPages(tables)).to.equal(3);
    expect(mappedPages(processes)).to.equal(4);
  });

  it('should leave out ranges that are only there to be refused', () => {
    const program = processProgram((p) => {
      p.spawn();
      p.mmap(0x1000, 2 ** 28, 'r');
      p.mmap(0x1000, 2 ** 28 + 1, 'r');
    });

    expect(mappedPages(program)).to.equal(2 ** 16);
  });
});
