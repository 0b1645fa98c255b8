import { expect } from 'chai';
import { KEOS_CONTROLS, type PagingControls, PF } from '../x86/access.ts';
import { ENTRY_NAME, type Level } from '../x86/page-table-entry.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { FLAG, framesFrom, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';
import { type Access, walk, type WalkResult } from './walker.ts';

const LEVELS: readonly Level[] = [4, 3, 2, 1];
const VA = linearOf(1, 2, 3, 4) + 0x123;
const PAGE = 0x77_7000;

const OFF: PagingControls = {
  wp: false,
  smep: false,
  smap: false,
  nxe: false,
  pge: false,
  pcide: false,
  maxPhyAddr: 52,
};

function setUp() {
  const memory = new PhysicalMemory();
  // At 2 MiB boundaries, so that the address of a table sets no bit that a large page reserves.
  const tables = new PagingStructures(memory, framesFrom(512, 512));
  tables.map(VA, PAGE);
  const run = (access: Access, controls = KEOS_CONTROLS) =>
    walk(memory, tables.root, VA, access, controls);
  return { memory, tables, run };
}

const READ: Access = { kind: 'read', mode: 'user' };
const WRITE: Access = { kind: 'write', mode: 'user' };
const FETCH: Access = { kind: 'fetch', mode: 'user' };
const KERNEL_READ: Access = { kind: 'read', mode: 'supervisor' };
const KERNEL_WRITE: Access = { kind: 'write', mode: 'supervisor' };
const KERNEL_FETCH: Access = { kind: 'fetch', mode: 'supervisor' };

/** `ok`, or the error code. */
const ending = (result: WalkResult) => (typeof result === 'number' ? result : 'ok');

