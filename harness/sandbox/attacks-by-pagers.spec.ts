import { expect } from 'chai';
import { eagerProgram } from '../generators/process-scenario.ts';
import type { Trace } from '../protocol/trace.ts';
import { Sandbox } from './child-process.ts';
import type { CompiledModules } from './compiled-module.ts';

/**
 * Attacks of a pager and an `MmStruct` on what stands between them and on what is handed to them: each is emitted code that goes straight into the
 * child. It prints `PWN` when it has obtained what it was after.
 */
interface Attack {
  /** Runs when the module is loaded. */
  readonly top?: string;
  /** Members of `EagerPager`, in place of a pager that answers 0, true and null. */
  readonly pager?: string;
  /** Body of `MmStruct.mmap(fileStruct, abi)`. */
  readonly mmap?: string;
  /** Body of `MmStruct.accessOk(start, end, isWrite)`. */
  readonly accessOk?: string;
}

const GAINED = (what: string) => `console.log('PWN ${what}')`;

/** Calls everything that a value offers, however deep. */
const EXPLORE = `
  const seen = new Set();
  const explore = (value, path) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || path.length > 60) return;
    seen.add(value);
    if (value.asked !== undefined || value.machine !== undefined || value.modules !== undefined) ${GAINED('the world')};
    if (value.env !== undefined || value.getuid !== undefined || value.mainModule !== undefined) ${GAINED('the process')};
    let prototype = null;
    try { prototype = Object.getPrototypeOf(value); } catch {}
    explore(prototype, path + '.__proto__');
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key) ?? {};
      for (const part of [found.value, found.get, found.set]) explore(part, path + '.' + String(key));
    }
  };`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  'methods that are getters that throw': {
    pager:
      'get mmap() { throw new Error("no"); } get accessOk() { throw keos.KernelError.Busy; } get drop() { throw 1; }',
    mmap: 'return this.pager.mmap(this.pageTable, 0n);',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  },
  'a getter that gives another method each time': {
    pager: 'n = 0; get accessOk() { const n = this.n++; return () => n % 2 === 0; }',
    accessOk: 'return this.pager.accessOk(start, isWrite) !== this.pager.accessOk(start, isWrite);',
  },
  'methods that are proxies': {
    pager: `
      accessOk = new Proxy(() => true, { get(target, key) { return key in target ? target[key] : keos; }, apply() { return this; } });
      mmap = Proxy.revocable(() => 0n, {}).proxy;`,
    mmap: 'return this.pager.mmap(this.pageTable, 0n);',
    accessOk: `const it = this.pager.accessOk(start, isWrite); for (const key of Reflect.ownKeys(it)) it[key]?.name; return it;`,
  },
  'a revoked proxy for a pager': {
    pager:
      'constructor() { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  },
  'a proxy for a pager whose traps lie': {
    pager: `
      constructor() {
        return new Proxy({}, {
          get: (_, key) => key === 'accessOk' || key === 'mmap' ? () => true : undefined,
          getPrototypeOf: () => { throw new Error('looked at'); },
          ownKeys: () => ['a', 'a'], has: () => { throw 1; }, getOwnPropertyDescriptor: () => ({ value: 1, configurable: false }),
        });
      }`,
    accessOk: `
      for (const look of [() => Object.getPrototypeOf(this.pager), () => Object.keys(this.pager), () => 'a' in this.pager, () => Object.getOwnPropertyDescriptor(this.pager, 'a')]) {
        try { look(); } catch (error) { ${EXPLORE} explore(error, 'error'); }
      }
      return this.pager.accessOk(start, isWrite);`,
  },
  'functions that return themselves': {
    pager:
      'accessOk = function f() { return f; }; mmap = function f() { return f; }; munmap() { return this.munmap; }',
    mmap: `let f = this.pager.mmap(); for (let i = 0; i < 100; i++) f = f(); if (f !== this.pager.mmap()) ${GAINED('another')}; return f;`,
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  },
  'a method that calls itself through the spy': {
    pager:
      'accessOk(va, isWrite, mm) { return mm === undefined || mm.pager.accessOk(va, isWrite, mm); }',
    accessOk: 'return this.pager.accessOk(start, isWrite, this);',
  },
  'everything behind the pager that MmStruct holds': {
    accessOk: `${EXPLORE} explore(this.pager, 'pager'); explore(this.pager.accessOk, 'accessOk'); return true;`,
  },
  'everything behind what is handed to mmap': {
    mmap: `${EXPLORE} explore(fileStruct, 'fileStruct'); explore(abi, 'abi'); for (const [fd, open] of fileStruct.files) explore(open, 'open'); return 0n;`,
  },
  'everything behind what is handed to the pager': {
    pager: `mmap(...all) { ${EXPLORE} explore(all, 'all'); explore(this, 'this'); return 0n; }`,
    mmap: 'return this.pager.mmap(this.pageTable, 0n, 0n, 0n, fileStruct.files.get(3).file.file, 0n);',
  },
  'the stack of a call through the spy': {
    pager: `
      accessOk() {
        const holder = {};
        Error.captureStackTrace?.(holder);
        if (typeof holder.stack === 'object') ${GAINED('sites')};
        try { if (this.accessOk.caller) ${GAINED('caller')}; } catch {}
        try { if (this.accessOk.arguments) ${GAINED('arguments')}; } catch {}
        return true;
      }`,
    accessOk: `
      try { if (this.pager.accessOk.caller) ${GAINED('caller')}; } catch {}
      return this.pager.accessOk(start, isWrite);`,
  },
  'the text of the spy': {
    accessOk: `
      for (const f of [this.pager.accessOk, this.pager.mmap, this.pager.constructor])
        if (/world|asked|Reflect/.test((() => {}).toString.call(f))) ${GAINED('source')};
      return true;`,
  },
  'a prototype put under the pager': {
    accessOk: `
      Object.setPrototypeOf(this.pager, { accessOk: () => 'mine' });
      Object.defineProperty(this.pager, 'accessOk', { value: () => 'mine', configurable: true });
      return this.pager.accessOk(start, isWrite);`,
  },
  'a pager frozen by MmStruct': {
    accessOk:
      'try { Object.freeze(this.pager); } catch {} return this.pager.accessOk(start, isWrite);',
  },
  'notes written by hand': {
    accessOk: `
      const va = { valueOf() { ${GAINED('valueOf')}; return 0n; }, toString() { ${GAINED('toString')}; return ''; }, toJSON() { ${GAINED('toJSON')}; return 'file'; } };
      this.pager.accessOk(va, { then() { ${GAINED('then')}; } });
      this.pager.accessOk(new Proxy({}, { get() { ${GAINED('get')}; }, getPrototypeOf() { ${GAINED('getPrototypeOf')}; return null; } }));
      return this.pager.accessOk(Symbol('file'), -1n, 1n << 100n, 'x'.repeat(100_000), NaN);`,
  },
  'a very long trail of notes': {
    accessOk: 'for (let i = 0; i < 5000; i++) this.pager.accessOk(BigInt(i), true); return true;',
  },
  'a spy kept for later': {
    top: 'let kept;',
    pager: 'mmap() { kept?.accessOk(0n, true); return 0n; }',
    accessOk: 'kept = this.pager; return true;',
  },
  'an answer that is a trap': {
    pager:
      'accessOk() { return new Proxy({}, { get() { console.log("PWN get"); }, getPrototypeOf() { console.log("PWN proto"); return null; } }); }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  },
  'an exception that is a trap': {
    pager:
      'accessOk() { throw new Proxy({}, { get() { console.log("PWN get"); }, getOwnPropertyDescriptor() { throw 1; } }); }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  },
  'a map of files that is a trap': {
    mmap: `
      const { files } = fileStruct;
      for (const name of ['get', 'set', 'values', 'entries', Symbol.iterator]) files[name] = () => { ${GAINED('files')}; return []; };
      files.set?.(3, new Proxy({}, { get() { ${GAINED('get')}; } }));
      fileStruct.files = new Proxy(new Map(), { get() { ${GAINED('files')}; } });
      return 0n;`,
  },
  'a file that is a trap': {
    mmap: `
      const open = fileStruct.files.get(3);
      const trap = new Proxy({}, { get() { ${GAINED('get')}; }, getOwnPropertyDescriptor() { ${GAINED('descriptor')}; throw 1; } });
      open.file.position = trap;
      Object.defineProperty(open.file, 'position', { get() { ${GAINED('position')}; }, set() { ${GAINED('position')}; } });
      Object.defineProperty(open.file, 'kind', { get() { ${GAINED('kind')}; } });
      Object.defineProperty(open, 'mode', { get() { ${GAINED('mode')}; } });
      Object.defineProperty(open, 'file', { get() { ${GAINED('file')}; return trap; } });
      return 0n;`,
  },
  'a file position that is endless': {
    mmap: `
      const open = fileStruct.files.get(3);
      open.file = new Proxy({}, { getOwnPropertyDescriptor() { ${GAINED('descriptor')}; for (;;); } });
      return 0n;`,
  },
  'a file of one process seen by another': {
    top: 'let first;',
    mmap: `
      if (first === undefined) { first = fileStruct.files.get(3); first.mine = true; first.file.mine = true; return 0n; }
      if (fileStruct.files.get(3).mine || fileStruct.files.get(3).file.mine) ${GAINED('the same object')};
      return 0n;`,
  },
  'a handle of a file that is changed': {
    mmap: `
      const { file } = fileStruct.files.get(3).file;
      for (const key of [...Reflect.ownKeys(file), ...Reflect.ownKeys(Object.getPrototypeOf(file)), 'added']) {
        try { file[key] = () => 0n; ${GAINED('handle')}; } catch {}
        try { Object.getPrototypeOf(file)[key] = () => 0n; ${GAINED('method')}; } catch {}
      }
      return 0n;`,
  },
};

const PROGRAM = eagerProgram((p) => {
  p.spawn();
  p.spawn('bob');
  p.file(9000);
  for (const process of ['alice', 'bob']) {
    p.open(3, { file: 'file' }, process);
    p.accessRange(0xa000, 0xa001, false, process);
    p.sysMmap({ addr: 0xa000, fd: 3 }, process);
    p.sysMmap({ addr: 0xa000, fd: 3 }, process);
    p.mmap(0xa000, 0x1000, 'rwu', {}, process);
    p.sysMunmap(0xa000, process);
  }
  p.accessRange(0xa000, 0xa001, true);
});

function modules({
  top = '',
  pager = '',
  mmap = 'return 0n;',
  accessOk = 'return true;',
}: Attack): CompiledModules {
  const head = `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); const keos = require("keos");`;
  const texts = {
    'page-table.ts': `${head}
exports.PageTable = class PageTable {
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  drop() { this.root.drop(); }
};`,
    'both.ts': `${head} ${top}
exports.EagerPager = class EagerPager {
  mmap() { return 0n; } munmap() { return 0n; } getUserPage() { return null; } accessOk() { return true; }
  ${pager}
};
exports.MmStruct = class MmStruct {
  constructor(pageTable, pager) { this.pageTable = pageTable; this.pager = pager; }
  mmap(fileStruct, abi) { ${mmap} }
  munmap(abi) { return this.pager.munmap(this.pageTable, abi.arg1); }
  accessOk(start, end, isWrite) { ${accessOk} }
};`,
    'eager-pager.ts': `${head} exports.EagerPager = require("./both").EagerPager;`,
    'mm-struct.ts': `${head} exports.MmStruct = require("./both").MmStruct;`,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, js]) => [name, { js, freeNames: [] }]),
  );
}

