/** A page table kept by hand: tables are pages, entries are 64-bit words in their bytes. */
import {
  Page,
  PageRef,
  PageTableMappingError,
  PageTableRoot,
  Pa,
  Permission,
  readCr3,
  StaleTLBEntry,
  Va,
  type PteFlags,
  type Pte,
} from 'keos';

const PRESENT = 1n;
const WRITABLE = 2n;
const USER = 4n;
const NO_EXECUTE = 1n << 63n;
const ADDRESS = 0x000f_ffff_ffff_f000n;

export class PtIndices {
  readonly va: Va;
  readonly pml4ei: number;
  readonly pdptei: number;
  readonly pdei: number;
  readonly ptei: number;

  private constructor(va: Va) {
    // Divisions instead of shifts.
    const page = Number(va & 0xffff_ffff_ffffn) / 4096;
    this.va = va;
    this.ptei = page % 512;
    this.pdei = Math.floor(page / 512) % 512;
    this.pdptei = Math.floor(page / 512 / 512) % 512;
    this.pml4ei = Math.floor(page / 512 / 512 / 512) % 512;
  }

  static fromVa(va: Va): PtIndices {
    if ((va & 0xfffn) !== 0n) throw PageTableMappingError.Unaligned;
    return new PtIndices(va);
  }
}

/** One word of a table, wherever it is. */
interface Word {
  get(): bigint;
  set(value: bigint): void;
}

function wordIn(table: bigint, index: number): Word {
  const bytes = PageRef.fromPa(Pa.new(table)!).innerMut();
  return {
    get: () => bytes.readU64(index * 8),
    set: (value) => bytes.writeU64(index * 8, value),
  };
}

export class PageTable {
  readonly root: PageTableRoot;

  constructor(root: PageTableRoot = PageTableRoot.newBoxedWithKernelAddr()) {
    this.root = root;
  }

  pa(): Pa {
    return this.root.pa();
  }

  map(va: Va, page: Page, perm: Permission): void {
    const pa = page.pa();
    try {
      this.doMap(va, pa, perm);
    } catch (error) {
      page.drop();
      throw error;
    }
    page.intoRaw();
  }

  doMap(va: Va, pa: Pa, perm: Permission): void {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    if ((pa & 0xfffn) !== 0n) throw PageTableMappingError.Unaligned;
    if ((perm & 1n) === 0n) throw PageTableMappingError.InvalidPermission;
    // Tables that were linked before memory ran out stay: they are empty, and clear finds them.
    let word = this.rootWord(pml4ei);
    for (const index of [pdptei, pdei, ptei]) word = wordIn(tableBehind(word), index);
    if ((word.get() & PRESENT) !== 0n) throw PageTableMappingError.Duplicated;
    word.set(
      pa |
        PRESENT |
        ((perm & 2n) !== 0n ? WRITABLE : 0n) |
        ((perm & 8n) !== 0n ? USER : 0n) |
        ((perm & 4n) === 0n ? NO_EXECUTE : 0n),
    );
  }

  unmap(va: Va): Page {
    const word = this.find(va);
    const page = Page.fromPa(Pa.new(word.get() & ADDRESS)!);
    word.set(0n);
    return StaleTLBEntry.new(va, page).invalidate();
  }

  walk(va: Va): Pte {
    this.find(va);
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    return this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).intoPt().at(ptei);
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let slot = 0; slot < 256; slot++) release(this.rootWord(slot), 3);
  }

  drop(): void {
    if (readCr3() === this.pa())
      throw new Error('the page table that is running cannot be dropped');
    this.clear();
    this.root.drop();
  }

  /** The word of a mapped leaf. */
  private find(va: Va): Word {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    let word = this.rootWord(pml4ei);
    for (const index of [pdptei, pdei, ptei]) {
      if ((word.get() & PRESENT) === 0n) throw PageTableMappingError.NotExist;
      word = wordIn(word.get() & ADDRESS, index);
    }
    if ((word.get() & PRESENT) === 0n) throw PageTableMappingError.NotExist;
    return word;
  }

  private rootWord(slot: number): Word {
    const entry = this.root.at(slot);
    return {
      get: () => entry.word,
      set: (value) => {
        entry.word = value;
      },
    };
  }
}

/** Address of the table that a word points to, made if there is none. */
function tableBehind(word: Word): bigint {
  if ((word.get() & PRESENT) === 0n) {
    word.set(Page.new().intoRaw() | PRESENT | WRITABLE | USER);
  }
  return word.get() & ADDRESS;
}

/** Empties the word and all below it; `levels` tables lie between it and the pages. */
function release(word: Word, levels: number): void {
  if ((word.get() & PRESENT) === 0n) return;
  const pa = word.get() & ADDRESS;
  if (levels > 0) {
    for (let index = 0; index < 512; index++) release(wordIn(pa, index), levels - 1);
  }
  word.set(0n);
  Page.fromPa(Pa.new(pa)!).drop();
}

export class Walked {
  constructor(
    readonly va: Va,
    readonly pte: Pte,
  ) {}

  clear(): StaleTLBEntry | null {
    const { word } = this.pte;
    if ((word & PRESENT) === 0n) return null;
    this.pte.word = 0n;
    return StaleTLBEntry.new(this.va, Page.fromPa(Pa.new(word & ADDRESS)!));
  }

  setPage(page: Page, flags: PteFlags): void {
    if ((this.pte.word & PRESENT) !== 0n) {
      page.drop();
      throw PageTableMappingError.Duplicated;
    }
    this.pte.word = page.intoRaw() | flags;
  }
}
