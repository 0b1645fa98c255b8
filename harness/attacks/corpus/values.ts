/** Values that are not what they seem, in every position in which the driver takes one from a student. */
import { byEagerPager, byLazyPager, byManager, byTable, ofKind } from '../define.ts';
import { EVERY_TABLE_CALL } from '../emitted-code.ts';

/** An object whose every property is a getter that tells that it was read. */
const TRAP = `
  const trap = (() => {
    const o = { valueOf() { PWN('valueOf'); return 1n; }, toString() { PWN('toString'); return '1'; }, toJSON() { PWN('toJSON'); return { is: 'trace' }; } };
    for (const key of ['then', 'length', 'value', 'message', 'name', 'stack', 'frame', 'ref', 'perm', 'flags', 'pageTable', 'pager', 'kind', 0, 1, Symbol.iterator, Symbol.toPrimitive, Symbol.toStringTag])
      Object.defineProperty(o, key, { get() { PWN('read ' + String(key)); return undefined; } });
    return o;
  })();`;

export const VALUES = ofKind('values', [
  byTable('throwing-proxy', 'Return an object that throws whatever is done with it.', {
    walk: `
      const t = () => { throw new Error('trap'); };
      return typeof Proxy === 'function' ? new Proxy({}, { get: t, has: t, ownKeys: t, getPrototypeOf: t, getOwnPropertyDescriptor: t }) : Object.create(null, { pa: { get: t }, word: { get: t } });`,
  }),
  byTable('throw-hostile', 'Throw an object whose message cannot be read.', {
    walk: `throw { get message() { PWN('message'); throw 1; }, get stack() { PWN('stack'); throw 2; }, toString() { throw 3; }, [Symbol.toPrimitive]() { throw 4; } };`,
  }),
  byTable('throw-error-with-getters', 'Throw an error whose stack and message run code.', {
    walk: `
      const e = new Error('x');
      for (const key of ['message', 'stack', 'name', 'cause'])
        try { Object.defineProperty(e, key, { get() { PWN(key); return 'x'; } }); } catch {}
      throw e;`,
  }),
  byTable('throw-nothing', 'Throw something that is no object.', {
    walk: `throw undefined;`,
  }),
  byTable('throw-function', 'Throw a function, and symbols with long names.', {
    walk: `const f = () => {}; Object.defineProperty(f, 'message', { get() { PWN('message'); } }); throw va === 0n ? f : Symbol('x'.repeat(1e6));`,
  }),
  byTable('throw-imitation', 'Throw what looks like an error of the interface.', {
    walk: `throw { ...keos.PageTableMappingError.NotExist, name: 'NotExist', errno: 2, toString: () => 'NotExist' };`,
  }),
  byTable('throw-trace', 'Throw what looks like an answer of the driver.', {
    walk: `throw { kind: 'ok', value: { type: 'null', value: 'null' }, is: 'trace', trace: {} };`,
  }),
  byTable('valueOf-flip', 'Return an object that is another value at each look.', {
    walk: `${TRAP} return trap;`,
  }),
  byTable('getter-flip', 'Return an object whose frame changes between two looks.', {
    walk: `return { get frame() { PWN('read'); return 1; }, get pa() { PWN('read'); return () => 0n; }, get word() { PWN('read'); return 1n; } };`,
  }),
  byTable('thenable', 'Return something that an await would call.', {
    walk: `return { then(resolve) { PWN('then'); resolve(1); } };`,
  }),
  byTable('promise-returned', 'Return a promise.', { walk: `return Promise.resolve(null);` }),
  byTable('page-as-prototype', 'Return an object that inherits from a page.', {
    walk: `return Object.create(keos.Page.new());`,
  }),
  byTable('null-prototype', 'Return objects without a prototype.', {
    walk: `return Object.create(null);`,
  }),
  byTable('foreign-entry', 'Return the entry of another table.', {
    walk: `const other = keos.PageTableRoot.newBoxed(); const entry = other.at(0); return entry;`,
  }),
  byTable('table-instead-of-table', 'Have the constructor return another object.', {
    made: `${TRAP} return trap;`,
  }),
  byTable('root-that-changes', 'Show one root to the machine and another to the audit.', {
    made: `let n = 0; const a = keos.PageTableRoot.newBoxedWithKernelAddr(); const b = keos.PageTableRoot.newBoxedWithKernelAddr(); Object.defineProperty(this, 'root', { get: () => (n++ === 0 ? a : n > 2 ? (PWN('a third look'), b) : b) });`,
    members: `drop() {}`,
  }),
  byTable(
    'trap-in-every-position-of-a-page-table',
    'Have the driver read an object of its own, wherever a page table returns something.',
    {
      top: `${TRAP} exports.PtIndices = class { static fromVa() { return [trap, trap, trap, trap]; } };`,
      walk: `return trap;`,
      members: `map() { return trap; } walkMut() { return { pte: trap, clear: () => trap, setPage: () => trap }; } unmap() { return trap; } clear() { return trap; } drop() { this.root.drop(); return trap; }`,
    },
    EVERY_TABLE_CALL,
  ),
  byTable(
    'indices-that-change',
    'Return indices that are getters, and that are many.',
    {
      top: `exports.PtIndices = class { static fromVa() { return { get pml4ei() { return { valueOf() { PWN('valueOf'); return 1; } }; }, pdptei: 1n << 100n, pdei: 'x'.repeat(1e7), get ptei() { throw keos.KernelError.Busy; } }; } };`,
    },
    EVERY_TABLE_CALL,
  ),
  byTable(
    'walked-that-changes',
    'Return a Walked whose entry is another at each look.',
    {
      members: `walkMut() { let n = 0; return { get pte() { if (n++ > 0) PWN('a second look'); return null; }, clear() { throw 1; } }; } map() {} unmap() { throw { get name() { PWN('name'); } }; } clear() {}`,
    },
    EVERY_TABLE_CALL,
  ),
  byLazyPager(
    'trap-in-every-position-of-a-lazy-pager',
    'Have the driver read an object of its own, wherever a lazy pager returns something.',
    {
      top: TRAP,
      pager: `mmap() { return trap; } munmap() { return trap; } getUserPage() { return [trap, trap]; } accessOk() { return trap; } handlePageFault() { return trap; } drop() { return trap; }`,
    },
  ),
  byLazyPager('pair-that-runs', 'Run code when the driver takes the pair of getUserPage apart.', {
    pager: `getUserPage() { return { get ref() { PWN('ref'); throw keos.KernelError.Busy; }, get perm() { PWN('perm'); return 1n; } }; }`,
  }),
  byLazyPager('pair-that-iterates', 'Run code in the iterator of the pair of getUserPage.', {
    pager: `getUserPage() { const pair = [null, 1n]; pair[Symbol.iterator] = () => { PWN('iterator'); throw 1; }; Object.defineProperty(pair, 'length', { value: 2 ** 32 - 1 }); return pair; }`,
  }),
  byLazyPager('pair-of-getters', 'Stop the driver with a getter in the pair of getUserPage.', {
    pager: `getUserPage() { return Object.defineProperty([null, 1n], 0, { get() { throw { get stack() { PWN('stack'); } }; } }); }`,
  }),
  byLazyPager('fork-that-returns-a-trap', 'Have fork return what is no MmStruct.', {
    fork: `${TRAP} return { get pageTable() { throw new Error('no'); }, pager: trap };`,
  }),
  byLazyPager('fork-of-itself', 'Have fork return the parent as the child.', {
    fork: `return mm;`,
  }),
  byLazyPager('table-without-root', 'Have a process whose page table has no root.', {
    table: `root = null;`,
  }),
  byManager(
    'trap-in-every-position-of-a-manager',
    'Have the driver read an object of its own, wherever a manager returns something.',
    {
      top: TRAP,
      manager: `registerLazy() { return trap; } unregisterLazy() { return trap; } tryDemandPage() { return [trap, trap]; } handleCowFault() { return trap; }`,
      table: `markCow() { return trap; } isCow() { return trap; } release() { return trap; }`,
    },
  ),
  byManager(
    'pair-of-a-manager-that-runs',
    'Run code when the driver takes the pair of a manager apart.',
    {
      manager: `tryDemandPage() { return { get frame() { PWN('frame'); throw 1; }, get flags() { PWN('flags'); return 0n; } }; }`,
    },
  ),
  byManager(
    'frame-of-the-driver',
    'Return a frame number that belongs to somebody else, or to no one.',
    {
      manager: `n = 0n; tryDemandPage() { return [-1n, 1n]; } handleCowFault() { return 1n << 80n; }`,
    },
  ),
  byManager('cow-table-that-runs', 'Run code when the driver looks for the table of a manager.', {
    manager: `constructor() { Object.defineProperty(this, 'cowTable', { get() { throw { get message() { PWN('message'); } }; } }); }`,
  }),
  byEagerPager('getters-that-throw', 'Have getters that throw where methods are called.', {
    pager:
      'get mmap() { throw new Error("no"); } get accessOk() { throw keos.KernelError.Busy; } get drop() { throw 1; }',
    mmap: 'return this.pager.mmap(this.pageTable, 0n);',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('a-method-each-time', 'Give another method each time one is asked for.', {
    pager: 'n = 0; get accessOk() { const n = this.n++; return () => n % 2 === 0; }',
    accessOk: 'return this.pager.accessOk(start, isWrite) !== this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('an-answer-that-is-a-trap', 'Answer with an object that tells when it is read.', {
    top: TRAP,
    pager: 'accessOk() { return trap; }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('an-exception-that-is-a-trap', 'Throw an object that tells when it is read.', {
    top: TRAP,
    pager: 'accessOk() { throw trap; }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  }),
]);
