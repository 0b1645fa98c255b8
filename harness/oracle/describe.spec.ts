import { expect } from 'chai';
import type { FrameUse } from '../../reference/contract/frame-use.ts';
import { fileBacking, GLOBAL, ManagerScript } from '../generators/manager-scenario.ts';
import { ProcessScript } from '../generators/process-scenario.ts';
import { TableScript } from '../generators/table-scenario.ts';
import type { Op } from '../protocol/program.ts';
import { describeOp } from './describe.ts';

/** What each method of a script writes down, in words. */
const TABLES: readonly (readonly [(t: TableScript) => void, string])[] = [
  [(t) => t.table(), 'table = new PageTable()'],
  [(t) => t.table('bare', false), 'bare = new PageTable(PageTableRoot.newBoxed())'],
  [(t) => t.page(7), 'page1 = Page.new(), filled with 0x07'],
  [(t) => t.clone('a'), 'page1 = a.clone()'],
  [(t) => t.map(0x1000, 'rwu', 'a'), 'table.map(0x1000, a, READ | WRITE | USER)'],
  [(t) => t.map(0x1000, 0, 'a'), 'table.map(0x1000, a, no rights)'],
  [
    (t) => t.map(0x1000, 'r', 'a', 'table', { point: 'frame', nth: 2, mode: 'once' }),
    'table.map(0x1000, a, READ), while frame allocation 2 of operation 1 fails',
  ],
  [(t) => t.doMap(0x1000, 'rx', 0, 'a'), 'table.doMap(0x1000, address of a, READ | EXECUTABLE)'],
  [(t) => t.doMap(0x1000, 'r', 0x800, 'a'), 'table.doMap(0x1000, address of a + 0x800, READ)'],
  [(t) => t.unmap(0x1000), 'back = table.unmap(0x1000)'],
  [(t) => t.walk(0x7fff_ffff_f000), 'table.walk(0x7ffffffff000)'],
  [(t) => t.walkMut(0x1000), 'table.walkMut(0x1000)'],
  [(t) => t.walkMut(0x1000, 'clear', 'a'), 'table.walkMut(0x1000).clear(), then invalidate()'],
  [
    (t) => t.walkMut(0x1000, 'replace', 'b', 'rw'),
    'table.walkMut(0x1000): clear(), invalidate(), setPage(b, READ | WRITE)',
  ],
  [(t) => t.indices(0xffff_ff00_0090_0000n), 'PtIndices.fromVa(0xffffff0000900000)'],
  [(t) => t.clear(), 'table.clear()'],
  [(t) => t.drop(), 'table.drop()'],
  [(t) => t.dropPage('a'), 'a.drop()'],
  [(t) => t.load('table', 1), 'CPU 1 loads table into CR3'],
  [(t) => t.probe(0x1008, 'write', 'user', 9), 'CPU 0: user write at 0x1008 (stores 0x09)'],
  [(t) => t.probe(0x1008, 'fetch', 'supervisor'), 'CPU 0: kernel fetch at 0x1008'],
];

