import { expect } from 'chai';
import { eagerProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import type { Outcome, PagerCall, Step, Trace } from '../../protocol/trace.ts';
import { modelModules } from '../../testing/model-modules.ts';
import { runProgram } from './executor.ts';

/** Runs a program with these modules in place of the model's. */
function run(changes: Readonly<Record<string, string>>, write: (p: ProcessScript) => void): Trace {
  const trace = runProgram(modelModules(changes), eagerProgram(write), { recordSites: false });
  expect(trace.loadError).to.equal(null);
  return trace;
}

const last = (
  changes: Readonly<Record<string, string>>,
  write: (p: ProcessScript) => void,
): Step | undefined => run(changes, write).steps.at(-1);

/** An `MmStruct` whose `accessOk` is `body`, and which maps and unmaps like the model's, with `pager` as it was handed over. */
const mmStruct = (body: string): string => `
  import { KernelError, Permission, Va } from 'keos';
  import { EagerPager } from './eager-pager';
  export class MmStruct {
    constructor(readonly pageTable: any, readonly pager: any) {}
    accessOk(start: any, end: bigint, isWrite: boolean): boolean { const { pager } = this; ${body} }
    mmap({ files }: any, { arg1, arg2, arg3, arg4, arg5 }: any): bigint {
      const fd = Number(BigInt.asIntN(32, arg4));
      return this.pager.mmap(this.pageTable, arg1, arg2, arg3 | 8n, files.get(fd)?.file.file ?? null, arg5);
    }
    munmap({ arg1 }: any): bigint { return this.pager.munmap(this.pageTable, arg1); }
  }`;

/** What a pager that answers every question with true, and is made of `members`, lets `accessOk` of `body` return. */
function answer(members: string, body: string): Outcome | undefined {
  const changes = {
    'eager-pager': `export class EagerPager { accessOk(va, isWrite) { return true; } ${members} }`,
    'mm-struct': mmStruct(body),
  };
  return last(changes, (p) => {
    p.spawn();
    p.accessRange(0x1000, 0x2000, false);
  })?.outcome;
}

const returned = (value: boolean): Outcome => ({
  kind: 'ok',
  value: { type: 'boolean', value: String(value) },
});

describe('spyOn', () => {
  describe('what MmStruct sees of its pager', () => {
    for (const [what, members, body] of [
      [
        'a frozen pager',
        'size = 1; constructor() { Object.freeze(this); }',
        'return pager.accessOk(start, isWrite) && pager.size === 1;',
      ],
      [
        'private fields and methods',
        '#n = 2; #twice() { return this.#n * 2; } four() { return this.#twice(); }',
        'return pager.four() === 4;',
      ],
      ['getters', '#n = 5; get five() { return this.#n; }', 'return pager.five === 5;'],
      [
        'setters',
        '#n = 5; set n(n) { this.#n = n; } n6() { return this.#n === 6; }',
        'pager.n = 6; return pager.n6();',
      ],
      [
        'a method that is a getter',
        'get mmap() { return () => 9n; }',
        'return pager.mmap() === 9n;',
      ],
      [
        'members that are arrow functions',
        'n = 7; munmap = () => this.n;',
        'return pager.munmap() === 7;',
      ],
      ['static members', 'static limit = 8;', 'return pager.constructor.limit === 8;'],
      ['a class in a field', 'Region = class { n = 9; };', 'return new pager.Region().n === 9;'],
      ['its class', '', 'return pager instanceof EagerPager && pager.constructor === EagerPager;'],
      ['its prototype', '', 'return Object.getPrototypeOf(pager) === EagerPager.prototype;'],
      ['the same method each time', '', 'return pager.accessOk === pager.accessOk;'],
      [
        'the name and length of a method',
        '',
        "return pager.accessOk.name === 'accessOk' && pager.accessOk.length === 2;",
      ],
      ['a bound method', '#n = 3; n() { return this.#n; }', 'return pager.n.bind(pager)() === 3;'],
      [
        'a method that is called with call',
        '#n = 3; n() { return this.#n; }',
        'return pager.n.call(pager) === 3;',
      ],
      [
        'a method of another object',
        'name() { return this.text; }',
        "return pager.name.call({ text: 'me' }) === 'me';",
      ],
      [
        'fields in their order',
        'b = 1; a = 2; 7 = 3;',
        "return Object.keys(pager).join() === '7,b,a';",
      ],
      [
        'a copy of its fields',
        'b = 1; a = 2;',
        'const { a, b } = { ...pager }; return a === 2 && b === 1;',
      ],
      [
        'fields by for in',
        'b = 1; a = 2;',
        "let all = ''; for (const key in pager) all += key; return all === 'ba';",
      ],
      [
        'fields that are there and are not',
        'b = 1;',
        "return Object.hasOwn(pager, 'b') && !Object.hasOwn(pager, 'accessOk') && 'accessOk' in pager && !('c' in pager);",
      ],
      [
        'fields that are added and deleted',
        'b = 1; keys() { return Object.keys(this).join(); }',
        "delete pager.b; pager.c = 2; return pager.keys() === 'c';",
      ],
      ['symbols', '*[Symbol.iterator]() { yield 1; yield 2; }', 'return [...pager].length === 2;'],
      ['a value that is no function', 'accessOkCount = 0n;', 'return pager.accessOkCount === 0n;'],
      [
        'null for a prototype',
        'constructor() { const own = Object.create(null); own.accessOk = () => true; return own; }',
        'return pager.accessOk() && Object.getPrototypeOf(pager) === null;',
      ],
    ] as const) {
      it(`should be the pager itself: ${what}`, () => {
        expect(answer(members, body)).to.deep.equal(returned(true));
      });
    }

    it('should be a method that is missing', () => {
      expect(answer('', 'return pager.nothing();')).to.have.nested.property(
        'panic.message',
        'TypeError: pager.nothing is not a function',
      );
    });

    it('should be a frozen pager that cannot be changed', () => {
      const outcome = answer(
        'b = 1; constructor() { Object.freeze(this); }',
        '"use strict"; pager.b = 2; return true;',
      );

      expect(outcome).to.have.nested.property('panic.kind', 'exception');
    });

    it('should be methods that lose their object when they are taken off it', () => {
      const outcome = answer(
        'b = 1; read() { return this.b === 1; }',
        '"use strict"; const { read } = pager; return read();',
      );

      expect(outcome).to.have.nested.property('panic.kind', 'exception');
    });
  });

  describe('a pager that is a trap', () => {
    const TRAP = `new Proxy({}, {
      get() { throw new Error('get'); }, getPrototypeOf() { throw new Error('getPrototypeOf'); },
      getOwnPropertyDescriptor() { throw new Error('getOwnPropertyDescriptor'); },
    })`;

    for (const [what, members] of [
      ['a getter that throws', 'get accessOk() { throw new Error("get"); }'],
      ['a proxy that throws at every look', `constructor() { return ${TRAP}; }`],
      [
        'a proxy that was revoked',
        'constructor() { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }',
      ],
      [
        'a method that was revoked',
        'accessOk = (() => { const { proxy, revoke } = Proxy.revocable(() => true, {}); revoke(); return proxy; })();',
      ],
      ['a method that throws a trap', `accessOk() { throw ${TRAP}; }`],
    ] as const) {
      it(`should be the panic of its own call: ${what}`, () => {
        const eager = `export class EagerPager { accessOk() { return true; } ${members} }`;
        const { steps, loadError } = runProgram(
          modelModules({ 'eager-pager': eager }),
          eagerProgram((p) => {
            p.spawn();
            p.accessRange(0x1000, 0x1001, false);
          }),
          { recordSites: false },
        );

        expect(loadError).to.equal(null);
        expect(steps).to.have.lengthOf(2);
        expect(steps[1]?.outcome).to.have.nested.property('panic.kind', 'exception');
      });
    }

    it('should be an answer that nobody looks into', () => {
      expect(answer(`accessOk() { return ${TRAP}; }`, 'return pager.accessOk();')).to.deep.equal({
        kind: 'ok',
        value: { type: 'object', value: 'an object' },
      });
    });
  });

  describe('its notes', () => {
    const notes = (
      changes: Readonly<Record<string, string>>,
      write: (p: ProcessScript) => void,
    ): readonly PagerCall[] | undefined => last(changes, write)?.asked;

    it('should tell arguments and answers, files by their label, without the page table', () => {
      const asked = notes({}, (p) => {
        p.spawn();
        p.file(9000, 'hello');
        p.open(3, { file: 'hello' });
        p.sysMmap({ addr: 0xa000, size: 0x1800, prot: 1, fd: 3, offset: 0x1000 });
      });

      expect(asked).to.deep.equal([
        {
          call: 'mmap',
          args: [
            { type: 'bigint', value: '0xa000' },
            { type: 'bigint', value: '0x1800' },
            { type: 'bigint', value: '0x9' },
            { type: 'object', value: 'hello' },
            { type: 'bigint', value: '0x1000' },
          ],
          answer: { type: 'bigint', value: '0xa000' },
        },
      ]);
    });

    it('should tell errors by their name', () => {
      const asked = notes({}, (p) => {
        p.spawn();
        p.sysMunmap(0xa000);
      });

      expect(asked).to.deep.equal([
        {
          call: 'munmap',
          args: [{ type: 'bigint', value: '0xa000' }],
          answer: { type: 'thrown', value: 'KernelError.InvalidArgument' },
        },
      ]);
    });

    it('should tell any other exception as one, and let it through', () => {
      const changes = {
        'eager-pager': 'export class EagerPager { accessOk() { throw new RangeError("no"); } }',
      };
      const step = last(changes, (p) => {
        p.spawn();
        p.accessRange(0xa000, 0xa001, true);
      });

      expect(step?.asked?.[0]?.answer).to.deep.equal({ type: 'thrown', value: 'an exception' });
      expect(step?.outcome).to.have.nested.property('panic.message', 'RangeError: no');
    });

    it('should be those of its own operation, and none for an operation on the pager itself', () => {
      const { steps } = run({}, (p) => {
        p.spawn();
        p.sysMmap({ addr: 0xa000 });
        p.mmap(0xc000, 0x1000, 'rwu');
        p.accessOk(0xc000, true);
        p.accessRange(0xa000, 0xa001, true);
      });

      expect(steps.map(({ asked }) => asked?.map(({ call }) => call))).to.deep.equal([
        undefined,
        ['mmap'],
        undefined,
        undefined,
        ['accessOk'],
      ]);
    });

    it('should be of MmStruct’s calls, not of those that the pager makes itself', () => {
      const changes = {
        'eager-pager':
          'export class EagerPager { accessOk() { return this.getUserPage() === null; } getUserPage() { return null; } }',
      };
      const asked = notes(changes, (p) => {
        p.spawn();
        p.accessRange(0xa000, 0xa001, true);
      });

      expect(asked?.map(({ call }) => call)).to.deep.equal(['accessOk']);
    });

    it('should not know a method by another name', () => {
      const changes = {
        'eager-pager':
          'export class EagerPager { accessOk() { return true; } get alias() { return this.accessOk; } }',
        'mm-struct': mmStruct(
          'return pager.alias(start, isWrite) && pager.accessOk(start, isWrite);',
        ),
      };
      const asked = notes(changes, (p) => {
        p.spawn();
        p.accessRange(0xa000, 0xa001, true);
      });

      expect(asked).to.have.lengthOf(1);
    });

    it('should keep the first and the last of very many', () => {
      const pages = 100;
      const asked = notes({}, (p) => {
        p.spawn();
        p.mmap(0x10_0000, pages * 0x1000, 'rwu');
        p.accessRange(0x10_0000, 0x10_0000 + pages * 0x1000, true);
      });
      const addresses = asked?.map(({ args }) => Number(args[0]?.value));

      expect(addresses).to.have.lengthOf(40);
      expect(addresses?.slice(0, 20)).to.deep.equal(
        Array.from({ length: 20 }, (_, n) => 0x10_0000 + n * 0x1000),
      );
      expect(addresses?.at(-1)).to.equal(0x10_0000 + (pages - 1) * 0x1000);
    });
  });
});
