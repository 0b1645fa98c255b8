import { expect } from 'chai';
import type { Pa, Page, PageTableRoot, Va } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { panicOf, stopBy } from '../testing/endings.ts';
import { PagingStructures } from '../testing/paging-structures.ts';
import { activate } from './active-machine.ts';
import { keos } from './index.ts';

const { StaleTLBEntry } = keos;
const VA = 0x40_1000n as Va;
const LINEAR = Number(VA);

let machine: Machine;
let root: PageTableRoot;
let tables: PagingStructures;
/** The page that is mapped at {@link VA} until it is unmapped by hand. */
let page: Page;

function setUp(): void {
  machine = new Machine({ cpus: 3 });
  activate(machine);
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  tables = tablesOf(root);
  page = keos.Page.new();
  tables.map(LINEAR, Number(page.pa()));
}

function tablesOf(of: PageTableRoot): PagingStructures {
  return new PagingStructures(machine.memory, () => machine.allocate(false)!.pa, Number(of.pa()));
}

/** Loads `root` on the processors given, and lets each translate two pages. */
function runOn(...ids: number[]): void {
  tables.map(LINEAR + 4096, Number(page.pa()));
  for (const id of ids) {
    const cpu = machine.cpus[id]!;
    cpu.loadCr3(Number(root.pa()));
    for (const va of [VA, VA + 0x1000n]) cpu.access(va, { kind: 'read', mode: 'user' });
  }
}

const translations = () =>
  machine.cpus.map(({ tlb }) =>
    [...tlb.entries()].map(({ linear }) => linear).sort((a, b) => a - b),
  );

describe('StaleTLBEntry', () => {
  beforeEach(setUp);

  it('should take the page, keep it readable, and give it back', () => {
    page.innerMut().set(0, 7);

    const stale = StaleTLBEntry.new(VA, page);
    const byte = stale.page.inner().get(0);
    const back = stale.invalidate();

    expect(byte).to.equal(7);
    expect(stale.page).to.equal(back);
    expect(() => back.drop()).not.to.throw();
  });

  it('should leave the count of references as it is', () => {
    const frame = machine.frames.get(Number(page.pa()) / 4096)!;
    const counts = () => [frame.references, frame.handles];

    const stale = StaleTLBEntry.new(VA, page);
    const pending = counts();
    stale.invalidate();

    expect([pending, counts()]).to.deep.equal([
      [1, 1],
      [1, 1],
    ]);
  });

  it('should drop the translation of its page on every processor that runs the current table', () => {
    runOn(0, 2);
    machine.runOn(2);

    StaleTLBEntry.new(VA, page).invalidate();

    expect(translations()).to.deep.equal([[LINEAR + 4096], [], [LINEAR + 4096]]);
    expect(machine.cpus.map(({ invalidations }) => invalidations)).to.deep.equal([1, 0, 1]);
  });

  it('should not reach processors that run another table', () => {
    runOn(0, 1);

    machine.runOn(2);
    StaleTLBEntry.new(VA, page).invalidate();

    expect(translations()[0]).to.deep.equal([LINEAR, LINEAR + 4096]);
  });

  it('should be owed to the machine until it is invalidated', () => {
    const stale = StaleTLBEntry.new(VA, page);
    const owed = [...machine.pendingInvalidations.values()];

    stale.invalidate();

    expect(owed).to.deep.equal(['StaleTLBEntry for 0x401000']);
    expect(machine.pendingInvalidations.size).to.equal(0);
  });

  it('should make the processor see the change', () => {
    runOn(0);
    const { current } = machine;
    tables.set(LINEAR, 0n);
    const before = current.access(VA, { kind: 'read', mode: 'user' });

    StaleTLBEntry.new(VA, page).invalidate().drop();

    expect(before.kind).to.equal('done');
    expect(current.access(VA, { kind: 'read', mode: 'user' }).kind).to.equal('page-fault');
  });

  it('should panic: a second invalidate', () => {
    const stale = StaleTLBEntry.new(VA, page);
    stale.invalidate();

    expect(panicOf(() => stale.invalidate())).to.equal(
      'StaleTLBEntry.invalidate: the entry for 0x401000 was invalidated before',
    );
  });

  it('should panic: use of the page that was given', () => {
    StaleTLBEntry.new(VA, page);

    expect(stopBy(() => page.drop())).to.include({
      about: 'frames',
      message: 'Page.drop: this Page (frame 0x101000) was given to StaleTLBEntry.new before',
    });
  });

  it('should panic: what is no Va', () => {
    expect(panicOf(() => StaleTLBEntry.new(0x8000_0000_0000n as Va, page))).to.equal(
      'StaleTLBEntry.new: 0x800000000000 is not a Va',
    );
  });

  it('should panic: what is no Page', () => {
    expect(panicOf(() => StaleTLBEntry.new(VA, page.pa() as never))).to.equal(
      'StaleTLBEntry.new: 0x101000 is not a Page',
    );
  });

  it('should panic: construction', () => {
    const construct = StaleTLBEntry as unknown as new () => unknown;

    expect(panicOf(() => new construct())).to.equal('new StaleTLBEntry(): use StaleTLBEntry.new()');
  });
});

