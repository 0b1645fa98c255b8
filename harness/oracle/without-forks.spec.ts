import { expect } from 'chai';
import { processProgram } from '../generators/process-scenario.ts';
import { describeOp } from './describe.ts';
import { withoutForks } from './without-forks.ts';

describe('withoutForks', () => {
  it('should let each child do by itself what its parent had done, also a grandchild', () => {
    const program = processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'rwu');
      p.fork('bob');
      p.write(0xa000, 2, 'bob');
      p.fork('carol', 'bob');
      p.read(0xa000, 'carol');
      p.exit();
    });

    const steps = withoutForks(program)?.ops.map((op, at) => describeOp(op, at));

    expect(steps).to.deep.equal([
      'alice starts with a new PageTable and pager',
      'alice: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'bob starts with a new PageTable and pager',
      'bob: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'bob writes a byte of 0x02 at 0xa000',
      'carol starts with a new PageTable and pager',
      'carol: mmap(0xa000, size 0x1000, READ | WRITE | USER, anonymous)',
      'carol writes a byte of 0x02 at 0xa000',
      'carol reads a byte at 0xa000',
      'alice exits',
    ]);
  });

  it('should have nothing to say of a program without a fork', () => {
    expect(withoutForks(processProgram((p) => p.spawn()))).to.equal(null);
  });
});
