import { expect } from 'chai';
import type { Fact, Leaf } from '../../../reference/contract/machine-facts.ts';
import { enumerateInjections, injectionText } from '../../../reference/contract/injection.ts';
import { fileByte } from '../../../reference/contract/file-rule.ts';
import { PF } from '../../../reference/x86/access.ts';
import type { Op, PagerKind, Program, RunOptions } from '../../protocol/program.ts';
import { applySpaces } from '../../oracle/space-changes.ts';
import type { Outcome, Step, Trace } from '../../protocol/trace.ts';
import { modelModules } from '../../testing/model-modules.ts';
import { runProgram } from './executor.ts';

const [R, W, X, U] = [1, 2, 4, 8];

/** Modules in place of the model's. */
type Changes = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly world?: Partial<Program['world']>;
  readonly pager?: PagerKind;
  readonly options?: Partial<RunOptions>;
  readonly changes?: Changes;
}

/** A step in which every space that changed is there in full. */
interface WholeStep extends Step {
  readonly spaces: Readonly<Record<string, readonly Leaf[] | null>>;
}

function run(
  ops: readonly Op[],
  setting: Setting = {},
): Omit<Trace, 'steps'> & { readonly steps: readonly WholeStep[] } {
  const { world, pager = 'lazy', options, changes } = setting;
  const program: Program = { world: { cpus: 1, policy: 'first-fit', ...world }, pager, ops };
  const trace = runProgram(modelModules(changes), program, { recordSites: false, ...options });
  const known = new Map<string, readonly Leaf[]>();
  const steps = trace.steps.map((step) => {
    applySpaces(known, step.spaces);
    const labels = Object.keys(step.spaces);
    return {
      ...step,
      spaces: Object.fromEntries(labels.map((label) => [label, known.get(label) ?? null])),
    };
  });
  return { ...trace, steps };
}

/** How the last operation ended. */
function ending(ops: readonly Op[], setting?: Setting): Outcome | undefined {
  const { steps, loadError } = run(ops, setting);
  if (loadError !== null) throw new Error(loadError.message);
  return steps.at(-1)?.outcome;
}

function panicMessage(outcome: Outcome | undefined): string | undefined {
  return outcome?.kind === 'panic' ? outcome.panic.message : undefined;
}

const CLEAN: Trace['teardown'] = { outcome: { kind: 'ok' }, leaks: [] };

/** A table with one page, filled with 7, mapped at 0x5000. The root is frame 0x100, the page 0x101, the tables follow. */
const MAPPED: readonly Op[] = [
  { op: 'new-table', table: 't', kernel: true },
  { op: 'new-page', page: 'p', fill: 7 },
  { op: 'map', table: 't', va: '0x5000', page: 'p', perm: R | W | U },
];
const PAGE = 0x101;

/** A lazy process with four anonymous pages at 0x10000. */
const SPAWNED: readonly Op[] = [
  { op: 'spawn', process: 'a' },
  {
    op: 'mmap',
    process: 'a',
    addr: '0x10000',
    size: '0x4000',
    prot: R | W | U,
    file: null,
    offset: '0x0',
  },
];

const load = (addr: `0x${string}`, more: Partial<Extract<Op, { op: 'access' }>> = {}): Op => ({
  op: 'access',
  process: 'a',
  addr,
  length: 1,
  kind: 'read',
  mode: 'user',
  ...more,
});
const store = (addr: `0x${string}`, value: number, process = 'a', length = 1): Op =>
  load(addr, { kind: 'write', value, process, length });

/** A page table of a student's that does what `methods` say; it frees nothing. */
const pageTable = (methods: string): Changes => ({
  'page-table': `
    import { Page, PageTableRoot, StaleTLBEntry, Va } from 'keos';
    export class PageTable {
      root = PageTableRoot.newBoxedWithKernelAddr();
      drop() { this.root.drop(); }
      ${methods}
    }`,
});

