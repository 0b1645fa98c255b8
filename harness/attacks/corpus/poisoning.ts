/** Changing what the driver stands on: prototypes, the machine's objects, the interface, the global object. */
import { byTable, ofKind } from '../define.ts';

/** Visits everything that can be reached from `start`, and says what is not frozen. */
const VISIT = `
  const seen = new Set();
  const visit = (o, path, sample) => {
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return;
    seen.add(o);
    if (!sample && !Object.isFrozen(o)) PWN('open: ' + path);
    visit(Object.getPrototypeOf(o), path + '.__proto__');
    for (const key of Reflect.ownKeys(o)) {
      const d = Object.getOwnPropertyDescriptor(o, key);
      for (const part of [d.value, d.get, d.set]) visit(part, path + '.' + String(key));
    }
  };`;

export const POISONING = ofKind('poisoning', [
  byTable('proto-push', 'Forge what the driver collects in arrays.', {
    walk: `gain('push', () => { Array.prototype.push = () => 0; return true; });`,
  }),
  byTable('map-get', 'Forge what the ledger of frames says.', {
    walk: `gain('get', () => { Map.prototype.get = () => 'ledger'; return true; });`,
  }),
  byTable('set-has', 'Forge what the sets of the machine hold.', {
    walk: `
      gain('has', () => { Set.prototype.has = () => true; return true; });
      gain('size', () => Object.defineProperty(Map.prototype, 'size', { get: () => 0 }));
      gain('weak', () => { WeakMap.prototype.get = () => undefined; return true; });`,
  }),
  byTable('objproto-setter', 'Catch what the driver stores in objects.', {
    walk: `gain('a setter', () => Object.defineProperty(Object.prototype, 'value', { get: () => 1, set() {} }));`,
  }),
  byTable('objproto-tojson', 'Forge what is sent to the grader while it is made text.', {
    walk: `gain('toJSON', () => Object.defineProperty(Object.prototype, 'toJSON', { value: () => ({}) }));`,
  }),
  byTable('objproto-by-proto', 'Reach the prototype of all objects through __proto__.', {
    walk: `
      gain('a property', () => { ({}).__proto__.polluted = 1; return true; });
      gain('a property', () => { JSON.parse('{"__proto__":{"polluted":1}}'); return ({}).polluted; });
      gain('a prototype', () => Object.setPrototypeOf(Object.prototype, { polluted: 1 }));
      gain('an accessor', () => Object.prototype.__lookupGetter__('__proto__'));`,
  }),
  byTable('json-stringify', 'Replace what makes answers out of traces.', {
    walk: `
      gain('stringify', () => { JSON.stringify = () => '{"is":"trace"}'; return true; });
      gain('JSON', () => { globalThis.JSON = { stringify: () => '' }; return true; });`,
  }),
  byTable('bigint-tostring', 'Forge how addresses are written down.', {
    walk: `
      gain('toString', () => { BigInt.prototype.toString = () => '0'; return true; });
      gain('asUintN', () => { BigInt.asUintN = () => 0n; return true; });`,
  }),
  byTable('number-and-string', 'Forge conversions that the driver uses.', {
    walk: `
      gain('slice', () => { String.prototype.slice = () => ''; return true; });
      gain('isSafeInteger', () => { Number.isSafeInteger = () => true; return true; });
      gain('exec', () => { RegExp.prototype.exec = () => null; return true; });
      gain('replace', () => { RegExp.prototype[Symbol.replace] = () => ''; return true; });`,
  }),
  byTable('array-iterator', 'Forge what loops over arrays and maps see.', {
    walk: `
      const ArrayIterator = Object.getPrototypeOf([][Symbol.iterator]());
      const MapIterator = Object.getPrototypeOf(new Map()[Symbol.iterator]());
      gain('next', () => { ArrayIterator.next = () => ({ done: true }); return true; });
      gain('next', () => { MapIterator.next = () => ({ done: true }); return true; });
      gain('iterator', () => { Array.prototype[Symbol.iterator] = function* () {}; return true; });`,
  }),
  byTable('species', 'Have arrays of the driver made by a class of its own.', {
    walk: `
      gain('species', () => Object.defineProperty(Array, Symbol.species, { value: class extends Array {} }));
      gain('constructor', () => Object.defineProperty(Array.prototype, 'constructor', { value: class extends Array {} }));
      gain('constructor', () => { Array.prototype.constructor = { [Symbol.species]: class extends Array {} }; return [].map(() => 1).constructor !== Array; });`,
  }),
  byTable('has-instance', 'Forge what instanceof says of errors and pages.', {
    walk: `
      gain('hasInstance', () => Object.defineProperty(Error, Symbol.hasInstance, { value: () => true }));
      gain('hasInstance', () => Object.defineProperty(keos.Page, Symbol.hasInstance, { value: () => true }));
      gain('hasInstance', () => Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: () => true }));`,
  }),
  byTable('reflect-apply', 'Catch how the driver calls methods.', {
    walk: `
      gain('apply', () => { Reflect.apply = () => 0n; return true; });
      gain('call', () => { Function.prototype.call = () => 0n; return true; });
      gain('freeze', () => { Object.freeze = (o) => o; return true; });`,
  }),
  byTable('patch-hw', 'Replace the calls of the machine.', {
    walk: `
      const page = keos.Page.new();
      for (const o of [keos, keos.Va, keos.Page, Object.getPrototypeOf(page), Object.getPrototypeOf(page.inner()), keos.KernelError]) {
        try { o.added = 1; PWN('a property'); } catch (error) { console.log('REFUSED ' + error.message); }
        for (const key of Reflect.ownKeys(o)) {
          try { Object.defineProperty(o, key, { value: () => 0n }); PWN('a method'); } catch {}
          try { if (delete o[key]) PWN('a deleted method'); } catch {}
        }
      }
      page.drop();`,
  }),
  byTable('patch-import', 'Change the object that an import gives.', {
    walk: `gain('keos', () => { require('keos').Page = 1; return true; });`,
  }),
  byTable('patch-errors', 'Change the errors of the interface, which are recognised by identity.', {
    walk: `
      gain('name', () => { keos.KernelError.NoMemory.name = 'x'; return true; });
      gain('an error', () => { keos.PageTableMappingError.Mine = {}; return true; });
      gain('a prototype', () => Object.setPrototypeOf(keos.KernelError.Busy, {}));
      gain('identity', () => keos.attempt(() => { throw Object.create(keos.KernelError.Busy); }).ok === false);`,
  }),
  byTable(
    'patch-live-objects',
    'Change a page, a table or an entry that the driver looks at later.',
    {
      walk: `
      const page = keos.Page.new();
      const entry = this.root.at(0);
      for (const o of [page, page.inner(), entry, this.root]) {
        for (const key of ['pa', 'word', 'length', 'flags', 'drop', 'root', 'frame']) {
          try { Object.defineProperty(o, key, { value: () => 0n, configurable: true }); } catch {}
        }
        try { Object.setPrototypeOf(o, { pa: () => 0n }); } catch {}
      }
      return entry;`,
    },
  ),
  byTable('frame-ledger', 'Write to the ledger of frames.', {
    walk: `
      gain('the ledger', () => keos.stats ?? keos.ledger ?? keos.machine ?? keos.Page.machine ?? keos.Page.frames);
      const page = keos.Page.new();
      gain('the frame', () => page.frame ?? page._frame ?? page.owners);
      gain('a count', () => { page.owners = 0; return page.pa().owners; });
      page.drop();`,
  }),
  byTable('frame-handle-forged', 'Make a Page of a frame of its own choice.', {
    walk: `
      const page = keos.Page.new();
      gain('a page', () => Object.create(Object.getPrototypeOf(page)).pa());
      gain('a page', () => Reflect.construct(Object, [], page.constructor).pa());
      gain('a page', () => keos.Page.prototype.pa.call({ ...page }));
      gain('a page', () => class extends keos.Page {}.new().drop !== page.drop);
      page.drop();`,
  }),
  byTable(
    'private-stamp',
    'Put private fields on objects of the machine, which freezing does not forbid.',
    {
      walk: `
      class Into { constructor(o) { return o; } }
      class Stamp extends Into { #mark = 1; static has(o) { return #mark in o; } }
      for (const o of [keos, keos.Page, this.root]) { gain('an earlier stamp', () => Stamp.has(o)); try { new Stamp(o); } catch {} }`,
    },
  ),
  byTable('detach-memory', 'Take the memory of the machine away from it.', {
    walk: `
      const page = keos.Page.new();
      gain('the buffer', () => page.inner().buffer ?? page.innerMut().bytes ?? page.inner().view);
      gain('shared memory', () => typeof SharedArrayBuffer === 'function' || typeof Atomics === 'object' || typeof WebAssembly === 'object');
      const own = new Uint8Array(4096);
      page.innerMut().copyFrom(own);
      gain('a transfer', () => { own.buffer.transfer?.(); page.innerMut().copyFrom(own); return false; });
      page.drop();`,
  }),
  byTable('resizable-buffer', 'Let a buffer shrink while the machine copies from it.', {
    walk: `
      const page = keos.Page.new();
      const buffer = new ArrayBuffer(4096, { maxByteLength: 8192 });
      const bytes = new Uint8Array(buffer);
      const shrink = { valueOf() { buffer.resize(0); return 4096; } };
      gain('memory', () => { page.innerMut().copyFrom(bytes, 0, 0, shrink); return page.inner().get(0) !== 0; });
      page.drop();`,
  }),
  byTable('out-of-bounds', 'Reach memory beside a page.', {
    walk: `
      const page = keos.Page.new();
      for (const at of [-1, 4096, 4089, 2 ** 32, 2 ** 53, NaN, 0.5, -0.5, '0', 1n])
        for (const reach of [() => page.inner().get(at) + 1, () => page.inner().readU64(at) + 1n])
          try { if (reach()) PWN('a byte at ' + String(at)); } catch {}
      page.drop();`,
  }),
  byTable('numbers-that-change', 'Give the machine an argument that has two values.', {
    walk: `
      const page = keos.Page.new();
      let n = 0;
      const changing = { valueOf() { PWN('valueOf'); return n++; }, toString() { PWN('toString'); return '0'; }, [Symbol.toPrimitive]() { PWN('toPrimitive'); return n++; } };
      for (const use of [() => page.inner().get(changing), () => keos.Va.new(changing), () => keos.Page.fromPa(changing), () => this.root.at(changing), () => keos.loadPt(changing), () => page.innerMut().fill(changing)])
        try { use(); } catch {}
      page.drop();`,
  }),
  byTable('machine-class-by-hand', 'Build a view of an address of its own choice.', {
    walk: `
      const page = keos.Page.new();
      const entry = this.root.at(0);
      for (const o of [entry, page.inner(), Object.getPrototypeOf(entry), page])
        gain('a view', () => { const made = new o.constructor('x', 0, () => null, null); return made.readU64 ?? made.word; });
      page.drop();`,
  }),
  byTable(
    'helpers-of-the-driver',
    'Use what the classes of the machine offer to the driver alone.',
    {
      walk: `
      const page = keos.Page.new();
      gain('a helper', () => [keos.Page, page.constructor, keos.PageRef, keos.PageTableRoot, this.root.constructor]
        .some((C) => ['frameOf', 'consume', 'adopt', 'addressOf'].some((key) => C[key])));
      page.drop();`,
    },
  ),
  byTable('global-write', 'Keep something on the global object.', {
    walk: `
      gain('a global', () => { globalThis.kept = 1; return true; });
      gain('a global', () => { undeclared = 1; return true; });
      gain('undefined', () => { globalThis.undefined = 1; return true; });`,
  }),
  byTable('console-replaced', 'Replace what keeps the output.', {
    walk: `
      gain('log', () => { console.log = () => {}; return true; });
      gain('console', () => { globalThis.console = {}; return true; });`,
  }),
  byTable('open-objects-of-keos', 'Find one object of keos that is not frozen.', {
    walk: `
      const page = keos.Page.new();
      ${VISIT}
      const samples = { keos, page, bytes: page.inner(), ref: keos.PageRef.fromPa(page.pa()), root: this.root };
      let entry = (samples.pml4e = this.root.at(0).setPa(page.pa()));
      for (const into of ['intoPdp', 'intoPd', 'intoPt']) entry = samples['of ' + into] = (samples[into] = entry[into]()).at(0).setPa(page.pa());
      for (const [name, sample] of Object.entries(samples)) visit(sample, name, true);
      visit(globalThis, 'globalThis'); visit(console, 'console'); visit(require('./fork'), 'fork'); visit(require, 'require');
      console.log(seen.size > 300 ? 'NOTHING open in all that can be reached from keos' : 'PWN too little was looked at');
      this.root.at(0).clear();
      page.drop();`,
  }),
  byTable('open-objects-of-veridian', 'Find one object of veridian that is not frozen.', {
    walk: `
      const veridian = require('veridian');
      const frame = veridian.FRAME_ALLOCATOR.allocateFrame();
      const error = veridian.KernelError.InvalidAddress({ addr: 1n });
      ${VISIT}
      visit(veridian, 'veridian');
      visit(error, 'error');
      visit(Object.getPrototypeOf(veridian.physToVirtAddr(frame * veridian.PAGE_SIZE)), 'bytes');
      if (veridian.physToVirtAddr(frame * veridian.PAGE_SIZE).constructor !== Object) PWN('constructor');
      for (const make of [() => ({ ...error }), () => Object.create(error), () => Object.create(Object.getPrototypeOf(error))])
        if (veridian.attempt(() => { try { throw make(); } catch (e) { return e; } }).ok !== true) PWN('attempt');
      veridian.FRAME_ALLOCATOR.freeFrame(frame);
      console.log(seen.size > 40 ? 'NOTHING open in all that can be reached from veridian' : 'PWN too little was looked at');`,
  }),
]);