/** Where a stack overflows is the engine's business. */
function withoutStacks(result: unknown): string {
  return JSON.stringify(result, (key, value: unknown) => (key === 'stack' ? '' : value));
}

const OPTIONS = { recordSites: false, wallMs: 10_000 };

describe('attacks by pagers on the running process', () => {
  let sut: Sandbox;

  before(() => {
    sut = new Sandbox({ heapMb: 48, dataMb: 128 });
  });
  after(() => sut.close());

  for (const [name, attack] of Object.entries(ATTACKS)) {
    it(`should gain nothing by: ${name}`, async () => {
      await sut.load(modules(attack));

      const attacked = await sut.run(PROGRAM, OPTIONS);
      const again = await sut.run(PROGRAM, OPTIONS);

      expect(attacked.kind, JSON.stringify(attacked)).to.equal('trace');
      const { trace } = attacked as { trace: Trace };
      expect(JSON.stringify(trace)).not.to.include('PWN');
      expect(trace.loadError).to.equal(null);
      // Where the machine does not stop the attacker, all of the program is run.
      if (trace.steps.at(-1)?.outcome.kind !== 'panic')
        expect(trace.steps).to.have.lengthOf(PROGRAM.ops.length);
      expect(withoutStacks(again)).to.equal(withoutStacks(attacked));
    });
  }
});
