import { expect } from 'chai';
import type { Pa } from '../../contract/keos.ts';
import { DIRECT_MAP_BASE, DIRECT_MAP_SLOT, Machine } from '../machine.ts';
import { panicOf, stopBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { keos } from './index.ts';
import { PageTableRoot as Root } from './page-table-root.ts';

const { PageTableRoot } = keos;
const LOCKED = 'slot 510 belongs to the kernel half, which all page tables share';

let machine: Machine;

function setUp(): void {
  machine = new Machine({ cpus: 2, policy: 'first-fit', frames: 4 });
  activate(machine);
}

describe('PageTableRoot', () => {
  beforeEach(setUp);

  it('should be made empty', () => {
    const root = PageTableRoot.newBoxed();

    expect(Array.from(root, ({ word }) => word)).to.deep.equal(Array(512).fill(0n));
    expect(root.length).to.equal(512);
    expect(PageTableRoot.KBASE).to.equal(256);
  });

  it("should be made with the kernel's half and an empty user half", () => {
    const root = PageTableRoot.newBoxedWithKernelAddr();

    const present = Array.from(root, ({ word }, index) => ({ word, index })).filter(
      ({ word }) => word !== 0n,
    );

    const kernels = machine.memory.readU64(machine.bootRoot + DIRECT_MAP_SLOT * 8);
    expect(present).to.deep.equal([{ index: DIRECT_MAP_SLOT, word: kernels }]);
  });

  it('should be known to the machine from new to drop', () => {
    const root = PageTableRoot.newBoxed();
    const pa = Number(root.pa());
    const roots = [...machine.roots];

    root.drop();

    expect(roots).to.deep.equal([pa]);
    expect([...machine.roots]).to.deep.equal([]);
    expect(machine.frames.live).to.equal(0);
  });

  it('should be gone after drop, also while its frame lives on', () => {
    const root = PageTableRoot.newBoxed();
    machine.share(machine.frames.get(0x100)!);
    root.drop();

    expect([...machine.roots]).to.deep.equal([]);
    expect(panicOf(() => root.drop())).to.match(
      /^PageTableRoot\.drop: the table at .* was dropped$/u,
    );
    expect(machine.frames.get(0x100)?.references).to.equal(1);
  });

  it('should be no Page, which an allocation that may fail would have made', () => {
    const root = PageTableRoot.newBoxed();
    const ref = keos.PageRef.fromPa(root.pa());

    expect(panicOf(() => ref.intoPage())).to.match(
      /^PageRef\.intoPage: the frame .* is a PageTableRoot, and no Page$/u,
    );
  });

  it('should not fail where frames are made to fail', () => {
    machine.faults.arm({ point: 'frame', nth: 1, mode: 'on' });

    expect(() => PageTableRoot.newBoxed()).not.to.throw();
    expect(machine.framesTaken).to.equal(0);
  });

  it('should panic when memory is full', () => {
    for (let i = 0; i < 4; i++) keos.Page.new();

    expect(panicOf(() => PageTableRoot.newBoxed())).to.equal('PageTableRoot: out of memory');
  });

  it('should give live views of its slots', () => {
    const root = PageTableRoot.newBoxedWithKernelAddr();

    root.indexMut(255).word = 5n;

    expect(root.at(255).word).to.equal(5n);
  });

  describe('kernel half', () => {
    it('should be readable', () => {
      const root = PageTableRoot.newBoxedWithKernelAddr();

      expect(root.at(DIRECT_MAP_SLOT).pa()).to.equal(0x2000n);
    });

    for (const [call, write] of [
      [
        'word',
        (root) => {
          root.at(DIRECT_MAP_SLOT).word = 0n;
        },
      ],
      ['setPa', (root) => root.at(DIRECT_MAP_SLOT).setPa(0n as Pa)],
      ['setFlags', (root) => root.at(DIRECT_MAP_SLOT).setFlags(0n)],
      ['clear', (root) => root.at(DIRECT_MAP_SLOT).clear()],
    ] as const satisfies [string, (root: ReturnType<typeof PageTableRoot.newBoxed>) => unknown][]) {
      it(`should panic: ${call} of a shared slot`, () => {
        const root = PageTableRoot.newBoxedWithKernelAddr();

        expect(panicOf(() => write(root))).to.equal(`Pml4e.${call}: ${LOCKED}`);
      });
    }

    it('should panic: indexMut of a shared slot', () => {
      const root = PageTableRoot.newBoxedWithKernelAddr();

      expect(panicOf(() => root.indexMut(DIRECT_MAP_SLOT))).to.equal(
        `PageTableRoot.indexMut: ${LOCKED}`,
      );
      expect(machine.stop?.about).to.equal('kernel-half');
    });

    it('should panic: going down into what the kernel maps', () => {
      const root = PageTableRoot.newBoxedWithKernelAddr();

      expect(panicOf(() => root.at(DIRECT_MAP_SLOT).intoPdp())).to.include(
        'not an allocated frame',
      );
      expect(machine.stop?.about).to.equal('kernel-half');
    });

    it('should stay locked after the processor has used it', () => {
      const root = PageTableRoot.newBoxedWithKernelAddr();
      machine.current.loadCr3(Number(root.pa()));
      machine.current.access(DIRECT_MAP_BASE, { kind: 'read', mode: 'supervisor' });

      expect(panicOf(() => root.at(DIRECT_MAP_SLOT).clear())).to.equal(`Pml4e.clear: ${LOCKED}`);
    });

    it('should not lock slots that the kernel does not use, nor a root without it', () => {
      const [root, bare] = [PageTableRoot.newBoxedWithKernelAddr(), PageTableRoot.newBoxed()];

      root.indexMut(300).word = 5n;
      bare.at(DIRECT_MAP_SLOT).word = 6n;

      expect([root.at(300).word, bare.at(DIRECT_MAP_SLOT).word]).to.deep.equal([5n, 6n]);
    });
  });

  describe('misuse', () => {
    for (const call of ['at', 'indexMut'] as const) {
      it(`should panic: ${call} of an index that is none`, () => {
        const root = PageTableRoot.newBoxed();

        expect(panicOf(() => root[call](512))).to.equal(
          `PageTableRoot.${call}: the index is 512, not an integer from 0 to 511`,
        );
      });
    }

    it('should panic: drop while a processor runs it', () => {
      const root = PageTableRoot.newBoxed();
      machine.cpus[1]!.loadCr3(Number(root.pa()));

      expect(panicOf(() => root.drop())).to.equal(
        'PageTableRoot.drop: processor 1 is running 0x100000',
      );
    });

    for (const [call, use] of [
      ['at', (root) => root.at(0)],
      ['indexMut', (root) => root.indexMut(0)],
      ['pa', (root) => root.pa()],
      ['drop', (root) => root.drop()],
    ] as const satisfies [string, (root: ReturnType<typeof PageTableRoot.newBoxed>) => unknown][]) {
      it(`should panic: ${call} after drop`, () => {
        const root = PageTableRoot.newBoxed();
        root.drop();

        expect(stopBy(() => use(root))).to.include({
          kind: 'panic',
          about: 'frames',
          message: `PageTableRoot.${call}: the table at 0x100000 was released`,
        });
      });
    }

    it('should panic: construction', () => {
      const construct = PageTableRoot as unknown as new () => unknown;

      expect(panicOf(() => new construct())).to.equal(
        'new PageTableRoot(): use PageTableRoot.newBoxed()',
      );
    });
  });

  it('should tell the driver its address while it is good', () => {
    const root = PageTableRoot.newBoxed();
    const address = Root.addressOf(root);
    root.drop();

    expect(address).to.equal(0x10_0000);
    expect([root, {}, null].map((value) => Root.addressOf(value))).to.deep.equal(
      Array(3).fill(undefined),
    );
  });
});
