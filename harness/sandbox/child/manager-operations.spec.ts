import { expect } from 'chai';
import { fileByte } from '../../../reference/contract/file-rule.ts';
import { POISON } from '../../../reference/emulator/frames.ts';
import { GLOBAL, type ManagerScript, managerProgram } from '../../generators/manager-scenario.ts';
import type { Outcome, Trace } from '../../protocol/trace.ts';
import { modelModules } from '../../testing/model-modules.ts';
import { runProgram } from './executor.ts';

/** `demand-paging.ts` with only what is named. */
const HEAD = `
  import { FRAME_ALLOCATOR, KernelError, PAGE_SIZE, physToVirtAddr, todo } from 'veridian';
  import { Page } from 'keos';
  export const BackingType = { Anonymous: 'zeros', FileBacked: (f) => f, equals: (a, b) => a === b };
`;

function run(write: (p: ManagerScript) => void, own?: string): Trace {
  const changes = own === undefined ? {} : { 'demand-paging': HEAD + own };
  return runProgram(modelModules(changes), managerProgram(write), { recordSites: false });
}

function outcomes(write: (p: ManagerScript) => void, own?: string): readonly Outcome[] {
  const { steps, loadError } = run(write, own);
  if (loadError !== null) throw new Error(loadError.message);
  return steps.map(({ outcome }) => outcome);
}

const last = (write: (p: ManagerScript) => void, own?: string): Outcome | undefined =>
  outcomes(write, own).at(-1);

const manager = GLOBAL;

