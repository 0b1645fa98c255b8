import { expect } from 'chai';
import { activate, machine } from '../keos/active-machine.ts';
import { Machine } from '../machine.ts';
import { stopBy, thrownBy } from '../testing/endings.ts';
import { errorText } from './errors.ts';
import { veridian } from './index.ts';

const { attempt, FrameAllocatorError, KernelError, todo } = veridian;

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe('KernelError of veridian', () => {
  beforeEach(() => activate(new Machine()));

  it('should have a kind and its fields, and be frozen', () => {
    const error = KernelError.OutOfMemory({ requested: 4096n, available: 0n });

    expect(error).to.include({ kind: 'OutOfMemory', requested: 4096n, available: 0n });
    expect(Object.isFrozen(error)).to.equal(true);
    expect(errorText(error)).to.equal(
      'KernelError.OutOfMemory { requested: 0x1000, available: 0x0 }',
    );
  });

  it('should be written with all kinds of fields', () => {
    expect(errorText(KernelError.UnmappedMemory({ addr: 0x1234n }))).to.equal(
      'KernelError.UnmappedMemory { addr: 0x1234 }',
    );
    expect(errorText(KernelError.NotInitialized({ subsystem: 'demand_paging' }))).to.equal(
      'KernelError.NotInitialized { subsystem: "demand_paging" }',
    );
    expect(errorText(KernelError.HardwareError({ device: 'disk', code: 5 }))).to.equal(
      'KernelError.HardwareError { device: "disk", code: 5 }',
    );
    expect(errorText(FrameAllocatorError.OutOfMemory)).to.equal('FrameAllocatorError.OutOfMemory');
  });

  it('should be recognised by having been made, not by its looks', () => {
    const error = KernelError.InvalidAddress({ addr: 1n });

    for (const lookalike of [{ ...error }, Object.create(error), null, 1n, 'KernelError'])
      expect(errorText(lookalike)).to.equal(undefined);
  });

  it('should keep the beginning of a long text', () => {
    const error = KernelError.NotImplemented({ feature: 'x'.repeat(100) });

    expect(error).to.include({ feature: 'x'.repeat(60) });
  });

  it('should panic for a field that is missing or of another type, naming both', () => {
    const wrong: readonly (readonly [() => unknown, string])[] = [
      [
        () => KernelError.UnmappedMemory({} as never),
        'KernelError.UnmappedMemory: the field addr is undefined',
      ],
      [() => KernelError.UnmappedMemory(undefined as never), 'the field addr is undefined'],
      [() => KernelError.InvalidAddress({ addr: 16 as never }), 'the field addr is 16 (a number'],
      [() => KernelError.InvalidAddress({ addr: -1n }), 'the field addr is -0x1'],
      [() => KernelError.NotInitialized({ subsystem: 1n as never }), 'the field subsystem is 0x1'],
      [
        () => KernelError.HardwareError({ device: 'disk', code: 1.5 }),
        'the field code is 1.5, not an integer',
      ],
    ];
    for (const [call, message] of wrong) {
      activate(new Machine());
      expect(stopBy(call).message, message).to.include(message);
    }
  });

  it('should read a field before its call begins, since a getter is code of the caller', () => {
    const fields = {
      get addr(): bigint {
        return veridian.FrameNumber.new(7n);
      },
    };

    expect(KernelError.InvalidAddress(fields)).to.include({ addr: 7n });
    expect(machine().stop).to.equal(null);
  });
});

describe('attempt of veridian', () => {
  beforeEach(() => activate(new Machine()));

  it('should give what a call returns, or the error of the interface that it threw', () => {
    const error = KernelError.NotFound({ resource: 'inode', id: 3n });

    expect(attempt(() => 7)).to.deep.equal({ ok: true, value: 7 });
    expect(attempt(throwing(error))).to.deep.equal({ ok: false, error });
    expect(attempt(throwing(FrameAllocatorError.OutOfMemory))).to.have.property('ok', false);
  });

  it('should let everything else through, and everything once the machine has stopped', () => {
    const own = new TypeError('mine');

    expect(thrownBy(() => attempt(throwing(own)))).to.equal(own);
    expect(stopBy(() => attempt(() => todo('it'))).kind).to.equal('todo');
    const thrown = thrownBy(() => attempt(throwing(FrameAllocatorError.OutOfMemory)));
    expect(thrown).to.equal(FrameAllocatorError.OutOfMemory);
  });
});