describe('tlbShutdown', () => {
  beforeEach(setUp);

  it('should drop every translation of the table, wherever it runs', () => {
    runOn(1, 2);

    keos.tlbShutdown(root);

    expect(translations()).to.deep.equal([[], [], []]);
    expect(machine.cpus.map(({ invalidations }) => invalidations)).to.deep.equal([0, 1, 1]);
  });

  it('should leave other tables alone', () => {
    runOn(1);

    keos.tlbShutdown(keos.PageTableRoot.newBoxed());

    expect(translations()[1]).to.deep.equal([LINEAR, LINEAR + 4096]);
  });

  it('should panic: what is no live root', () => {
    const dropped = keos.PageTableRoot.newBoxed();
    dropped.drop();

    expect(panicOf(() => keos.tlbShutdown(dropped))).to.equal(
      'tlbShutdown: an object is not a live PageTableRoot',
    );
  });
});

describe('loadPt', () => {
  beforeEach(setUp);

  it('should switch this processor, and drop its translations', () => {
    runOn(0, 1);
    const other = keos.PageTableRoot.newBoxed();

    keos.loadPt(other.pa());

    expect(keos.readCr3()).to.equal(other.pa());
    expect(machine.cpus[1]!.cr3).to.equal(Number(root.pa()));
    expect(translations()).to.deep.equal([[], [LINEAR, LINEAR + 4096], []]);
  });

  it('should do nothing if the table is loaded already', () => {
    runOn(0);

    keos.loadPt(root.pa());

    expect(translations()[0]).to.deep.equal([LINEAR, LINEAR + 4096]);
  });

  it("should take the kernel's own table too", () => {
    runOn(0);

    keos.loadPt(BigInt(machine.bootRoot) as Pa);

    expect(keos.readCr3()).to.equal(0x1000n);
  });

  for (const [what, value, shown] of [
    ['a number', 0x1000, '4096 (a number; bigint is needed: 4096n)'],
    ['the address of a page', 0x10_1000n, '0x101000'],
  ] as const) {
    it(`should panic: ${what}`, () => {
      expect(panicOf(() => keos.loadPt(value as Pa))).to.equal(
        `loadPt: ${shown} is not the address of a page-table root`,
      );
    });
  }

  it('should panic: a root that was dropped', () => {
    const other = keos.PageTableRoot.newBoxed();
    const pa = other.pa();
    other.drop();

    expect(panicOf(() => keos.loadPt(pa))).to.match(/^loadPt: 0x[0-9a-f]+ is not the address/);
  });
});

describe('readCr3', () => {
  beforeEach(setUp);

  it('should be that of the processor that runs', () => {
    runOn(1);
    const here = keos.readCr3();

    machine.runOn(1);

    expect([here, keos.readCr3()]).to.deep.equal([BigInt(machine.bootRoot), root.pa()]);
  });
});