describe('operations on managers', () => {
  it('should hand over the frame and the flags of a demand page, and let the driver look into it', () => {
    const [, , fault, look] = outcomes((p) => {
      p.manager();
      p.register(0x1_0000, 0x2000, { flags: 5n });
      p.look(p.fault(0x1_1234));
    });

    expect(fault).to.deep.equal({
      kind: 'ok',
      frame: 0x100,
      perm: { type: 'bigint', value: '0x5' },
    });
    expect(look).to.deep.equal({ kind: 'ok', bytes: [[0, 4096]] });
  });

  it('should name an error with its fields', () => {
    expect(
      outcomes((p) => {
        p.manager();
        p.fault(0x1234);
        p.cowFault(0x5678);
      }),
    ).to.deep.equal([
      { kind: 'ok' },
      { kind: 'error', error: 'KernelError.UnmappedMemory { addr: 0x1234 }' },
      { kind: 'error', error: 'KernelError.InvalidAddress { addr: 0x5678 }' },
    ]);
  });

  it('should hand over the inode of the file that a label stands for', () => {
    const [, , , , look] = outcomes((p) => {
      p.file(0x2000, 'other', 9);
      p.file(0x2000);
      p.manager();
      p.register(0x1_0000, 0x1000, { file: 'file', offset: 0x10 });
      p.look(p.fault(0x1_0000), 0, 2);
    }).slice(1);

    expect(look).to.deep.equal({
      kind: 'ok',
      bytes: [
        [fileByte(7, 0x10), 1],
        [fileByte(7, 0x11), 1],
      ],
    });
  });

  it('should keep the frames of the driver through a copy-on-write fault', () => {
    const seen = outcomes((p) => {
      p.manager();
      const shared = p.frame(0x11);
      p.mark(0x1000, shared);
      const copy = p.cowFault(0x1abc);
      p.write(copy, 0x22, 8, 2);
      p.look(copy, 7, 4);
      p.look(shared, 7, 4);
      p.isCow(0x1000);
      p.release(0x1000, shared);
      p.look(shared, 0, 1);
    });

    expect(seen.slice(5)).to.deep.equal([
      {
        kind: 'ok',
        bytes: [
          [0x11, 1],
          [0x22, 2],
          [0x11, 1],
        ],
      },
      { kind: 'ok', bytes: [[0x11, 4]] },
      { kind: 'ok', value: { type: 'boolean', value: 'true' } },
      { kind: 'ok', value: { type: 'boolean', value: 'true' } },
      // The driver has freed it, as it should when release is true.
      { kind: 'skipped' },
    ]);
  });

  it('should say which frames of the driver a call has freed, and where', () => {
    const own = `export class DemandPagingManager {
      addCowEntry(vaddr, frame) { FRAME_ALLOCATOR.freeFrame(frame); }
    }`;
    const { steps, teardown } = run((p) => {
      p.manager();
      p.addEntry(0x1000, p.frame(1));
    }, own);

    expect(steps.at(-1)?.freed).to.deep.equal([{ frame: 0x100, site: '' }]);
    expect(teardown).to.deep.equal({ outcome: { kind: 'ok' }, leaks: [] });
  });

  it('should find the frames that a call keeps', () => {
    const own = `export class DemandPagingManager {
      registerLazy() { FRAME_ALLOCATOR.allocateFrame(); }
    }`;
    const { steps, teardown } = run((p) => {
      p.manager();
      p.frame(1);
      p.register(0x1000, 0x1000);
    }, own);

    expect(steps.at(-1)?.effort.frames).to.equal(1);
    expect(teardown?.leaks).to.have.lengthOf(1);
    expect(teardown?.leaks[0]).to.include({ kind: 'leak', frame: 0x101, op: 2 });
  });

  it('should make allocations and reads fail in the operation they belong to only', () => {
    const seen = outcomes((p) => {
      p.file(0x1000);
      p.manager();
      p.register(0x1000, 0x1000, { file: 'file' });
      p.fault(0x1000, { fault: { point: 'frame', mode: 'on', nth: 1 } });
      p.fault(0x1000, { fault: { point: 'read', mode: 'on', nth: 1 } });
      p.fault(0x1000);
    });

    expect(seen.slice(3, 5)).to.deep.equal([
      { kind: 'error', error: 'KernelError.OutOfMemory { requested: 0x1000, available: 0x0 }' },
      { kind: 'error', error: 'KernelError.HardwareError { device: "disk", code: 5 }' },
    ]);
    expect(seen[5]).to.include({ kind: 'ok' });
  });

  it('should reach the global manager by the exported functions and by withManagerMut', () => {
    const seen = outcomes((p) => {
      p.fault(0x1000, { manager });
      p.init();
      p.register(0x1000, 0x1000, { manager });
      p.fault(0x1000, { manager, within: true });
      p.isCow(0x1000, manager);
      p.unregister(0x1000, manager);
      p.fault(0x1000, { manager });
    });

    expect(seen.map(({ kind }) => kind)).to.deep.equal([
      'error',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
      'error',
    ]);
  });

  it('should skip what has no manager or frame, and what would make one twice', () => {
    const seen = outcomes((p) => {
      p.fault(0x1000);
      p.mark(0x1000, 'nothing');
      p.look('nothing');
      p.manager();
      p.manager();
      p.table('manager');
      p.manager(GLOBAL);
      p.mark(0x1000, 'nothing');
      p.isCow(0x1000, 'manager', true);
      p.register(0x1000, 0x1000, { file: 'nothing' });
      p.frame(1, 'f');
      p.frame(1, 'f');
      p.fault(0x1000, { frame: 'f' });
      p.free('f');
      p.free('f');
    });

    const done = seen.flatMap(({ kind }, at) => (kind === 'skipped' ? [] : [at]));
    expect(done).to.deep.equal([3, 10, 13]);
  });

  it('should say when what is returned is no pair with an allocated frame', () => {
    for (const returned of [
      'undefined',
      '7n',
      '{ frame: 0x100n, flags: 3n }',
      '[0x100n, 3n]',
      '[0x5n, 3n]',
      '[256, 3n]',
      '[-1n, 3n]',
      '[1n << 80n, 3n]',
      '[{ valueOf: () => 1n }, 3n]',
      '[Page.new().pa() / PAGE_SIZE, 3n]',
    ]) {
      const own = `export class DemandPagingManager { tryDemandPage() { return ${returned}; } }`;

      expect(
        last((p) => {
          p.manager();
          p.fault(0x1000);
        }, own),
        returned,
      ).to.have.property('kind', 'bad-value');
    }
  });

  it('should read what is returned once, and under control', () => {
    const own = `export class DemandPagingManager {
      tryDemandPage() { return Object.defineProperty([], 0, { get() { throw new Error('gotcha'); } }); }
    }`;

    expect(
      last((p) => {
        p.manager();
        p.fault(0x1000);
      }, own),
    ).to.have.nested.property('panic.message', 'Error: gotcha');
  });

  it('should know a withManagerMut that does not do what it is for', () => {
    for (const [body, what] of [
      ['', 'call its function once'],
      ['f({ cowTable: { isCow: () => true } }); return f({});', 'call its function once'],
      ['f({ cowTable: { isCow: () => true } });', 'return what its function returns'],
      ['return { ...f({ cowTable: { isCow: () => true } }) };', 'return what its function returns'],
      ['try { return f({}); } catch { return 7n; }', 'return what its function returns'],
    ]) {
      const own = `export function withManagerMut(f) { ${body} }`;

      expect(
        last((p) => p.isCow(0x1000, manager), own),
        body,
      ).to.deep.include({
        kind: 'bad-value',
        what: `withManagerMut must ${what}`,
      });
    }
  });

  it('should not be called back by a function that was kept', () => {
    const own = `
      let kept = null;
      export function withManagerMut(f) {
        if (kept !== null) kept({ cowTable: { isCow: () => true } });
        kept = f;
        return f({ cowTable: { isCow: () => true } });
      }`;

    expect(
      outcomes((p) => {
        p.isCow(0x1000, manager);
        p.isCow(0x1000, manager);
      }, own).at(-1),
    ).to.have.nested.property('panic.message', 'TypeError: the call of withManagerMut is over');
  });

  it('should take the errors of keos for exceptions', () => {
    const own = `
      import { KernelError as Other } from 'keos';
      export class DemandPagingManager { tryDemandPage() { throw Other.NoMemory; } }`;

    expect(
      last((p) => {
        p.manager();
        p.fault(0x1000);
      }, own),
    ).to.have.nested.property('panic.kind', 'exception');
  });

  it('should not load a submission that lacks an export', () => {
    expect(run((p) => p.manager(), '').loadError?.message).to.include(
      'demand-paging.ts does not export DemandPagingManager',
    );
    const noBacking = runProgram(
      modelModules({ 'demand-paging': 'export const x = 1;' }),
      managerProgram((p) => p.sameBacking('anonymous', 'anonymous')),
      { recordSites: false },
    );
    expect(noBacking.loadError?.message).to.include('does not export BackingType');
  });

  it('should give frames as the allocator does, with what was left in them', () => {
    const own = `export class DemandPagingManager {
      handleCowFault() { return FRAME_ALLOCATOR.allocateFrame(); }
    }`;

    expect(
      last((p) => {
        p.manager();
        p.look(p.cowFault(0x1000), 0, 2);
      }, own),
    ).to.deep.equal({
      kind: 'ok',
      bytes: [[POISON, 2]],
    });
  });

  it('should give both labels of a frame that is returned again', () => {
    const seen = outcomes(
      (p) => {
        p.manager();
        const [first, second] = [p.fault(0x1000), p.fault(0x1000)];
        p.write(first, 3);
        p.look(second, 0, 1);
        p.free(first);
        p.look(second, 0, 1);
      },
      `let frame = null;
       export class DemandPagingManager {
         tryDemandPage() { frame ??= FRAME_ALLOCATOR.allocateFrame(); return [frame, 3n]; }
       }`,
    );

    expect(seen.slice(4)).to.deep.equal([
      { kind: 'ok', bytes: [[3, 1]] },
      { kind: 'ok' },
      { kind: 'skipped' },
    ]);
  });
});
