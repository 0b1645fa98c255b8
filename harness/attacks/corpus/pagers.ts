/** Attacks of a pager and an `MmStruct` on what stands between them and on what is handed to them. */
import { byEagerPager, ofKind } from '../define.ts';

/** Calls everything that a value offers, however deep. */
const EXPLORE = `
  const seen = new Set();
  const explore = (value, path) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || path.length > 60) return;
    seen.add(value);
    if (value.asked !== undefined || value.machine !== undefined || value.modules !== undefined) PWN('the world');
    if (value.env !== undefined || value.getuid !== undefined || value.mainModule !== undefined) PWN('the process');
    let prototype = null;
    try { prototype = Object.getPrototypeOf(value); } catch {}
    explore(prototype, path + '.__proto__');
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key) ?? {};
      for (const part of [found.value, found.get, found.set]) explore(part, path + '.' + String(key));
    }
  };`;
const NOTHING_BEHIND = `console.log('NOTHING behind ' + seen.size + ' objects');`;

export const PAGERS = ofKind('pagers', [
  byEagerPager('methods-that-are-proxies', 'Have a method that is a proxy.', {
    pager: `
      accessOk = new Proxy(() => true, { get(target, key) { return key in target ? target[key] : keos; }, apply() { return this; } });
      mmap = Proxy.revocable(() => 0n, {}).proxy;`,
    mmap: 'return this.pager.mmap(this.pageTable, 0n);',
    accessOk: `const it = this.pager.accessOk(start, isWrite); for (const key of Reflect.ownKeys(it)) it[key]?.name; return it;`,
  }),
  byEagerPager('revoked-proxy-for-a-pager', 'Be a pager that cannot be looked at.', {
    pager:
      'constructor() { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }',
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('proxy-for-a-pager-whose-traps-lie', 'Be a pager that lies when it is looked at.', {
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
  }),
  byEagerPager('functions-that-return-themselves', 'Have the spy wrap its own wrapping.', {
    pager:
      'accessOk = function f() { return f; }; mmap = function f() { return f; }; munmap() { return this.munmap; }',
    mmap: `let f = this.pager.mmap(); for (let i = 0; i < 100; i++) f = f(); if (f !== this.pager.mmap()) PWN('another'); return f;`,
    accessOk: 'return this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('method-that-calls-itself-through-the-spy', 'Have the spy enter itself.', {
    pager:
      'accessOk(va, isWrite, mm) { return mm === undefined || mm.pager.accessOk(va, isWrite, mm); }',
    accessOk: 'return this.pager.accessOk(start, isWrite, this);',
  }),
  byEagerPager('behind-the-pager', 'Reach the driver from the pager that MmStruct holds.', {
    accessOk: `${EXPLORE} explore(this.pager, 'pager'); explore(this.pager.accessOk, 'accessOk'); ${NOTHING_BEHIND} return true;`,
  }),
  byEagerPager('behind-the-registers', 'Reach the driver from what is handed to mmap.', {
    mmap: `${EXPLORE} explore(fileStruct, 'fileStruct'); explore(abi, 'abi'); for (const [fd, open] of fileStruct.files) explore(open, 'open'); ${NOTHING_BEHIND} return 0n;`,
  }),
  byEagerPager('behind-the-arguments', 'Reach the driver from what is handed to the pager.', {
    pager: `mmap(...all) { ${EXPLORE} explore(all, 'all'); explore(this, 'this'); ${NOTHING_BEHIND} return 0n; }`,
    mmap: 'return this.pager.mmap(this.pageTable, 0n, 0n, 0n, fileStruct.files.get(3).file.file, 0n);',
  }),
  byEagerPager('stack-through-the-spy', 'See the spy in the stack of a call.', {
    pager: `
      accessOk() {
        const holder = {};
        Error.captureStackTrace?.(holder);
        if (typeof holder.stack === 'object') PWN('sites');
        gain('the caller', () => this.accessOk.caller);
        gain('the arguments', () => this.accessOk.arguments);
        return true;
      }`,
    accessOk: `gain('the caller', () => this.pager.accessOk.caller); return this.pager.accessOk(start, isWrite);`,
  }),
  byEagerPager('text-of-the-spy', 'Read the text of the spy.', {
    accessOk: `
      gain('text', () => [this.pager.accessOk, this.pager.mmap, this.pager.constructor].find((f) => /world|asked|Reflect/.test((() => {}).toString.call(f))));
      return true;`,
  }),
  byEagerPager('prototype-under-the-pager', 'Put another method under the spy.', {
    accessOk: `
      Object.setPrototypeOf(this.pager, { accessOk: () => 'mine' });
      Object.defineProperty(this.pager, 'accessOk', { value: () => 'mine', configurable: true });
      return this.pager.accessOk(start, isWrite);`,
  }),
  byEagerPager('frozen-pager', 'Freeze the pager, so that the spy cannot be put before it.', {
    accessOk:
      'try { Object.freeze(this.pager); } catch {} return this.pager.accessOk(start, isWrite);',
  }),
  byEagerPager('notes-by-hand', 'Write to the notes of the spy.', {
    accessOk: `
      const va = { valueOf() { PWN('valueOf'); return 0n; }, toString() { PWN('toString'); return ''; }, toJSON() { PWN('toJSON'); return 'file'; } };
      this.pager.accessOk(va, { then() { PWN('then'); } });
      return this.pager.accessOk(Symbol('file'), -1n, 1n << 100n, 'x'.repeat(100_000), NaN);`,
  }),
  byEagerPager('endless-notes', 'Have the spy write down five thousand calls.', {
    accessOk: 'for (let i = 0; i < 5000; i++) this.pager.accessOk(BigInt(i), true); return true;',
  }),
  byEagerPager('spy-kept-for-later', 'Use the spy of an operation in the next.', {
    top: 'let kept;',
    pager: 'mmap() { kept?.accessOk(0n, true); return 0n; }',
    accessOk: 'kept = this.pager; return true;',
  }),
  byEagerPager('map-of-files-that-is-a-trap', 'Have the driver read its own map of files.', {
    mmap: `
      const { files } = fileStruct;
      for (const name of ['get', 'values', 'entries', Symbol.iterator]) files[name] = () => { PWN('files'); return []; };
      files.set?.(3, { get file() { PWN('file'); } });
      fileStruct.files = { get size() { PWN('files'); }, get() { PWN('files'); } };
      return 0n;`,
  }),
  byEagerPager('file-that-is-a-trap', 'Have the driver read getters of an open file.', {
    mmap: `
      const open = fileStruct.files.get(3);
      const trap = { get position() { PWN('get'); } };
      open.file.position = trap;
      for (const [o, key] of [[open.file, 'position'], [open.file, 'kind'], [open, 'mode'], [open, 'file']])
        Object.defineProperty(o, key, { get() { PWN(key); return trap; }, set() { PWN(key); } });
      return 0n;`,
  }),
  byEagerPager(
    'file-position-that-is-endless',
    'Have the driver wait for the position of a file.',
    {
      mmap: `fileStruct.files.get(3).file = { get position() { PWN('position'); for (;;); } }; return 0n;`,
    },
  ),
  byEagerPager('file-of-another-process', 'See the open file of another process.', {
    top: 'let first;',
    mmap: `
      if (first === undefined) { first = fileStruct.files.get(3); first.mine = true; first.file.mine = true; return 0n; }
      gain('the same object', () => fileStruct.files.get(3).mine || fileStruct.files.get(3).file.mine);
      return 0n;`,
  }),
  byEagerPager('handle-of-a-file', 'Replace the methods of a file.', {
    mmap: `
      const { file } = fileStruct.files.get(3).file;
      for (const key of [...Reflect.ownKeys(file), ...Reflect.ownKeys(Object.getPrototypeOf(file)), 'added']) {
        gain('the handle', () => { file[key] = () => 0n; return true; });
        gain('a method', () => { Object.getPrototypeOf(file)[key] = () => 0n; return true; });
      }
      return 0n;`,
  }),
]);
