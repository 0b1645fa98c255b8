import { expect } from 'chai';
import fc from 'fast-check';
import type { Pa, Page } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { panicOf, stopBy, thrownBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { openFile } from './file.ts';
import { keos } from './index.ts';
import { Page as PageHandle, PageRef as Reference } from './page.ts';

let machine: Machine;

function setUp(): void {
  machine = new Machine({ frames: 8, policy: 'first-fit' });
  activate(machine);
}

/** References to the frame at `pa`, all of them and those of live handles. */
function counts(pa: Pa): [references: number, handles: number] {
  const { references, handles } = machine.frames.get(Number(pa) / 4096)!;
  return [references, handles];
}

describe('Page', () => {
  beforeEach(setUp);

  describe('new', () => {
    it('should own a zeroed frame', () => {
      const page = keos.Page.new();

      expect(counts(page.pa())).to.deep.equal([1, 1]);
      expect(page.inner().readU64(0)).to.equal(0n);
      expect(page.kva()).to.equal(keos.Pa.intoKva(page.pa()));
    });

    it('should throw NoMemory when no frame is free', () => {
      const pages = Array.from({ length: 8 }, () => keos.Page.new());

      expect(thrownBy(() => keos.Page.new())).to.equal(keos.KernelError.NoMemory);

      pages[0]!.drop();
      expect(() => keos.Page.new()).not.to.throw();
    });

    it('should throw NoMemory when that is injected, and own nothing', () => {
      machine.faults.arm({ point: 'frame', nth: 2, mode: 'once' });
      keos.Page.new();

      expect(thrownBy(() => keos.Page.new())).to.equal(keos.KernelError.NoMemory);

      expect(machine.frames.live).to.equal(1);
      expect(machine.stop).to.equal(null);
    });

    it('should be the only way to construct one', () => {
      const construct = keos.Page as unknown as new () => unknown;

      expect(panicOf(() => new construct())).to.equal('new Page(): use Page.new()');
    });
  });

  describe('ownership', () => {
    it('should go up with a clone and down with each drop', () => {
      const page = keos.Page.new();
      const pa = page.pa();

      const clone = page.clone();
      const shared = counts(pa);
      page.drop();
      const single = counts(pa);
      clone.drop();

      expect([shared, single, counts(pa)]).to.deep.equal([
        [2, 2],
        [1, 1],
        [0, 0],
      ]);
    });

    it('should pass through an address and back without a change', () => {
      const pa = keos.Page.new().intoRaw();
      const outside = counts(pa);

      const page = keos.Page.fromPa(pa);

      expect(outside).to.deep.equal([1, 0]);
      expect(counts(pa)).to.deep.equal([1, 1]);
      expect(page.pa()).to.equal(pa);
    });

    it('should end with `using`, unless the page was consumed before', () => {
      let dropped: Pa;
      let kept: Pa;
      {
        using page = keos.Page.new();
        dropped = page.pa();
        using other = keos.Page.new();
        kept = other.intoRaw();
      }

      expect(counts(dropped)).to.deep.equal([0, 0]);
      expect(counts(kept)).to.deep.equal([1, 0]);
    });

    it('should always count what was done', () => {
      const moves = fc.array(
        fc.tuple(fc.constantFrom('new', 'clone', 'raw', 'adopt', 'borrow', 'drop'), fc.nat(9)),
        { maxLength: 30 },
      );

      fc.assert(
        fc.property(moves, (sequence) => {
          machine = new Machine();
          activate(machine);
          const pages: Page[] = [];
          const outside: Pa[] = [];
          const remove = <T>(list: T[], at: number) => list.splice(at % list.length, 1)[0]!;
          for (const [move, at] of sequence) {
            if (move === 'new') pages.push(keos.Page.new());
            else if (move === 'adopt') {
              if (outside.length > 0) pages.push(keos.Page.fromPa(remove(outside, at)));
            } else if (move === 'borrow') {
              const pa = outside[at % outside.length];
              if (pa !== undefined) pages.push(keos.PageRef.fromPa(pa).intoPage());
            } else if (pages.length > 0) {
              if (move === 'clone') pages.push(pages[at % pages.length]!.clone());
              else if (move === 'raw') outside.push(remove(pages, at).intoRaw());
              else remove(pages, at).drop();
            }
          }

          const held = pages.map((page) => page.pa());
          for (const frame of machine.frames.owned()) {
            const ofFrame = (pa: Pa) => Number(pa) === frame.pa;
            const pages = held.filter(ofFrame).length;
            const given = outside.filter(ofFrame).length;
            expect(frame.owners).to.deep.equal({ pages, outside: given, kernel: null });
            expect(frame.references).to.equal(pages + given);
          }
          expect(machine.frames.live).to.equal(new Set([...held, ...outside]).size);
        }),
      );
    });
  });

  describe('misuse', () => {
    const uses: Readonly<Record<string, (page: Page) => unknown>> = {
      clone: (page) => page.clone(),
      intoRaw: (page) => page.intoRaw(),
      drop: (page) => page.drop(),
      pa: (page) => page.pa(),
      kva: (page) => page.kva(),
      inner: (page) => page.inner(),
    };
    for (const [name, use] of Object.entries(uses)) {
      it(`should panic: ${name} after drop`, () => {
        const page = keos.Page.new();
        page.drop();

        expect(stopBy(() => use(page))).to.include({
          kind: 'panic',
          about: 'frames',
          message: `Page.${name}: this Page (frame 0x100000) was dropped before`,
        });
      });
    }

    it('should panic: use after intoRaw', () => {
      const page = keos.Page.new();
      page.intoRaw();

      expect(panicOf(() => page.drop())).to.equal(
        'Page.drop: this Page (frame 0x100000) was turned into an address (intoRaw) before',
      );
    });

    it('should panic: innerMut after drop', () => {
      const page = keos.Page.new();
      page.drop();

      expect(panicOf(() => page.innerMut())).to.include('was dropped before');
    });

    it('should panic: a method without its page', () => {
      const { drop } = keos.Page.new();

      expect(panicOf(drop)).to.equal('Page.drop: undefined is not a Page');
    });
  });

  describe('fromPa', () => {
    const outside = (value: unknown) => () => keos.Page.fromPa(value as Pa);

    it('should panic: what is no physical address', () => {
      expect(panicOf(outside(0x1000))).to.equal(
        'Page.fromPa: 4096 (a number; bigint is needed: 4096n) is not a physical address',
      );
    });

    it('should panic: more than 52 bits', () => {
      expect(panicOf(outside(1n << 52n))).to.equal(
        'Page.fromPa: 0x10000000000000 is not a physical address',
      );
    });

    it('should panic: an address inside a frame', () => {
      expect(panicOf(outside(0x10_0008n))).to.equal(
        'Page.fromPa: 0x100008 is not the start of a frame',
      );
    });

    it('should panic: an address where no frame ever was', () => {
      expect(panicOf(outside(0x5000n))).to.equal('Page.fromPa: there is no page frame at 0x5000');
    });

    it('should panic: a frame that is free', () => {
      const page = keos.Page.new();
      const pa = page.pa();
      page.drop();

      expect(stopBy(outside(pa))).to.include({
        about: 'frames',
        message: 'Page.fromPa: the frame 0x100000 is free (released before)',
      });
    });

    it('should panic: a reference that nobody gave up', () => {
      const page = keos.Page.new();

      expect(stopBy(outside(page.pa()))).to.include({
        about: 'frames',
        message: 'Page.fromPa: every reference to the frame 0x100000 is already owned by a Page',
      });
    });

    it('should panic: the frame of a page-table root, which only the root can give back', () => {
      const root = keos.PageTableRoot.newBoxed();
      const pa = root.pa();

      expect(stopBy(outside(pa))).to.include({
        about: 'frames',
        message:
          'Page.fromPa: every reference to the frame 0x100000 is already owned by its PageTableRoot',
      });
    });

    it('should leave the reference of the page cache alone', () => {
      const file = machine.createFile({ size: 4096, seed: 1, cached: true });
      const pa = openFile(file).mmap(keos.FileBlockNumber.new(0n)).intoRaw();
      keos.Page.fromPa(pa);

      expect(panicOf(outside(pa))).to.include('already owned by a Page');
    });
  });

  it('should be recognised by the driver while it is good', () => {
    const page = keos.Page.new();
    const frame = PageHandle.frameOf(page);
    page.drop();

    expect(frame?.pa).to.equal(0x10_0000);
    expect([page, {}, null, 5].map((value) => PageHandle.frameOf(value))).to.deep.equal(
      Array(4).fill(undefined),
    );
  });
});

describe('PageRef', () => {
  beforeEach(setUp);

  it('should borrow without owning', () => {
    const page = keos.Page.new();
    page.innerMut().set(5, 9);

    const ref = keos.PageRef.fromPa(page.pa());
    ref.innerMut().set(6, 7);

    expect(counts(page.pa())).to.deep.equal([1, 1]);
    expect([ref.pa(), ref.kva()]).to.deep.equal([page.pa(), page.kva()]);
    expect(ref.inner().get(5)).to.equal(9);
    expect(page.inner().get(6)).to.equal(7);
  });

  it('should give a new owner', () => {
    const page = keos.Page.new();

    const owner = keos.PageRef.fromPa(page.pa()).intoPage();

    expect(counts(page.pa())).to.deep.equal([2, 2]);
    expect(owner.pa()).to.equal(page.pa());
  });

  it('should panic: a frame that is free', () => {
    const page = keos.Page.new();
    const pa = page.pa();
    page.drop();

    expect(panicOf(() => keos.PageRef.fromPa(pa))).to.equal(
      'PageRef.fromPa: the frame 0x100000 is free (released before)',
    );
  });

  it('should panic: construction', () => {
    const construct = keos.PageRef as unknown as new () => unknown;

    expect(panicOf(() => new construct())).to.equal('new PageRef(): use PageRef.fromPa()');
  });

  for (const [name, use] of [
    ['PageRef.pa', (ref) => ref.pa()],
    ['PageRef.kva', (ref) => ref.kva()],
    ['PageRef.inner', (ref) => ref.inner()],
    ['PageRef.intoPage', (ref) => ref.intoPage()],
  ] as const satisfies [string, (ref: ReturnType<typeof keos.PageRef.fromPa>) => unknown][]) {
    it(`should panic: ${name} after the frame was released`, () => {
      const page = keos.Page.new();
      const ref = keos.PageRef.fromPa(page.pa());
      page.drop();
      keos.Page.new();

      expect(stopBy(() => use(ref))).to.include({
        about: 'frames',
        message: `${name}: the frame 0x100000 was released`,
      });
    });

    it(`should panic: ${name} in a later call`, () => {
      const ref = keos.PageRef.fromPa(keos.Page.new().pa());
      machine.beginOperation(1);

      expect(panicOf(() => use(ref))).to.equal(
        `${name}: the PageRef was kept after the call that made it`,
      );
    });
  }

  it('should panic: its bytes in a later call', () => {
    const bytes = keos.PageRef.fromPa(keos.Page.new().pa()).inner();
    machine.beginOperation(1);

    expect(panicOf(() => bytes.get(0))).to.equal(
      'PageBytes.get: the PageRef was kept after the call that made it',
    );
  });

  it('should be recognised by the driver while it is good', () => {
    const ref = keos.PageRef.fromPa(keos.Page.new().pa());
    const frame = Reference.frameOf(ref);
    machine.beginOperation(1);

    expect(frame?.pa).to.equal(0x10_0000);
    expect(Reference.frameOf(ref)).to.equal(undefined);
    expect(Reference.frameOf([])).to.equal(undefined);
  });
});
