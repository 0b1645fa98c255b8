import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry, Pa, PageTableRoot, Pml4e } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { panicOf, stopBy, thrownBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { EntryView } from './entry.ts';
import { ADDRESS_BITS } from './flags.ts';
import { keos } from './index.ts';

const { P, RW, US, XD } = keos.PteFlags;
const { NotExist, Unaligned } = keos.PageTableMappingError;
const pa = (value: bigint) => value as Pa;

let machine: Machine;
let root: PageTableRoot;
let entry: Pml4e;

function setUp(): void {
  machine = new Machine({ policy: 'first-fit' });
  activate(machine);
  root = keos.PageTableRoot.newBoxedWithKernelAddr();
  entry = root.at(3);
}

/** Links a new table below `upper` and gives its frame's address. */
function link(upper: Entry<bigint>): Pa {
  const table = keos.Page.new().intoRaw();
  upper.setPa(table).setFlags(P | RW | US);
  return table;
}

describe('Entry', () => {
  beforeEach(setUp);

  it('should be a live view of its word', () => {
    const other = root.at(3);

    entry.word = 0x8000_0000_0012_3067n;

    expect(other.word).to.equal(0x8000_0000_0012_3067n);
    expect(machine.memory.readU64(Number(root.pa()) + 24)).to.equal(other.word);
  });

  it('should split its word into address and flags', () => {
    entry.word = 0x8000_0000_0012_3067n;

    expect(entry.pa()).to.equal(0x12_3000n);
    expect(entry.flags()).to.equal(0x8000_0000_0000_0067n);
  });

  it('should have no address while it is absent, but flags', () => {
    entry.word = 0x12_3006n;

    expect(entry.pa()).to.equal(null);
    expect(entry.flags()).to.equal(6n);
  });

  describe('setPa', () => {
    it('should make the entry present and keep its other flags', () => {
      entry.word = XD | 0x55_5002n;

      const returned = entry.setPa(pa(0x12_3000n));

      expect(returned).to.equal(entry);
      expect(entry.word).to.equal(XD | 0x12_3003n);
    });

    it('should throw Unaligned, and change nothing', () => {
      entry.word = 0x55_5003n;

      expect(thrownBy(() => entry.setPa(pa(0x12_3008n)))).to.equal(Unaligned);
      expect(entry.word).to.equal(0x55_5003n);
      expect(machine.stop).to.equal(null);
    });

    it('should panic: what is no physical address', () => {
      expect(panicOf(() => entry.setPa(pa(1n << 52n)))).to.equal(
        'Pml4e.setPa: 0x10000000000000 is not a physical address',
      );
    });
  });

  describe('setFlags', () => {
    it('should replace all flags and keep the address of a present entry', () => {
      entry.word = XD | 0x55_5003n;

      const returned = entry.setFlags(P | US);

      expect(returned).to.equal(entry);
      expect(entry.word).to.equal(0x55_5005n);
    });

    it('should drop what is left of an address in an absent entry', () => {
      entry.word = 0x55_5002n;

      entry.setFlags(P | US);

      expect(entry.word).to.equal(5n);
    });

    it('should panic: address bits among the flags', () => {
      expect(panicOf(() => entry.setFlags(0x1001n))).to.equal(
        'Pml4e.setFlags: 0x1001 has address bits',
      );
    });

    it('should panic: what is no set', () => {
      expect(panicOf(() => entry.setFlags(-1n))).to.equal(
        'Pml4e.setFlags: the flags is -0x1, not an unsigned 64-bit bigint',
      );
    });
  });

  describe('clear', () => {
    it('should make a present entry zero and give the address it held', () => {
      entry.word = XD | 0x55_5003n;

      expect(entry.clear()).to.equal(0x55_5000n);
      expect(entry.word).to.equal(0n);
    });

    it('should leave an absent entry as it is', () => {
      entry.word = 0x55_5002n;

      expect(entry.clear()).to.equal(null);
      expect(entry.word).to.equal(0x55_5002n);
    });
  });

  it('should be made of any address and any flags', () => {
    const address = fc.bigInt({ min: 0n, max: (1n << 40n) - 1n }).map((n) => pa(n << 12n));
    const flags = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((n) => n & ~ADDRESS_BITS);

    fc.assert(
      fc.property(address, flags, (at, set) => {
        entry.setPa(at).setFlags(set);

        expect(entry.flags()).to.equal(set);
        expect(entry.pa()).to.equal((set & P) === 0n ? null : at);
        expect(entry.word).to.equal(at | set);
      }),
    );
  });

  it('should panic: a word that is none', () => {
    expect(
      panicOf(() => {
        entry.word = 1n << 64n;
      }),
    ).to.equal('Pml4e.word: the value is 0x10000000000000000, not an unsigned 64-bit bigint');
  });

  for (const [call, use] of [
    ['word', (view) => view.word],
    [
      'word',
      (view) => {
        view.word = 0n;
      },
    ],
    ['pa', (view) => view.pa()],
    ['flags', (view) => view.flags()],
    ['setPa', (view) => view.setPa(pa(0n))],
    ['setFlags', (view) => view.setFlags(0n)],
    ['clear', (view) => view.clear()],
    ['intoPdp', (view) => view.intoPdp()],
  ] as const satisfies [string, (view: Pml4e) => unknown][]) {
    it(`should panic: ${call} after the table was released, even if its frame was reused`, () => {
      root.drop();
      keos.Page.new();

      expect(stopBy(() => use(entry))).to.include({
        kind: 'panic',
        about: 'frames',
        message: `Pml4e.${call}: the table at 0x100000 was released`,
      });
    });
  }

  it('should tell the driver word and place while it is good', () => {
    entry.word = 5n;
    const seen = [EntryView.wordOf(entry), EntryView.addressOf(entry)];
    root.drop();

    expect(seen).to.deep.equal([5n, 0x10_0018]);
    expect(EntryView.wordOf(entry)).to.equal(undefined);
    expect([EntryView.wordOf({}), EntryView.addressOf(null)]).to.deep.equal([undefined, undefined]);
  });
});

describe('Table', () => {
  beforeEach(setUp);

  it('should be reached level by level, whichever name is used', () => {
    const frames = [link(entry)];
    const pdpe = entry.intoPdp().at(5);
    frames.push(link(pdpe));
    const pde = pdpe.intoPd().at(6);
    frames.push(link(pde));

    pde.intoPtMut().at(7).word = 0x1234n;
    const again = entry.intoPdpMut().at(5).intoPdMut().at(6).intoPt().at(7);

    expect(again.word).to.equal(0x1234n);
    expect(again.isLeaf).to.equal(true);
    expect(machine.memory.readU64(Number(frames[2]) + 7 * 8)).to.equal(0x1234n);
  });

  it('should have 512 entries, visited in order', () => {
    link(entry);
    const table = entry.intoPdp();
    table.at(511).word = 6n;

    const words = Array.from(table, ({ word }) => word);

    expect(table.length).to.equal(512);
    expect(words).to.deep.equal([...Array<bigint>(511).fill(0n), 6n]);
  });

  it('should not exist below an entry that is absent', () => {
    entry.word = 0x5002n;

    expect(thrownBy(() => entry.intoPdp())).to.equal(NotExist);
    expect(machine.stop).to.equal(null);
  });

  it('should panic below an entry that points to no frame', () => {
    entry.word = 0x5003n;

    expect(stopBy(() => entry.intoPdp())).to.include({
      about: 'frames',
      message: 'Pml4e.intoPdp: the entry points to 0x5000, which is not an allocated frame',
    });
  });

  it('should panic below an entry that points to a free frame, at every level', () => {
    const release = (table: Pa) => keos.Page.fromPa(table).drop();
    const endings = [0, 1, 2].map((depth) => {
      setUp();
      link(entry);
      const pdpe = entry.intoPdp().at(0);
      link(pdpe);
      const pde = pdpe.intoPd().at(0);
      link(pde);
      const upper = [entry, pdpe, pde][depth]!;
      release(upper.pa()!);
      const calls = [() => entry.intoPdp(), () => pdpe.intoPd(), () => pde.intoPt()];
      return panicOf(calls[depth]!);
    });

    expect(endings).to.deep.equal([
      'Pml4e.intoPdp: the entry points to 0x101000, which is not an allocated frame',
      'Pdpe.intoPd: the entry points to 0x102000, which is not an allocated frame',
      'Pde.intoPt: the entry points to 0x103000, which is not an allocated frame',
    ]);
  });

  for (const [index, shown] of [
    [512, '512'],
    [-1, '-1'],
    [1.5, '1.5'],
    [3n, '0x3'],
  ] as const) {
    it(`should panic: index ${shown}`, () => {
      link(entry);
      const table = entry.intoPdp();

      expect(panicOf(() => table.at(index as number))).to.equal(
        `Table<Pdpe>.at: the index is ${shown}, not an integer from 0 to 511`,
      );
    });
  }

  it('should panic: use after it was released', () => {
    const frame = link(entry);
    const table = entry.intoPdp();
    const below = table.at(0);
    keos.Page.fromPa(frame).drop();

    expect(stopBy(() => table.at(0))).to.include({
      about: 'frames',
      message: 'Table<Pdpe>.at: the table at 0x101000 was released',
    });
    expect(EntryView.wordOf(below)).to.equal(undefined);
  });
});
