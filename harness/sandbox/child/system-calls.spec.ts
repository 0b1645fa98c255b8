import { expect } from 'chai';
import { fileByte } from '../../../reference/contract/file-rule.ts';
import { eagerProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import type { Outcome, Trace } from '../../protocol/trace.ts';
import { modelModules } from '../../testing/model-modules.ts';
import { runProgram } from './executor.ts';

function run(write: (p: ProcessScript) => void, mmap?: string): Trace {
  const changes = mmap === undefined ? {} : { 'mm-struct': mmStruct(mmap) };
  return runProgram(modelModules(changes), eagerProgram(write), { recordSites: false });
}

/** An `MmStruct` whose `mmap` is `body`, with `files` and the registers at hand. */
const mmStruct = (body: string): string => `
  import { KernelError } from 'keos';
  export class MmStruct {
    constructor(readonly pageTable: any, readonly pager: any) {}
    mmap(fileStruct: any, abi: any): any { const { files } = fileStruct; ${body} }
  }`;

const ending = (write: (p: ProcessScript) => void, mmap?: string): Outcome | undefined =>
  run(write, mmap).steps.at(-1)?.outcome;

const returned = (value: bigint | boolean): Outcome => ({
  kind: 'ok',
  value:
    typeof value === 'boolean'
      ? { type: 'boolean', value: String(value) }
      : { type: 'bigint', value: `0x${value.toString(16)}` },
});

const call = (p: ProcessScript): void => {
  p.spawn();
  p.sysMmap({ addr: 0xa000 });
};

/** A process with a file of three blocks open as descriptor 3, at position 100, and a system call that maps it. */
const callOnFile = (p: ProcessScript): void => {
  p.spawn();
  p.file(9000);
  p.open(3, { file: 'file', mode: 'Read', position: 100 });
  p.sysMmap({ addr: 0xa000, prot: 1, fd: 3 });
};

describe('system calls', () => {
  it('should map, ask and unmap', () => {
    const { steps, teardown } = run((p) => {
      callOnFile(p);
      p.read(0xa003);
      p.accessRange(0xaff8, 0xb000, false);
      p.accessRange(0xaff8, 0xb001, false);
      p.sysMunmap(0xa000);
      p.sysMunmap(0xa000);
      p.sysMmap({ addr: 0xdead_beef_c533_0000n });
    });

    expect(steps.slice(3).map(({ outcome }) => outcome)).to.deep.equal([
      returned(0xa000n),
      { kind: 'ok', bytes: [[fileByte(7, 3), 1]] },
      returned(true),
      returned(false),
      returned(0n),
      { kind: 'error', error: 'KernelError.InvalidArgument' },
      { kind: 'error', error: 'KernelError.InvalidArgument' },
    ]);
    expect(teardown).to.deep.equal({ outcome: { kind: 'ok' }, leaks: [] });
  });

  it('should hand over every register as it is', () => {
    const registers = { addr: 1n << 63n, size: (1n << 64n) - 1n, prot: 8, fd: -1, offset: 5 };

    const outcome = ending(
      (p) => {
        p.spawn();
        p.sysMmap(registers);
      },
      `return abi.sysno === 9n && abi.arg1 === 1n << 63n && abi.arg2 === (1n << 64n) - 1n && abi.arg3 === 8n &&
         abi.arg4 === (1n << 64n) - 1n && abi.arg5 === 5n && abi.arg6 === 0n;`,
    );

    expect(outcome).to.deep.equal(returned(true));
  });

  it('should hand over the open files', () => {
    const { steps } = run(
      (p) => {
        p.spawn();
        p.file(9000);
        p.open(3, { file: 'file', mode: 'Read', position: 100 });
        p.open(7, 'directory');
        p.open(5, 'pipe');
        p.open(1, { file: 'file' });
        for (const fd of [0, 1, 2, 3, 5, 7, 4]) p.sysMmap({ addr: 0xa000, fd });
      },
      `const open = files.get(Number(abi.arg4));
       return open === undefined ? 'nothing' : [open.mode, open.file.kind, open.file.position].join(' ');`,
    );

    const seen = steps
      .slice(6)
      .map(({ outcome }) => (outcome.kind === 'ok' ? outcome.value?.value.trim() : outcome));
    expect(seen).to.deep.equal([
      'Read Stdio',
      'ReadWrite RegularFile 0',
      'Write Stdio',
      'Read RegularFile 100',
      'ReadWrite Pipe',
      'ReadWrite Directory',
      'nothing',
    ]);
  });

  it('should give each process descriptors of its own', () => {
    const outcome = ending((p) => {
      p.spawn();
      p.spawn('bob');
      p.open(3, 'pipe');
      p.sysMmap({ addr: 0xa000 }, 'bob');
    }, 'return files.size === 3;');

    expect(outcome).to.deep.equal(returned(true));
  });

  it('should skip a descriptor of a file that is not there', () => {
    const { steps } = run((p) => {
      p.spawn();
      p.open(3, { file: 'file' });
    });

    expect(steps.at(-1)?.outcome).to.deep.equal({ kind: 'skipped' });
  });

  describe('a file position', () => {
    const moved = {
      kind: 'bad-value',
      what: 'mmap must not move a file position',
      value: { type: 'bigint', value: '0xa000' },
    };

    for (const [what, body] of [
      ['moved', 'files.get(3).file.position += 1n;'],
      ['set to something else', 'files.get(3).file.position = "100";'],
      ['deleted', 'delete files.get(3).file.position;'],
      [
        'made a getter',
        'Object.defineProperty(files.get(3).file, "position", { get() { throw new Error("looked at"); } });',
      ],
    ] as const) {
      it(`should be said to have been ${what}`, () => {
        expect(ending(callOnFile, `${body} return 0xa000n;`)).to.deep.equal(moved);
      });
    }

    for (const [what, body] of [
      ['read', 'files.get(3).file.position;'],
      ['frozen', 'Object.freeze(files.get(3).file);'],
      ['set to what it was', 'files.get(3).file.position = 100n;'],
    ] as const) {
      it(`should not be said to have been moved when it was ${what}`, () => {
        expect(ending(callOnFile, `${body} return 0xa000n;`)).to.deep.equal(returned(0xa000n));
      });
    }
  });

  describe('what student code does to open files', () => {
    const hostile = {
      'an open file that is replaced':
        'files.get(3).file = new Proxy({}, { getOwnPropertyDescriptor() { throw new Error("looked at"); } });',
      'a map that is emptied': 'files.clear();',
      'a map whose methods are replaced':
        'files.get = files.values = files[Symbol.iterator] = () => { throw new Error("looked at"); };',
      'an entry that is a trap':
        'files.set(3, new Proxy({}, { get() { throw new Error("looked at"); } }));',
      'a kind that is a getter':
        'Object.defineProperty(files.get(3).file, "kind", { get() { throw new Error("looked at"); } });',
      'files that are taken away': 'fileStruct.files = null;',
    };

    for (const [what, body] of Object.entries(hostile)) {
      it(`should end with the call: ${what}`, () => {
        const { steps, loadError, teardown } = run((p) => {
          callOnFile(p);
          p.sysMmap({ addr: 0xa000, prot: 1, fd: 3 });
        }, `const before = files.size === 4 && files.get(3).file.kind === 'RegularFile' && files.get(3).file.position === 100n; ${body} return before;`);

        expect(loadError).to.equal(null);
        expect(steps.slice(-2).map(({ outcome }) => outcome)).to.deep.equal([
          returned(true),
          returned(true),
        ]);
        expect(teardown?.outcome).to.deep.equal({ kind: 'ok' });
      });
    }
  });

  describe('an MmStruct', () => {
    it('should be made anew for each call', () => {
      const { steps } = run((p) => {
        call(p);
        p.sysMmap({ addr: 0xa000 });
      }, 'return (this.calls = (this.calls ?? 0n) + 1n);');

      expect(steps.slice(1).map(({ outcome }) => outcome)).to.deep.equal([
        returned(1n),
        returned(1n),
      ]);
    });

    it('should panic where a method is missing', () => {
      const outcome = ending((p) => {
        p.spawn();
        p.sysMunmap(0xa000);
      }, 'return 0n;');

      expect(outcome).to.have.nested.property(
        'panic.message',
        'TypeError: there is no method munmap',
      );
    });

    it('should panic where its constructor does', () => {
      const changes = {
        'mm-struct': 'export class MmStruct { constructor() { throw new Error("no"); } }',
      };

      const { steps, loadError } = runProgram(modelModules(changes), eagerProgram(call), {
        recordSites: false,
      });

      expect(loadError).to.equal(null);
      expect(steps.at(-1)?.outcome).to.have.nested.property('panic.message', 'Error: no');
    });

    for (const [what, value, said] of [
      ['a number', '40960', { type: 'number', value: '40960' }],
      ['nothing', 'undefined', { type: 'undefined', value: 'undefined' }],
      ['a negative bigint', '-1n', { type: 'string', value: 'a negative bigint' }],
      ['itself', 'this', { type: 'object', value: 'an object' }],
      ['a function', '() => 0xa000n', { type: 'function', value: 'function' }],
      [
        'an object that would be a bigint',
        '({ valueOf: () => 0xa000n, toJSON: () => "0xa000" })',
        { type: 'object', value: 'an object' },
      ],
    ] as const) {
      it(`should be taken at its word when it returns ${what}`, () => {
        expect(ending(call, `return ${value};`)).to.deep.equal({ kind: 'ok', value: said });
      });
    }
  });
});