const PROCESSES: readonly (readonly [(p: ProcessScript) => void, string])[] = [
  [(p) => p.spawn(), 'alice starts with a new PageTable and pager'],
  [(p) => p.file(5000), 'file is a file of 5000 bytes'],
  [
    (p) => p.file(5000, 'lib', 7, { cached: true, readLimit: 100 }),
    'lib is a file of 5000 bytes, in the page cache, of which read() gives at most 100 at a time',
  ],
  [
    (p) => p.file(5000, 'file', 7, { sparse: { data: 1, hole: 3 }, unreadable: [1] }),
    'file is a file of 5000 bytes, with a hole of 3 blocks after every 1 block of data, block 1 of which cannot be read',
  ],
  [
    (p) => p.file(5000, 'file', 7, { unreadable: [0, 1] }),
    'file is a file of 5000 bytes, blocks 0, 1 of which cannot be read',
  ],
  [
    (p) => p.file(5000, 'file', 7, { unreadable: 'all' }),
    'file is a file of 5000 bytes, none of which can be read',
  ],
  [
    (p) => p.file(5000, 'file', 7, { ino: 2 ** 32, unreadable: 'all' }),
    'file is a file of 5000 bytes, with inode number 0x100000000, none of which can be read',
  ],
  [(p) => p.truncate('file', 10), 'file is cut to 10 bytes'],
  [(p) => p.rewrite('file', 3), 'file gets new contents'],
  [
    (p) => p.mmap(0xa000, 0x1001, 'rwu'),
    'alice: mmap(0xa000, size 0x1001, READ | WRITE | USER, anonymous)',
  ],
  [
    (p) => p.mmap(0xa000, 0x1000, 'r', { file: 'file', offset: 0x2000 }, 'bob', { cpu: 1 }),
    'bob: mmap(0xa000, size 0x1000, READ, file from offset 0x2000) [CPU 1]',
  ],
  [(p) => p.munmap(0xa000), 'alice: munmap(0xa000)'],
  [(p) => p.munmap(0xa000, 'alice', { cpu: 0 }), 'alice: munmap(0xa000)'],
  [(p) => p.getUserPage(0xa123), 'alice: getUserPage(0xa123)'],
  [(p) => p.accessOk(0xa000, true), 'alice: accessOk(0xa000, write)'],
  [(p) => p.accessOk(0xa000, false, 'bob'), 'bob: accessOk(0xa000, read)'],
  [(p) => p.read(0xa000), 'alice reads a byte at 0xa000'],
  [(p) => p.read(0xaffc, 'alice', { length: 8, cpu: 1 }), 'alice reads 8 bytes at 0xaffc [CPU 1]'],
  [(p) => p.write(0xa000, 7), 'alice writes a byte of 0x07 at 0xa000'],
  [
    (p) => p.write(0xa000, 7, 'alice', { length: 4096, mode: 'supervisor' }),
    'alice writes 4096 bytes of 0x07 at 0xa000 in kernel mode',
  ],
  [(p) => p.execute(0xa000), 'alice executes a byte at 0xa000'],
  [
    (p) => p.read(0xa000, 'alice', { fault: { point: 'mmap', nth: 1, mode: 'on' } }),
    'alice reads a byte at 0xa000, while file mmap 1 of operation 1 and every later one fail',
  ],
  [(p) => p.fault(0xa123, 6), 'alice: handlePageFault at 0xa123, error code 0x6'],
  [(p) => p.fork('bob'), 'alice forks bob'],
  [(p) => p.open(3, { file: 'file', mode: 'Read' }), 'alice opens descriptor 3: file, for reading'],
  [
    (p) => p.open(3, { file: 'file', mode: 'Write', position: 4096 }),
    'alice opens descriptor 3: file, for writing, at position 0x1000',
  ],
  [(p) => p.open(4, 'pipe', 'bob'), 'bob opens descriptor 4: a pipe'],
  [
    (p) => p.sysMmap({ addr: 0xa000 }),
    'alice: system call mmap(arg1 0xa000, arg2 0x1000, arg3 0x3, arg4 0xffffffffffffffff, arg5 0x0)',
  ],
  [(p) => p.sysMunmap(0xa000), 'alice: system call munmap(arg1 0xa000)'],
  [(p) => p.accessRange(0xa000, 0xa010, true), 'alice: MmStruct.accessOk(0xa000, 0xa010, write)'],
  [(p) => p.exit('bob'), 'bob exits'],
];

const MANAGERS: readonly (readonly [(p: ManagerScript) => void, string])[] = [
  [(p) => p.manager('alice'), 'alice = new DemandPagingManager()'],
  [(p) => p.table(), 'table = new CowTable()'],
  [(p) => p.init(), 'init()'],
  [
    (p) => p.register(0x1000, 0x2000, { flags: (1n << 63n) | 0x203n, file: 'file', offset: 0x10 }),
    'manager.registerLazy(0x1000, size 0x2000, PRESENT | WRITABLE | NO_EXECUTE | 0x200, file from offset 16)',
  ],
  [
    (p) => p.register(0x1000, 0x2000, { flags: 0n, manager: GLOBAL }),
    'registerLazy(0x1000, size 0x2000, no flags, anonymous)',
  ],
  [
    (p) => p.register(0x1000, 0x2000, { flags: 1n, manager: GLOBAL, within: true }),
    'withManagerMut: manager.registerLazy(0x1000, size 0x2000, PRESENT, anonymous)',
  ],
  [(p) => p.unregister(0x1000), 'manager.unregisterLazy(0x1000)'],
  [(p) => p.fault(0x1abc), '[page1, flags] = manager.tryDemandPage(0x1abc)'],
  [(p) => p.fault(0x1abc, { manager: GLOBAL, frame: 'f' }), '[f, flags] = handlePageFault(0x1abc)'],
  [
    (p) => p.fault(0x1abc, { manager: GLOBAL, within: true }),
    '[page1, flags] = withManagerMut: manager.tryDemandPage(0x1abc)',
  ],
  [
    (p) => p.cowFault(0x1abc, { fault: { point: 'frame', mode: 'once', nth: 1 } }),
    'copy1 = manager.handleCowFault(0x1abc), while frame allocation 1 of operation 1 fails',
  ],
  [(p) => p.mark(0x1000, 'f'), 'manager.cowTable.markCow(0x1000, f)'],
  [(p) => p.mark(0x1000, 'f', 'table', true), 'table.markCow(0x1000, f)'],
  [(p) => p.addEntry(0x1000, 'f'), 'manager.addCowEntry(0x1000, f)'],
  [
    (p) =>
      p.markRange(0x1000, [
        [0x2000, 'f'],
        [0x3000, 'g'],
      ]),
    'manager.markCowRange(0x1000, [[0x2000, f], [0x3000, g]])',
  ],
  [
    (p) => p.release(0x1000, 'f', GLOBAL),
    'withManagerMut: manager.cowTable.release(0x1000); if it is true, f is freed',
  ],
  [(p) => p.isCow(0x1000), 'manager.cowTable.isCow(0x1000)'],
  [
    (p) => p.contains(0x1000, 0x800, 0x17ff),
    'new LazyMapping(0x1000, size 0x800, …).contains(0x17ff)',
  ],
  [
    (p) => p.sameBacking('anonymous', fileBacking(42, 0)),
    'BackingType.equals(Anonymous, FileBacked({ inode: 0x2a, offset: 0x0 }))',
  ],
  [(p) => p.frame(7), "frame1 = a frame of the caller's, filled with 0x07"],
  [(p) => p.write('f', 9, 4), 'the caller stores 0x09 in byte 4 of f'],
  [(p) => p.look('f'), 'the caller looks at all bytes of f'],
  [(p) => p.look('f', 8, 16), 'the caller looks at bytes 8 to 23 of f'],
  [(p) => p.free('f'), 'the caller frees f'],
];

