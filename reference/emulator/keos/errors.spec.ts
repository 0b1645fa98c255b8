import { expect } from 'chai';
import type { Va } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { stopBy, thrownBy } from '../testing/endings.ts';
import { activate, machine } from './active-machine.ts';
import { errorName } from './errors.ts';
import { keos } from './index.ts';

const { attempt, KernelError, PageTableMappingError, todo } = keos;

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

const setUp = () => activate(new Machine());

describe('KernelError and PageTableMappingError', () => {
  beforeEach(setUp);

  const all = [...Object.values(KernelError), ...Object.values(PageTableMappingError)];

  it('should be frozen, and frozen values', () => {
    expect([KernelError, PageTableMappingError, ...all].every(Object.isFrozen)).to.equal(true);
  });

  it('should know their names', () => {
    expect(KernelError.NoMemory).to.include({ name: 'NoMemory', errno: -12 });
    expect(KernelError.NotSupportedOperation.errno).to.equal(-524);
    expect(PageTableMappingError.Unaligned.name).to.equal('Unaligned');
  });

  it('should have an errno of its own each', () => {
    const numbers = Object.values(KernelError).map(({ errno }) => errno);

    expect(new Set(numbers)).to.have.lengthOf(21);
    expect(numbers.every((n) => n < 0)).to.equal(true);
  });
});

describe('errorName', () => {
  beforeEach(setUp);

  it('should recognise the errors by identity', () => {
    expect(errorName(KernelError.Busy)).to.equal('KernelError.Busy');
    expect(errorName(PageTableMappingError.Duplicated)).to.equal(
      'PageTableMappingError.Duplicated',
    );
    expect(errorName({ ...KernelError.Busy })).to.equal(undefined);
    expect(errorName(new Error('Busy'))).to.equal(undefined);
  });
});

describe('attempt', () => {
  beforeEach(setUp);

  it('should give the value', () => {
    expect(attempt(() => 5)).to.deep.equal({ ok: true, value: 5 });
  });

  it('should give an error of the interface', () => {
    for (const error of [KernelError.IOError, PageTableMappingError.NotExist]) {
      const result = attempt(throwing(error));

      expect(result).to.deep.equal({ ok: false, error });
    }
  });

  it('should let anything else pass', () => {
    const other = new Error('other');

    expect(thrownBy(() => attempt(throwing(other)))).to.equal(other);
  });

  it('should not hide that the machine has stopped', () => {
    const body = () => {
      thrownBy(() => keos.Va.add(-1n as Va, 0n));
      throwing(KernelError.IOError)();
    };

    expect(thrownBy(() => attempt(body))).to.equal(KernelError.IOError);
  });
});

describe('todo', () => {
  beforeEach(setUp);

  it('should stop the machine and say what is missing', () => {
    expect(stopBy(() => todo('PageTable.map'))).to.include({
      kind: 'todo',
      message: 'not implemented: PageTable.map',
    });
  });

  it('should take no code for a text, and no long text', () => {
    expect(stopBy(() => todo({ toString: throwing(1) } as never)).message).to.equal(
      'not implemented: ?',
    );
    activate(new Machine());
    expect(stopBy(() => todo('x'.repeat(999))).message).to.have.lengthOf(137);
  });
});

describe('a panic', () => {
  beforeEach(setUp);

  it('should make every later call fail the same way', () => {
    const { message } = stopBy(() => keos.Va.new(1 as never));

    const later = [
      () => keos.Va.new(1n),
      () => keos.Page.new(),
      () => keos.PageTableRoot.newBoxed(),
      () => keos.readCr3(),
      () => keos.contains(1n, 1n),
      () => todo('later'),
    ].map((call) => thrownBy(call));

    expect(later.slice(0, -1).every((error) => (error as Error).message === message)).to.equal(
      true,
    );
    expect(machine().stop?.message).to.equal(message);
  });
});