describe('runProgram', () => {
  describe('operations on page tables', () => {
    it('should make and drop a table, with and without the kernel half', () => {
      for (const kernel of [true, false]) {
        const { steps, teardown } = run([
          { op: 'new-table', table: 't', kernel },
          { op: 'drop-table', table: 't' },
        ]);

        expect(steps.map(({ outcome }) => outcome)).to.deep.equal([{ kind: 'ok' }, { kind: 'ok' }]);
        expect(steps.map(({ spaces }) => spaces)).to.deep.equal([{ t: [] }, { t: null }]);
        expect(teardown).to.deep.equal(CLEAN);
      }
    });

    it('should tell of a table that is made without the kernel half, unless that was asked for', () => {
      const bare = pageTable('constructor(root = PageTableRoot.newBoxed()) { this.root = root; }');

      for (const kernel of [true, false]) {
        const { steps } = run([{ op: 'new-table', table: 't', kernel }], { changes: bare });

        expect(steps[0]?.facts).to.deep.equal(
          kernel ? [{ kind: 'kernel-half', slot: 510, missing: true }] : [],
        );
      }
    });

    it('should end a program that leaves far more pages present than it maps', () => {
      const fills = (tables: number): Changes =>
        pageTable(`
          map(va, page, perm) {
            const all = [this.root];
            for (let i = 0; i < 3; i++) {
              const table = Page.new();
              all[i].at(0).setPa(table.intoRaw()).setFlags(0x3n);
              all.push(i === 0 ? all[i].at(0).intoPdp() : i === 1 ? all[i].at(0).intoPd() : all[i].at(0).intoPt());
            }
            for (let i = 0; i < ${String(tables)}; i++) {
              if (i > 0) all[2].at(i).setPa(Page.new().intoRaw()).setFlags(0x3n);
              const table = all[2].at(i).intoPt();
              for (let j = 0; j < 512; j++) table.at(j).setPa(page.clone().intoRaw()).setFlags(0x1n);
            }
            page.drop();
          }`);
      const last = (tables: number): Step | undefined =>
        run([...MAPPED, { op: 'walk', table: 't', va: '0x5000' }], {
          changes: fills(tables),
        }).steps.at(2);

      expect(last(4)?.outcome).to.deep.equal({ kind: 'ok' });
      expect(last(4)?.spaces['t']).to.have.length(2048);
      expect(last(5)).to.deep.include({ spaces: {}, facts: [] });
      expect(last(5)?.outcome).to.deep.equal({
        kind: 'panic',
        panic: {
          kind: 'limit',
          about: 'leaves',
          message:
            'more than 2049 pages are present in a page table, of which the program has mapped 1 at most',
          stack: '',
        },
      });
    });

    it('should clone a page that the driver holds, and only such a one', () => {
      const { steps, teardown } = run([
        { op: 'new-page', page: 'p', fill: 7 },
        { op: 'clone-page', page: 'q', of: 'p' },
        { op: 'clone-page', page: 'q', of: 'p' },
        { op: 'clone-page', page: 'r', of: 'nobody' },
        { op: 'drop-page', page: 'p' },
        { op: 'new-page', page: 's', fill: 8 },
        { op: 'drop-page', page: 'q' },
      ]);

      expect(steps.map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'ok', frame: 0x100 },
        { kind: 'ok', frame: 0x100 },
        { kind: 'skipped' },
        { kind: 'skipped' },
        { kind: 'ok' },
        { kind: 'ok', frame: 0x101 },
        { kind: 'ok' },
      ]);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should make and drop a page of the driver', () => {
      const { steps, teardown } = run([
        { op: 'new-page', page: 'p', fill: 7 },
        { op: 'drop-page', page: 'p' },
        { op: 'drop-page', page: 'p' },
      ]);

      expect(steps.map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'ok', frame: 0x100 },
        { kind: 'ok' },
        { kind: 'skipped' },
      ]);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should map a page and show the leaf', () => {
      const { steps, teardown } = run(MAPPED);

      const leaf: Leaf = { va: 0x5000, frame: PAGE, rights: R | W | U };
      expect(steps.at(-1)).to.deep.include({ outcome: { kind: 'ok' }, spaces: { t: [leaf] } });
      expect(steps.at(-1)?.effort).to.deep.equal({ frames: 3, fileReads: 0, invalidations: 0 });
      expect(steps.at(-1)?.calls).to.deep.equal({ frame: 3, read: 0, mmap: 0 });
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should give an address to doMap, and take the page back if that throws', () => {
      const doMap = (skew: number): Op => ({
        op: 'do-map',
        table: 't',
        va: '0x5000',
        page: 'p',
        skew,
        perm: R,
      });

      const { steps, teardown } = run([...MAPPED.slice(0, 2), doMap(8), doMap(0)]);

      expect(steps.slice(2).map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'error', error: 'PageTableMappingError.Unaligned' },
        { kind: 'ok' },
      ]);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should unmap and keep the page', () => {
      const { steps, teardown } = run([
        ...MAPPED,
        { op: 'load-table', cpu: 0, table: 't' },
        { op: 'unmap', table: 't', va: '0x5000', page: 'q' },
        { op: 'drop-page', page: 'q' },
      ]);

      expect(steps.at(-2)).to.deep.include({
        outcome: { kind: 'ok', frame: PAGE },
        spaces: { t: [] },
      });
      expect(steps.at(-2)?.effort.invalidations).to.equal(1);
      expect(steps.at(-1)?.outcome).to.deep.equal({ kind: 'ok' });
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should walk to a live entry', () => {
      expect(ending([...MAPPED, { op: 'walk', table: 't', va: '0x5000' }])).to.deep.equal({
        kind: 'ok',
        entry: { frame: PAGE, flags: '0x8000000000000007', live: true },
      });
    });

    it('should tell an entry that is not the live one', () => {
      const changes = pageTable('walk(va) { return this.root.at(9); }');

      const outcome = ending(
        [
          { op: 'new-table', table: 't', kernel: true },
          { op: 'walk', table: 't', va: '0x5000' },
        ],
        { changes },
      );

      expect(outcome).to.deep.equal({
        kind: 'ok',
        entry: { frame: null, flags: '0x0', live: false },
      });
    });

    it('should walk for a change and look, clear or replace', () => {
      const { steps, teardown } = run([
        ...MAPPED,
        { op: 'new-page', page: 'q', fill: 8 },
        { op: 'walk-mut', table: 't', va: '0x5000', then: 'look' },
        { op: 'walk-mut', table: 't', va: '0x5000', then: 'replace', page: 'q', perm: R | X | U },
        { op: 'walk-mut', table: 't', va: '0x5000', then: 'clear', page: 'r' },
        { op: 'walk-mut', table: 't', va: '0x5000', then: 'look' },
      ]);

      const entry = { frame: PAGE, flags: '0x8000000000000007', live: true };
      const replaced = { frame: 0x105, flags: '0x5', live: true };
      expect(steps.slice(4).map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'ok', entry },
        { kind: 'ok', entry, frame: PAGE },
        { kind: 'ok', entry: replaced, frame: 0x105 },
        { kind: 'error', error: 'PageTableMappingError.NotExist' },
      ]);
      expect(steps.map(({ spaces }) => spaces['t']?.length)).to.deep.equal([
        0,
        undefined,
        1,
        undefined,
        undefined,
        1,
        0,
        undefined,
      ]);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should take an address apart', () => {
      expect(ending([{ op: 'indices', va: '0xffffff8000203000' }])).to.deep.equal({
        kind: 'ok',
        indices: ['511', '0', '1', '3'].map((value) => ({ type: 'number', value })),
      });
    });

    it('should clear a table', () => {
      const { steps, teardown } = run([...MAPPED, { op: 'clear-table', table: 't' }]);

      expect(steps.at(-1)).to.deep.include({ outcome: { kind: 'ok' }, spaces: { t: [] } });
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should probe with one access that nobody handles', () => {
      const probe = (va: `0x${string}`, kind: 'read' | 'write' | 'fetch'): Op => ({
        op: 'probe',
        cpu: 0,
        va,
        kind,
        mode: 'user',
        value: 9,
      });

      const { steps } = run([
        ...MAPPED,
        { op: 'load-table', cpu: 0, table: 't' },
        probe('0x5001', 'read'),
        probe('0x5001', 'write'),
        probe('0x5001', 'fetch'),
        probe('0x6000', 'read'),
        probe('0x800000000000', 'read'),
      ]);

      expect(steps.slice(4).map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'ok', bytes: [[7, 1]], frame: PAGE },
        { kind: 'ok', bytes: [[9, 1]], frame: PAGE },
        { kind: 'fault', code: PF.PRESENT | PF.USER | PF.FETCH },
        { kind: 'fault', code: PF.USER },
        { kind: 'fault', code: null },
      ]);
    });

    it('should skip what names something that does not exist', () => {
      const { steps } = run([
        { op: 'map', table: 't', va: '0x5000', page: 'p', perm: R },
        { op: 'new-table', table: 't', kernel: true },
        { op: 'map', table: 't', va: '0x5000', page: 'p', perm: R },
        { op: 'do-map', table: 't', va: '0x5000', page: 'p', skew: 0, perm: R },
        { op: 'probe', cpu: 1, va: '0x5000', kind: 'read', mode: 'user' },
      ]);

      expect(steps.map(({ outcome }) => outcome.kind)).to.deep.equal([
        'skipped',
        'ok',
        'skipped',
        'skipped',
        'skipped',
      ]);
    });
  });

  describe('operations on processes', () => {
    for (const pager of ['lazy', 'eager'] as const) {
      it(`should spawn, map, store, load, unmap and exit (${pager})`, () => {
        const { steps, teardown } = run(
          [
            ...SPAWNED,
            store('0x11fff', 5, 'a', 2),
            load('0x11ffe', { length: 4 }),
            { op: 'munmap', process: 'a', addr: '0x10000' },
            { op: 'exit', process: 'a' },
          ],
          { pager },
        );

        expect(steps.map(({ outcome }) => outcome)).to.deep.equal([
          { kind: 'ok' },
          { kind: 'ok', value: { type: 'bigint', value: '0x10000' } },
          { kind: 'ok' },
          {
            kind: 'ok',
            bytes: [
              [0, 1],
              [5, 2],
              [0, 1],
            ],
          },
          { kind: 'ok', value: { type: 'bigint', value: '0x0' } },
          { kind: 'ok' },
        ]);
        expect(
          steps.map(({ spaces }) => (spaces['a'] === null ? null : spaces['a']?.length)),
        ).to.deep.equal(
          pager === 'lazy'
            ? [0, undefined, 2, undefined, 0, null]
            : [0, 4, undefined, undefined, 0, null],
        );
        expect(steps.flatMap(({ facts }) => facts)).to.deep.equal([]);
        expect(teardown).to.deep.equal(CLEAN);
      });
    }

    it('should deliver faults to the pager and write down how they ended', () => {
      const { steps } = run([...SPAWNED, store('0x10000', 5), load('0x10001'), load('0x20000')]);

      expect(steps.slice(2).map(({ faults }) => faults)).to.deep.equal([
        [{ va: '0x10000', code: PF.WRITE | PF.USER, handled: 'ok' }],
        [],
        [{ va: '0x20000', code: PF.USER, handled: 'KernelError.BadAddress' }],
      ]);
      expect(steps.at(-1)?.outcome).to.deep.equal({
        kind: 'killed',
        error: 'KernelError.BadAddress',
      });
    });

    it('should kill a process at an address that is none, and an eager one at any fault', () => {
      expect(ending([...SPAWNED, load('0x800000000000')])).to.deep.equal({
        kind: 'killed',
        error: 'general protection',
      });
      expect(ending([...SPAWNED, load('0x20000')], { pager: 'eager' })).to.deep.equal({
        kind: 'killed',
        error: 'no fault handler',
      });
    });

    it('should map files, which are cut and replaced', () => {
      const { steps, teardown } = run([
        { op: 'file', file: 'f', size: 0x3000, seed: 4 },
        { op: 'spawn', process: 'a' },
        {
          op: 'mmap',
          process: 'a',
          addr: '0x10000',
          size: '0x3000',
          prot: R | U,
          file: 'f',
          offset: '0x0',
        },
        load('0x10000'),
        { op: 'rewrite', file: 'f', seed: 5 },
        load('0x11000'),
        { op: 'truncate', file: 'f', size: 0x1000 },
        load('0x12000'),
      ]);

      const bytes = [3, 5, 7].map((at) => steps[at]?.outcome);
      expect(bytes).to.deep.equal([
        { kind: 'ok', bytes: [[fileByte(4, 0), 1]] },
        { kind: 'ok', bytes: [[fileByte(5, 0x1000), 1]] },
        { kind: 'ok', bytes: [[0, 1]] },
      ]);
      expect(steps[3]?.effort).to.deep.include({ fileReads: 1 });
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should empty the page cache at the end', () => {
      const { steps, teardown } = run([
        { op: 'file', file: 'f', size: 0x1000, seed: 4, cached: true },
        ...['a', 'b'].flatMap((process): Op[] => [
          { op: 'spawn', process },
          {
            op: 'mmap',
            process,
            addr: '0x10000',
            size: '0x1000',
            prot: R | U,
            file: 'f',
            offset: '0x0',
          },
          load('0x10000', { process }),
        ]),
      ]);

      const frames = steps.flatMap(({ spaces }) =>
        Object.values(spaces).flatMap((leaves) => leaves?.map(({ frame }) => frame) ?? []),
      );
      expect(frames).to.have.lengthOf(2);
      expect(new Set(frames)).to.have.lengthOf(1);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should show a cached file anew once it has changed, and leave old users what they have', () => {
      const mapped = (process: string): readonly Op[] => [
        { op: 'spawn', process },
        {
          ...(SPAWNED[1] as Extract<Op, { op: 'mmap' }>),
          process,
          size: '0x2000',
          prot: R | U,
          file: 'f',
        },
        load('0x10000', { process }),
      ];

      const { steps, teardown } = run([
        { op: 'file', file: 'f', size: 0x2000, seed: 4, cached: true },
        ...mapped('a'),
        { op: 'rewrite', file: 'f', seed: 5 },
        ...mapped('b'),
        { op: 'truncate', file: 'f', size: 0x1000 },
        load('0x10000'),
        load('0x11000'),
        load('0x10000', { process: 'b' }),
      ]);

      const bytes = [3, 7, 9, 10, 11].map((at) => steps[at]?.outcome);
      expect(bytes).to.deep.equal(
        [fileByte(4, 0), fileByte(5, 0), fileByte(4, 0), 0, fileByte(5, 0)].map((byte) => ({
          kind: 'ok',
          bytes: [[byte, 1]],
        })),
      );
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should ask for a user page and look at the byte', () => {
      const ask = (addr: `0x${string}`): Op => ({ op: 'get-user-page', process: 'a', addr });

      const { steps } = run([...SPAWNED, store('0x10005', 6), ask('0x10005'), ask('0x20000')]);

      const frame = steps[2]?.spaces['a']?.[0]?.frame;
      expect(steps[3]?.outcome).to.deep.equal({
        kind: 'ok',
        frame,
        bytes: [[6, 1]],
        perm: { type: 'bigint', value: '0xb' },
      });
      expect(steps[4]?.outcome).to.deep.equal({
        kind: 'ok',
        value: { type: 'null', value: 'null' },
      });
    });

    it('should ask whether an access is allowed', () => {
      const ask = (addr: `0x${string}`): Op => ({
        op: 'access-ok',
        process: 'a',
        addr,
        write: true,
      });

      expect([
        ending([...SPAWNED, ask('0x10000')]),
        ending([...SPAWNED, ask('0x20000')]),
      ]).to.deep.equal([
        { kind: 'ok', value: { type: 'boolean', value: 'true' } },
        { kind: 'ok', value: { type: 'boolean', value: 'false' } },
      ]);
    });

    it('should call the fault handler by itself', () => {
      const fault = (addr: `0x${string}`): Op => ({
        op: 'page-fault',
        process: 'a',
        addr,
        code: PF.USER,
      });

      const { steps } = run([...SPAWNED, fault('0x10000'), fault('0x10000'), fault('0x20000')]);

      expect(steps.slice(2).map(({ outcome }) => outcome)).to.deep.equal([
        { kind: 'ok' },
        { kind: 'ok' },
        { kind: 'error', error: 'KernelError.BadAddress' },
      ]);
    });

    it('should fork, on several processors', () => {
      const { steps, teardown } = run(
        [
          ...SPAWNED,
          store('0x10000', 1),
          load('0x10000', { cpu: 1 }),
          { op: 'fork', process: 'a', child: 'b' },
          store('0x10000', 2, 'b'),
          load('0x10000', { cpu: 1 }),
        ],
        { world: { cpus: 2 } },
      );

      const shared = steps[4]?.spaces;
      expect(shared?.['b']?.[0]?.frame).to.equal(shared?.['a']?.[0]?.frame);
      expect(shared?.['a']?.[0]?.rights).to.equal(R | U);
      expect(steps[5]?.faults).to.have.lengthOf(1);
      expect(steps[6]?.outcome).to.deep.equal({ kind: 'ok', bytes: [[1, 1]] });
      expect(steps.flatMap(({ facts }) => facts)).to.deep.equal([]);
      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should skip what names something that does not exist, and what would make it twice', () => {
      const { steps } = run([
        { op: 'exit', process: 'a' },
        { op: 'truncate', file: 'f', size: 1 },
        { op: 'rewrite', file: 'f', seed: 1 },
        ...SPAWNED,
        { ...(SPAWNED[1] as Extract<Op, { op: 'mmap' }>), file: 'f' },
        { op: 'spawn', process: 'a' },
        { op: 'fork', process: 'a', child: 'a' },
      ]);

      expect(steps.map(({ outcome }) => outcome.kind)).to.deep.equal([
        'skipped',
        'skipped',
        'skipped',
        'ok',
        'ok',
        'skipped',
        'skipped',
        'skipped',
      ]);
    });
  });

  describe('injected failures', () => {
    it('should strike in their own operation only', () => {
      const { steps, teardown } = run([
        ...SPAWNED,
        load('0x10000', { fault: { point: 'frame', nth: 2, mode: 'once' } }),
        load('0x10000'),
      ]);

      expect(steps.slice(2).map(({ outcome, injected }) => ({ outcome, injected }))).to.deep.equal([
        { outcome: { kind: 'killed', error: 'KernelError.NoMemory' }, injected: true },
        { outcome: { kind: 'ok', bytes: [[0, 1]] }, injected: false },
      ]);
      expect(steps.map(({ calls }) => calls.frame)).to.deep.equal([0, 0, 2, 4]);
      expect(teardown).to.deep.equal(CLEAN);
    });
  });

  describe('every failure that an operation can meet', () => {
    const FILE: Op = { op: 'file', file: 'f', size: 0x3000, seed: 4 };
    const mapped: readonly Op[] = [
      FILE,
      { op: 'spawn', process: 'a' },
      { ...(SPAWNED[1] as Extract<Op, { op: 'mmap' }>), file: 'f' },
    ];
    const calls = run([...mapped, load('0x10000')]).steps.at(-1)?.calls;

    for (const fault of enumerateInjections(calls!)) {
      it(`should be met, and passed when it is over: ${injectionText(fault, 4)}`, () => {
        const { steps, teardown } = run([...mapped, load('0x10000', { fault }), load('0x10000')]);

        expect(steps.at(-2)?.injected).to.equal(true);
        expect(steps.at(-2)?.outcome.kind).to.equal('killed');
        expect(steps.at(-1)?.outcome).to.deep.equal({ kind: 'ok', bytes: [[fileByte(4, 0), 1]] });
        expect(teardown).to.deep.equal(CLEAN);
      });
    }

    it('should be all there are', () => {
      expect(calls).to.deep.equal({ frame: 4, read: 0, mmap: 1 });
    });
  });

  describe('uses of frames', () => {
    it('should be told in order when that is asked for', () => {
      const program = [...SPAWNED, load('0x10000'), load('0x11000')];

      const { steps } = run(program, { options: { recordUses: true } });

      const va = 0x10000;
      expect(steps[2]?.uses).to.have.deep.members([
        { kind: 'page', va, space: 'a' },
        ...([1, 2, 3] as const).map((level) => ({ kind: 'table', level, va, space: 'a' })),
      ]);
      expect(steps[3]?.uses).to.deep.equal([{ kind: 'page', va: 0x11000, space: 'a' }]);
      expect(run(program).steps[2]).not.to.have.property('uses');
    });

    it('should be what is asked for by number when an allocation is refused', () => {
      const refused = run(
        [...SPAWNED, load('0x10000', { fault: { point: 'frame', nth: 2, mode: 'once' } })],
        {
          options: { recordUses: true },
        },
      ).steps[2];

      expect(refused?.uses?.[1]).to.deep.equal({ kind: 'unknown' });
      expect(refused?.uses).to.have.lengthOf(refused?.calls.frame ?? 0);
    });
  });

  describe('sites', () => {
    const TABLE: Op = { op: 'new-table', table: 't', kernel: true };
    const WALK: Op = { op: 'walk', table: 't', va: '0x5000' };

    it('should come with a panic about a frame: where it was allocated and released', () => {
      const changes = pageTable('walk() { const p = Page.new(); p.drop(); p.drop(); }');
      const panicOf = (recordSites: boolean) => {
        const outcome = ending([TABLE, WALK], { changes, options: { recordSites } });
        return outcome?.kind === 'panic' ? outcome.panic : undefined;
      };

      expect(panicOf(true)?.sites?.allocated).to.include('page-table.ts');
      expect(panicOf(true)?.sites?.released).to.include('page-table.ts');
      expect(panicOf(false)).not.to.have.property('sites');
    });

    it('should come with an entry that leads to a free frame', () => {
      const changes = pageTable(`
        walk() {
          const page = Page.new();
          this.root.at(0).setPa(page.pa());
          page.drop();
          return this.root.at(0);
        }`);
      const factOf = (recordSites: boolean) =>
        run([TABLE, WALK], { changes, options: { recordSites } }).steps[1]?.facts[0];

      expect(factOf(true)).to.have.nested.property('sites.released').that.includes('page-table.ts');
      expect(factOf(false)).not.to.have.property('sites');
    });
  });

  it('should map files with holes and damages', () => {
    const { steps, teardown } = run([
      {
        op: 'file',
        file: 'f',
        size: 0x3000,
        seed: 4,
        sparse: { data: 1, hole: 1 },
        unreadable: [2],
      },
      { op: 'spawn', process: 'a' },
      { ...(SPAWNED[1] as Extract<Op, { op: 'mmap' }>), prot: R | U, file: 'f' },
      load('0x10fff', { length: 2 }),
      load('0x12000'),
    ]);

    expect(steps.slice(3).map(({ outcome, injected }) => ({ outcome, injected }))).to.deep.equal([
      {
        outcome: {
          kind: 'ok',
          bytes: [
            [fileByte(4, 0xfff), 1],
            [0, 1],
          ],
        },
        injected: false,
      },
      { outcome: { kind: 'killed', error: 'KernelError.IOError' }, injected: true },
    ]);
    expect(teardown).to.deep.equal(CLEAN);
  });

  describe('bad values', () => {
    const TABLE: Op = { op: 'new-table', table: 't', kernel: true };

    for (const [what, setting, ops, value] of [
      [
        'PageTable.root must be a PageTableRoot',
        { changes: { 'page-table': 'export class PageTable { root = 5n; drop() {} }' } },
        [TABLE],
        { type: 'undefined', value: 'undefined' },
      ],
      [
        'walk must return a Pte',
        { changes: pageTable('walk(va) { return va; }') },
        [TABLE, { op: 'walk', table: 't', va: '0x5000' }],
        { type: 'bigint', value: '0x5000' },
      ],
      [
        'unmap must return the Page that was mapped',
        { changes: pageTable('unmap(va) { return "page"; }') },
        [TABLE, { op: 'unmap', table: 't', va: '0x5000', page: 'q' }],
        { type: 'string', value: 'page' },
      ],
      [
        'walkMut must return a Walked whose pte is the live entry',
        { changes: pageTable('walkMut(va) { return { pte: {} }; }') },
        [TABLE, { op: 'walk-mut', table: 't', va: '0x5000', then: 'look' }],
        { type: 'object', value: 'an object' },
      ],
      [
        'a process needs a PageTable with a live root and a pager',
        {
          changes: {
            fork: 'export const writeProtectPtes = (mm) => ({ pageTable: null, pager: mm.pager });',
          },
        },
        [SPAWNED[0]!, { op: 'fork', process: 'a', child: 'b' }],
        { type: 'null', value: 'null' },
      ],
      [
        'getUserPage must return null or a pair [PageRef, Permission]',
        {
          changes: { 'lazy-pager': 'export class LazyPager { getUserPage() { return [1, 2n]; } }' },
        },
        [SPAWNED[0]!, { op: 'get-user-page', process: 'a', addr: '0x5000' }],
        { type: 'number', value: '1' },
      ],
    ] as const satisfies [string, Setting, readonly Op[], object][]) {
      it(`should say that ${what}`, () => {
        expect(ending(ops, setting)).to.deep.equal({ kind: 'bad-value', what, value });
      });
    }
  });

  it('should give up on a pager that makes no progress', () => {
    const pager = `
      export class PageFaultReason {}
      export class LazyPager { mmap() { return 0n; } handlePageFault() {} }`;

    const { steps } = run([...SPAWNED, load('0x10000')], { changes: { 'lazy-pager': pager } });

    expect(steps.at(-1)?.outcome).to.deep.equal({ kind: 'no-progress' });
    expect(steps.at(-1)?.faults).to.have.lengthOf(8);
  });

  describe('panics', () => {
    const TABLE: Op = { op: 'new-table', table: 't', kernel: true };
    const WALK: Op = { op: 'walk', table: 't', va: '0x5000' };

    it('should end the program, without a teardown', () => {
      const { steps, teardown } = run([TABLE, WALK, WALK], {
        changes: pageTable('walk() { this.root.at(512); }'),
      });

      expect(steps).to.have.lengthOf(2);
      expect(panicMessage(steps[1]?.outcome)).to.equal(
        'PageTableRoot.at: the index is 512, not an integer from 0 to 511',
      );
      expect(teardown).to.equal(null);
    });

    it('should count although student code catches them', () => {
      const outcome = ending([TABLE, WALK], {
        changes: pageTable('walk() { try { this.root.at(-1); } catch {} return this.root.at(0); }'),
      });

      expect(outcome).to.have.nested.property('panic.kind', 'panic');
    });

    it('should be what any other exception is', () => {
      const outcome = ending([TABLE, WALK], { changes: pageTable('walk() { null.x; }') });

      expect(outcome).to.have.nested.property('panic.kind', 'exception');
      expect(panicMessage(outcome)).to.match(/^TypeError: /);
    });

    it('should be a method that is missing', () => {
      expect(panicMessage(ending([TABLE, WALK], { changes: pageTable('') }))).to.equal(
        'TypeError: there is no method walk',
      );
    });

    it('should be a body that is not written yet', () => {
      const changes = pageTable(`walk() { require('keos').todo('walk'); }`);

      const outcome = ending([TABLE, WALK], { changes });

      expect(outcome).to.have.nested.property('panic.kind', 'todo');
      expect(panicMessage(outcome)).to.equal('not implemented: walk');
    });

    it('should be a translation that is still owed an invalidation, though the call threw', () => {
      const changes = pageTable(
        `walk(va) { StaleTLBEntry.new(va, Page.new()); throw require('keos').KernelError.Busy; }`,
      );

      const outcome = ending([TABLE, WALK], { changes });

      expect(outcome).to.deep.nested.include({ 'panic.about': 'invalidation' });
      expect(panicMessage(outcome)).to.equal('StaleTLBEntry for 0x5000 was never invalidated');
    });

    it('should be endless recursion, in student code or below it', () => {
      const changes = pageTable('walk(va) { Va.new(va); return this.walk(va); }');

      const outcome = ending([TABLE, WALK], { changes });

      expect(outcome).to.have.property('kind', 'panic');
      expect(outcome).to.have.nested.property('panic.kind').that.is.oneOf(['exception', 'torn']);
    });

    it('should be found when the driver meets what student code did to a page of its own', () => {
      const changes = pageTable(`
        unmap() { return this.page = Page.new(); }
        walk() { this.page.drop(); return this.root.at(0); }`);

      const { steps, loadError } = run(
        [
          TABLE,
          { op: 'unmap', table: 't', va: '0x5000', page: 'q' },
          WALK,
          { op: 'drop-page', page: 'q' },
        ],
        { changes },
      );

      expect(loadError).to.equal(null);
      expect(panicMessage(steps.at(-1)?.outcome)).to.match(/^Page\.drop: .* was dropped before$/);
    });
  });

  it('should tell that memory is full from a module that does not load', () => {
    const pages = ['p', 'q'].map((page): Op => ({ op: 'new-page', page, fill: 0 }));

    expect(ending(pages, { world: { frames: 1 } })).to.deep.equal({
      kind: 'error',
      error: 'KernelError.NoMemory',
    });
  });

  describe('modules that do not load', () => {
    for (const [what, text, message] of [
      ['is missing', undefined, /page-table\.ts is missing/],
      ['throws', 'throw new Error("no");', /^Error: no$/],
      ['lacks the export', 'export const x = 1;', /page-table\.ts does not export PageTable/],
    ] as const) {
      it(`should say that one ${what}`, () => {
        const { steps, loadError, teardown } = run(MAPPED, { changes: { 'page-table': text } });

        expect(loadError?.message).to.match(message);
        expect([steps, teardown]).to.deep.equal([[], null]);
      });
    }
  });

  describe('teardown', () => {
    it('should find frames that nobody let go of, with the operation they are from', () => {
      const changes = pageTable('clear() { Page.new().intoRaw(); }');

      const { teardown } = run(
        [
          { op: 'new-table', table: 't', kernel: true },
          { op: 'clear-table', table: 't' },
        ],
        { changes, options: { recordSites: true } },
      );

      expect(teardown?.outcome).to.deep.equal({ kind: 'ok' });
      expect(teardown?.leaks).to.have.lengthOf(1);
      expect(teardown?.leaks[0]).to.deep.include({ kind: 'leak', frame: 0x101, op: 1 });
      expect(teardown?.leaks[0]).to.have.property('site').that.includes('page-table.ts');
      expect(teardown?.leaks[0]).not.to.have.property('lost');
      expect(teardown?.leaks[0])
        .to.have.property('owners')
        .that.deep.equals({ pages: 0, outside: 1, kernel: null });
    });

    it('should say in which operation a frame was lost, if entries led to it', () => {
      const program: readonly Op[] = [
        { op: 'new-table', table: 't', kernel: true },
        { op: 'new-page', page: 'p', fill: 1 },
        { op: 'map', table: 't', va: '0x5000', page: 'p', perm: 3 },
        { op: 'clear-table', table: 't' },
      ];
      const linking = (more: string): Setting => ({
        changes: pageTable(
          `map(va, page) {
            let entry = this.root.at(0);
            for (const into of ['intoPdp', 'intoPd', 'intoPt'])
              entry = entry.setPa(Page.new().intoRaw()).setFlags(7n)[into]().at(0);
            entry.setPa(page.intoRaw()).setFlags(7n);
          }
          ${more}`,
        ),
      });
      const forgetsTables = linking('clear() { this.root.at(0).word = 0n; }');
      const forgetsAll = linking('drop() { this.root.drop(); }');

      const cleared = run(program, forgetsTables).teardown?.leaks ?? [];
      const dropped = run(program.slice(0, 3), forgetsAll).teardown?.leaks ?? [];

      const lostIn = (leaks: readonly Fact[]): unknown[] =>
        leaks.map((leak) => (leak.kind === 'leak' ? leak.lost : 'no leak'));
      expect(lostIn(cleared)).to.deep.equal([3, 3, 3, 3]);
      expect(lostIn(dropped)).to.deep.equal([-1, -1, -1, -1]);
    });

    it("should let the pager's own drop run before that of the page table", () => {
      const { teardown } = run([{ op: 'spawn', process: 'a' }], {
        changes: {
          'lazy-pager': `
            import { Page } from 'keos';
            export class LazyPager { page = Page.new(); drop() { this.page.drop(); } }`,
        },
      });

      expect(teardown).to.deep.equal(CLEAN);
    });

    it('should end with the first thing that goes wrong', () => {
      const { teardown } = run([{ op: 'new-table', table: 't', kernel: true }], {
        changes: pageTable('drop() { throw new Error("no"); }'),
      });

      expect(teardown).to.have.nested.property('outcome.panic.message', 'Error: no');
      expect(teardown?.leaks).to.deep.equal([]);
    });
  });

  it('should state a fact in the step where it becomes true, once', () => {
    const changes = pageTable('walk() { this.root.at(0).word = 0x5003n; return this.root.at(0); }');
    const walk: Op = { op: 'walk', table: 't', va: '0x5000' };

    const { steps } = run([{ op: 'new-table', table: 't', kernel: true }, walk, walk], { changes });

    expect(steps.map(({ facts }) => facts.map(({ kind }) => kind))).to.deep.equal([
      [],
      ['dangling-entry'],
      [],
    ]);
  });

  it('should print the page walk that is asked for', () => {
    const options = { inspect: { space: 't', va: '0x5000' as const } };

    expect(run(MAPPED, { options }).walk?.at(-1)).to.equal(
      'PTE[5]      -> 0x101000   P RW US XD . .',
    );
    expect(run(MAPPED, { options: { inspect: { space: 'u', va: '0x5000' } } }).walk).to.equal(null);
  });

  it('should give the same trace every time', () => {
    const program: readonly Op[] = [...SPAWNED, store('0x10000', 5), load('0x13fff')];

    for (const policy of ['first-fit', 'quarantine', 'random'] as const) {
      const world = { policy, seed: 9 };
      expect(run(program, { world })).to.deep.equal(run(program, { world }));
    }
  });
});
