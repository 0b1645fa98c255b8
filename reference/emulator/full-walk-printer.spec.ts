import { expect } from 'chai';
import fc from 'fast-check';
import { KEOS_CONTROLS } from '../x86/access.ts';
import { fromLinear } from '../x86/address.ts';
import type { Level } from '../x86/page-table-entry.ts';
import { printFullWalk } from './full-walk-printer.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

const PAGE = linearOf(0, 1, 23, 456);
const VA = fromLinear(PAGE + 0x123);

/** Frames are numbered from 0x100: the root, three tables, the page. CPU 0 runs the table. */
function setUp(options: MachineOptions = {}) {
  const machine = new Machine(options);
  const tables = new PagingStructures(machine.memory, () => machine.allocate(false)!.pa);
  tables.entry(PAGE);
  const page = machine.allocate(false)!;
  tables.map(PAGE, page.pa);
  machine.current.loadCr3(tables.root);
  machine.beginOperation(0);
  const print = (va = VA) => printFullWalk(machine, tables.root, va);
  return { machine, tables, page, print };
}

describe('printFullWalk', () => {
  it('should show each entry with its address, word, target and flags, and what it comes to', () => {
    const { tables, page, print } = setUp();
    const flags = FLAG.XD | FLAG.A | FLAG.D | FLAG.G | 0x98n;
    tables.map(PAGE, page.pa, (OPEN & ~FLAG.US) | flags | (0b101n << 9n) | (0x3n << 53n));

    expect(print()).to.deep.equal([
      '0x42fc8123 from root 0x100000, in CR3 of CPU 0',
      '  PML4E[0]  0x100000  0x0000000000101007 > 0x101000  P RW US ... ... . . .. ... . ..',
      '  PDPTE[1]  0x101008  0x0000000000102007 > 0x102000  P RW US ... ... . . .. ... . ..',
      '  PDE[23]   0x1020b8  0x0000000000103007 > 0x103000  P RW US ... ... . . .. ... . ..',
      '  PTE[456]  0x103e40  0x8060000000104bfb > 0x104000  P RW .. PWT PCD A D .. PAT G XD',
      '    available to software: bits 9, 11, 53-54',
      '  = 0x104123, in the 4 KiB page 0x104000: user ---, supervisor rw-',
    ]);
  });

  it('should say where a walk for a page that is not present ends', () => {
    const { tables, print } = setUp();
    tables.set(PAGE, 0xab00n, 2);

    expect(print().slice(3)).to.deep.equal([
      '  PDE[23]   0x1020b8  0x000000000000ab00  not present',
      '    available to software: bits 8-9, 11, 13, 15',
      '  = #PF: PDE[23] is not present',
    ]);
  });

  it('should name each reserved bit with the reason', () => {
    const { machine, tables, print } = setUp({
      controls: { ...KEOS_CONTROLS, nxe: false, maxPhyAddr: 40 },
    });
    tables.set(PAGE, (5n << 40n) | 0x20_6000n | OPEN | FLAG.PS | FLAG.XD, 2);

    expect(print().slice(3)).to.deep.equal([
      '  PDE[23]   0x1020b8  0x8000050000206087 > 0x50000200000  P RW US ... ... . . PS ... . XD',
      '    RESERVED: bits 13-14 (below the address of a 2 MiB page)',
      '    RESERVED: bits 40, 42 (address beyond MAXPHYADDR 40)',
      '    RESERVED: bit 63 (XD, while EFER.NXE is clear)',
      '  = #PF: PDE[23] has reserved bits set',
    ]);

    tables.set(PAGE, tables.word(PAGE, 4) | FLAG.PS, 4);
    expect(print()).to.include('    RESERVED: bit 7 (PS, which a PML4E cannot have)');
    expect(machine.current.tlb.size).to.equal(0);
  });

  it('should show a large page, in the upper half too, with the rights that the controls give', () => {
    const { machine } = setUp();
    const controls = { ...KEOS_CONTROLS, smap: true, smep: true, pge: true };
    machine.current.setControls(controls);
    machine.current.loadCr3(machine.bootRoot);
    const at = machine.bootRoot + 8 * 510;
    machine.memory.writeU64(at, machine.memory.readU64(at) | OPEN);
    machine.memory.writeU64(0x2010, machine.memory.readU64(0x2010) | FLAG.G | FLAG.US);

    expect(printFullWalk(machine, machine.bootRoot, 0xffff_ff00_8000_1234n)).to.deep.equal([
      '0xffffff0080001234 from root 0x1000, in CR3 of CPU 0',
      '  PML4E[510]  0x1ff0  0x0000000000002007 > 0x2000      P RW US ... ... . . .. ... . ..',
      '  PDPTE[2]    0x2010  0x0000000080000187 > 0x80000000  P RW US ... ... . . PS ... G ..',
      '  = 0x80001234, in the 1 GiB page 0x80000000: user rwx, supervisor --- (rw- with AC), global',
    ]);
  });

  it('should point out frames that are free', () => {
    const { machine, print } = setUp();
    const release = (number: number) => machine.release(machine.frames.get(number)!);

    release(0x104);
    expect(print().slice(-2)).to.deep.equal([
      '    FREE: the frame that it leads to was released',
      '  = 0x104123, in the 4 KiB page 0x104000: user rwx, supervisor rwx',
    ]);

    release(0x102);
    expect(print().slice(-2)).to.deep.equal([
      '    FREE: the frame that it leads to was released',
      '  = whatever lies in the free frame',
    ]);
  });

  it('should show what each processor that runs the table still holds, and why', () => {
    const { machine, tables, print } = setUp({ cpus: 3, watchTranslations: true });
    machine.cpus[1]!.loadCr3(tables.root);
    for (const cpu of machine.cpus) cpu.access(VA, { kind: 'read', mode: 'user' });
    machine.beginOperation(1);
    machine.storeEntry(1, tables.entry(PAGE), 0n);
    machine.current.invalidatePage(PAGE);

    expect(print()[0]).to.equal('0x42fc8123 from root 0x100000, in CR3 of CPU 0, 1');
    expect(print().slice(-5)).to.deep.equal([
      '  = #PF: PTE[456] is not present',
      '  ! the TLB of CPU 1 holds 0x104123, in the 4 KiB page 0x104000:',
      '    user rwx, supervisor rwx',
      '    filled in operation 1, when the PTE at 0x103e40 was 0x104027;',
      '    that became 0x0 in operation 2, and was never invalidated',
    ]);
  });

  it('should show a structure that a processor remembers and nothing leads to', () => {
    const { machine, tables, print } = setUp({ cacheStructures: true });
    machine.current.access(VA, { kind: 'read', mode: 'user' });
    expect(print().at(-1)).to.match(/^ {2}= 0x104123/);

    tables.set(PAGE, 0n, 3);

    expect(print().at(-1)).to.equal(
      '  ! CPU 0 begins walks at the PT 0x103000, which it remembers',
    );
  });

  it('should refuse an address that is not canonical', () => {
    expect(setUp().print(0x8000_0000_0000n)).to.deep.equal([
      '0x800000000000 is not canonical: #GP, no walk takes place',
    ]);
  });

  it('should stay within 100 columns and leave memory alone, whatever is in the entries', () => {
    const words = fc.tuple(
      ...([4, 3, 2, 1] as Level[]).map((level) =>
        fc.tuple(fc.constant(level), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.boolean()),
      ),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 36, max: 52 }), (entries, maxPhyAddr) => {
        const controls = { ...KEOS_CONTROLS, maxPhyAddr, smap: true };
        const machine = new Machine({ controls });
        // A root at the highest address there can be, and links kept where they are to be followed.
        const frames = [0xf_ffff_ffff_f, 0xf_ffff_fff0_0, 0xf_ffff_ffe0_0, 0xf_ffff_ffd0_0];
        const tables = new PagingStructures(machine.memory, () => frames.shift()! * 4096);
        const va = linearOf(511, 511, 511, 511);
        machine.current.loadCr3(tables.root);
        const places = entries.map(([level]) => tables.entry(va, level));
        for (const [i, [, word, isLink]] of entries.entries()) {
          const now = machine.memory.readU64(places[i]!);
          if (!isLink || i === 3) machine.memory.writeU64(places[i]!, word | 1n);
          else machine.memory.writeU64(places[i]!, now | (word & 0x7ff0_0000_0000_0e7en));
        }
        const before = places.map((at) => machine.memory.readU64(at));

        const lines = printFullWalk(machine, tables.root, fromLinear(va));

        for (const line of lines) expect(line.length).to.be.at.most(100);
        expect(places.map((at) => machine.memory.readU64(at))).to.deep.equal(before);
      }),
    );
  });
});