describe('walk', () => {
  describe('levels', () => {
    it('should follow four entries to the page', () => {
      const { run } = setUp();

      expect(run(READ)).to.deep.equal({
        base: PAGE,
        span: 4096,
        writable: true,
        user: true,
        executable: true,
        dirty: false,
        global: false,
      });
    });

    it('should use the upper half of the root for negative addresses', () => {
      const memory = new PhysicalMemory();
      const tables = new PagingStructures(memory, framesFrom(1));
      const top = linearOf(511, 511, 511, 511);
      tables.map(top, PAGE);

      const result = walk(memory, tables.root, top + 4095, READ, KEOS_CONTROLS);

      expect(top).to.equal(-4096);
      expect(result).to.have.nested.property('base', PAGE);
    });

    for (const level of LEVELS) {
      it(`should fault without P when the ${ENTRY_NAME[level]} is absent, whatever else is in it`, () => {
        const { tables, run } = setUp();

        tables.set(VA, ~FLAG.P & (2n ** 64n - 1n), level);

        expect(ending(run(READ))).to.equal(PF.USER);
        expect(ending(run(WRITE))).to.equal(PF.USER | PF.WRITE);
        expect(ending(run(KERNEL_FETCH))).to.equal(PF.FETCH);
      });
    }

    it('should carry all 52 bits of a physical address', () => {
      const { tables, run } = setUp();

      tables.map(VA, 0xf_ffff_ffff_f000);

      expect(run(READ)).to.have.nested.property('base', 0xf_ffff_ffff_f000);
    });

    it('should report the leaf as global if it is, and CR4.PGE is set', () => {
      const { tables, run } = setUp();

      tables.map(VA, PAGE, OPEN | FLAG.G);

      const paged = { ...KEOS_CONTROLS, pge: true };
      expect(run(READ, paged)).to.have.property('global', true);
      expect(run(READ)).to.have.property('global', false);
    });
  });

  describe('rights', () => {
    for (const level of LEVELS) {
      const name = ENTRY_NAME[level];

      it(`should need RW in the ${name} for a user write`, () => {
        const { tables, run } = setUp();

        tables.set(VA, tables.word(VA, level) & ~FLAG.RW, level);

        expect(ending(run(WRITE))).to.equal(PF.PRESENT | PF.WRITE | PF.USER);
        expect(ending(run(READ))).to.equal('ok');
      });

      it(`should need US in the ${name} for any user access`, () => {
        const { tables, run } = setUp();

        tables.set(VA, tables.word(VA, level) & ~FLAG.US, level);

        expect(ending(run(READ))).to.equal(PF.PRESENT | PF.USER);
        expect(ending(run(FETCH))).to.equal(PF.PRESENT | PF.USER | PF.FETCH);
        expect(ending(run(KERNEL_WRITE))).to.equal('ok');
      });

      it(`should refuse every fetch when the ${name} has XD`, () => {
        const { tables, run } = setUp();

        tables.set(VA, tables.word(VA, level) | FLAG.XD, level);

        expect(ending(run(FETCH))).to.equal(PF.PRESENT | PF.USER | PF.FETCH);
        expect(ending(run(KERNEL_FETCH))).to.equal(PF.PRESENT | PF.FETCH);
        expect(ending(run(WRITE))).to.equal('ok');
      });
    }

    it('should hold the supervisor to read-only pages only with WP', () => {
      const { tables, run } = setUp();
      tables.map(VA, PAGE, FLAG.P | FLAG.US);

      expect(ending(run(KERNEL_WRITE, { ...OFF, wp: true }))).to.equal(PF.PRESENT | PF.WRITE);
      expect(ending(run(KERNEL_WRITE, OFF))).to.equal('ok');
      expect(ending(run(WRITE, OFF))).to.equal(PF.PRESENT | PF.WRITE | PF.USER);
    });

    it('should keep the supervisor from fetching user pages only with SMEP', () => {
      const { run } = setUp();
      const smep = { ...OFF, smep: true };

      expect(ending(run(KERNEL_FETCH, smep))).to.equal(PF.PRESENT | PF.FETCH);
      expect(ending(run(KERNEL_FETCH, OFF))).to.equal('ok');
      expect(ending(run(FETCH, smep))).to.equal('ok');
      expect(ending(run(KERNEL_READ, smep))).to.equal('ok');
    });

    it('should keep the supervisor from user data only with SMAP, unless AC is set', () => {
      const { run } = setUp();
      const smap = { ...OFF, smap: true };

      expect(ending(run(KERNEL_READ, smap))).to.equal(PF.PRESENT);
      expect(ending(run(KERNEL_WRITE, smap))).to.equal(PF.PRESENT | PF.WRITE);
      expect(ending(run({ ...KERNEL_READ, ac: true }, smap))).to.equal('ok');
      expect(ending(run({ ...KERNEL_READ, ac: true }, OFF))).to.equal('ok');
      expect(ending(run(KERNEL_FETCH, smap))).to.equal('ok');
      expect(ending(run(READ, smap))).to.equal('ok');
    });

    it('should name a fetch in the error code only with NXE or SMEP', () => {
      const { tables, run } = setUp();
      tables.set(VA, 0n);

      const codes = [OFF, { ...OFF, nxe: true }, { ...OFF, smep: true }].map((controls) =>
        ending(run(FETCH, controls)),
      );

      expect(codes).to.deep.equal([PF.USER, PF.USER | PF.FETCH, PF.USER | PF.FETCH]);
    });
  });

  describe('reserved bits', () => {
    const code = PF.PRESENT | PF.RESERVED | PF.USER;

    for (const level of LEVELS) {
      it(`should refuse address bits from MAXPHYADDR on in the ${ENTRY_NAME[level]}`, () => {
        const { tables, run } = setUp();
        const narrow = { ...KEOS_CONTROLS, maxPhyAddr: 36 };

        tables.set(VA, tables.word(VA, level) | (1n << 36n), level);

        expect(ending(run(READ, narrow))).to.equal(code);
        tables.set(VA, (tables.word(VA, level) & ~(1n << 36n)) | (1n << 58n) | (1n << 9n), level);
        expect(ending(run(READ, narrow))).to.equal('ok');
      });

      it(`should refuse bit 63 in the ${ENTRY_NAME[level]} without NXE`, () => {
        const { tables, run } = setUp();

        tables.set(VA, tables.word(VA, level) | FLAG.XD, level);

        expect(ending(run(READ, OFF))).to.equal(code);
      });
    }

    it('should refuse the page-size bit in a PML4E, and take it for PAT in a PTE', () => {
      const { tables, run } = setUp();

      tables.set(VA, tables.word(VA) | FLAG.PS);
      expect(ending(run(READ))).to.equal('ok');

      tables.set(VA, tables.word(VA, 4) | FLAG.PS, 4);
      expect(ending(run(READ))).to.equal(code);
    });

    it('should refuse an entry that goes wrong before one that is absent below it', () => {
      const { tables, run } = setUp();

      tables.set(VA, 0n, 2);
      tables.set(VA, tables.word(VA, 3) | (1n << 40n), 3);

      expect(ending(run(READ, { ...KEOS_CONTROLS, maxPhyAddr: 40 }))).to.equal(code);
    });
  });

  describe('large pages', () => {
    for (const [level, span, bits] of [
      [3, 2 ** 30, 30n],
      [2, 2 ** 21, 21n],
    ] as const) {
      const leaf = (3n << bits) | OPEN | FLAG.PS;

      it(`should end at a ${ENTRY_NAME[level]} with the page-size bit`, () => {
        const { tables, run } = setUp();

        tables.set(VA, leaf, level);

        expect(run(READ)).to.include({ base: 3 * span, span });
      });

      it(`should allow PAT and refuse the other bits below the address of a ${ENTRY_NAME[level]}`, () => {
        const { tables, run } = setUp();

        tables.set(VA, leaf | (1n << 12n), level);
        expect(run(READ)).to.have.nested.property('base', 3 * span);

        for (let bit = 13n; bit < bits; bit++) {
          tables.set(VA, leaf | (1n << bit), level);
          expect(ending(run(READ)), `bit ${String(bit)}`).to.equal(
            PF.PRESENT | PF.RESERVED | PF.USER,
          );
        }
      });
    }
  });

  describe('accessed and dirty flags', () => {
    const flagsOf = (tables: PagingStructures) =>
      LEVELS.map((level) => tables.word(VA, level) & (FLAG.A | FLAG.D));

    it('should set A in every entry that a read uses', () => {
      const { tables, run } = setUp();

      run(READ);

      expect(flagsOf(tables)).to.deep.equal([FLAG.A, FLAG.A, FLAG.A, FLAG.A]);
    });

    it('should set D in the leaf that a write uses, and say so', () => {
      const { tables, run } = setUp();

      const result = run(WRITE);

      expect(flagsOf(tables)).to.deep.equal([FLAG.A, FLAG.A, FLAG.A, FLAG.A | FLAG.D]);
      expect(result).to.have.nested.property('dirty', true);
      expect(run(READ)).to.have.nested.property('dirty', true);
    });

    it('should set D in the leaf of a large page', () => {
      const { tables, run } = setUp();
      tables.set(VA, 0x4000_0000n | OPEN | FLAG.PS, 3);

      run(WRITE);

      expect(tables.word(VA, 3)).to.equal(0x4000_0000n | OPEN | FLAG.PS | FLAG.A | FLAG.D);
    });

    it('should leave the entries alone when the access is refused', () => {
      const { tables, run } = setUp();
      tables.map(VA, PAGE, FLAG.P);

      run(WRITE);

      expect(flagsOf(tables)).to.deep.equal([0n, 0n, 0n, 0n]);
    });
  });
});