/** Every kind of operation; the compiler sees to it that none is missing. */
const KINDS: Readonly<Record<Op['op'], true>> = {
  'new-table': true,
  'new-page': true,
  'clone-page': true,
  map: true,
  'do-map': true,
  unmap: true,
  walk: true,
  'walk-mut': true,
  indices: true,
  'clear-table': true,
  'drop-table': true,
  'drop-page': true,
  'load-table': true,
  probe: true,
  spawn: true,
  file: true,
  truncate: true,
  rewrite: true,
  mmap: true,
  munmap: true,
  'get-user-page': true,
  'access-ok': true,
  access: true,
  'page-fault': true,
  fork: true,
  open: true,
  'sys-mmap': true,
  'sys-munmap': true,
  'access-range': true,
  exit: true,
  'new-manager': true,
  'new-cow-table': true,
  'init-manager': true,
  'register-lazy': true,
  'unregister-lazy': true,
  'demand-page': true,
  'cow-fault': true,
  'mark-cow': true,
  'add-cow-entry': true,
  'mark-cow-range': true,
  'release-cow': true,
  'is-cow': true,
  'mapping-contains': true,
  'same-backing': true,
  'take-frame': true,
  'write-frame': true,
  'read-frame': true,
  'free-frame': true,
};

function last(ops: readonly Op[]): Op {
  const op = ops.at(-1);
  if (op === undefined) throw new Error('nothing was written down');
  return op;
}

const examples: readonly (readonly [Op, string])[] = [
  ...TABLES.map(([write, text]) => {
    const script = new TableScript();
    write(script);
    return [last(script.ops), text] as const;
  }),
  ...PROCESSES.map(([write, text]) => {
    const script = new ProcessScript();
    write(script);
    return [last(script.ops), text] as const;
  }),
  ...MANAGERS.map(([write, text]) => {
    const script = new ManagerScript();
    write(script);
    return [last(script.ops), text] as const;
  }),
];

describe('describeOp', () => {
  for (const [op, text] of examples) {
    it(`should say "${text}"`, () => {
      expect(describeOp(op, 0)).to.equal(text);
    });
  }

  describe('a frame that is refused', () => {
    const refused = (mode: 'once' | 'on' = 'once'): Op => {
      const script = new ProcessScript();
      script.read(0xa000, 'alice', { fault: { point: 'frame', nth: 2, mode } });
      return last(script.ops);
    };

    for (const [use, text] of [
      [{ kind: 'table', level: 2, va: 0xa000, space: 'alice' }, 'the PD for 0xa000 in alice'],
      [{ kind: 'page', va: 0xa000, space: 'alice' }, 'the page at 0xa000 in alice'],
      [{ kind: 'released' }, 'released again in the same operation'],
    ] as const satisfies [FrameUse, string][]) {
      it(`should be told to be ${text}`, () => {
        expect(describeOp(refused(), 3, use)).to.equal(
          `alice reads a byte at 0xa000, while frame allocation 2 of operation 4 fails (without the failure, allocation 2 is ${text})`,
        );
      });
    }

    it('should be told also where others are refused after it', () => {
      expect(describeOp(refused('on'), 0, { kind: 'released' })).to.include(
        'and every later one fail (without the failure, allocation 2 is released',
      );
    });

    it('should not be told where nobody knows', () => {
      expect(describeOp(refused(), 0, { kind: 'unknown' })).to.equal(describeOp(refused(), 0));
    });
  });

  it('should have an example of every kind of operation', () => {
    const known = new Set(examples.map(([{ op }]) => op));

    expect([...known].sort()).to.deep.equal(Object.keys(KINDS).sort());
  });
});
