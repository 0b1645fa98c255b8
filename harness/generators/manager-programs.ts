/**
 * Programs of demand-paging managers, chosen from the state that a correct manager would be in.
 *
 * What is generated keeps clear of what the rules leave open (mappings on top of one another, faults after the last reference is gone), and of states in which
 * one mistake could look like another: what is out of the ordinary about a mapping or a shared page (a failure, a part of a page, marked twice) is
 * the only thing that is.
 */
import type fc from 'fast-check';
import type { Injection } from '../../reference/contract/injection.ts';
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { Program } from '../protocol/program.ts';
import { ManagerScript, PAGE_FLAGS } from './manager-scenario.ts';
import { Draw, type Row, rowsArbitrary } from './raw-choices.ts';

/** How often each kind of operation is tried. */
export interface ManagerWeights {
  readonly register: number;
  readonly unregister: number;
  readonly strayUnregister: number;
  readonly fault: number;
  readonly faultAgain: number;
  readonly outside: number;
  readonly look: number;
  readonly write: number;
  readonly mark: number;
  readonly markAgain: number;
  readonly cowFault: number;
  readonly release: number;
  readonly isCow: number;
  readonly unmarked: number;
  readonly file: number;
}

const MIXED: ManagerWeights = {
  register: 12,
  unregister: 5,
  strayUnregister: 3,
  fault: 24,
  faultAgain: 7,
  outside: 6,
  look: 16,
  write: 7,
  mark: 7,
  markAgain: 2,
  cowFault: 10,
  release: 8,
  isCow: 5,
  unmarked: 2,
  file: 2,
};

export interface ManagerProgramOptions {
  readonly length?: number;
  readonly weights?: Partial<ManagerWeights>;
  /** Now and then a frame allocation or a file read fails, and some files have a block that never can be read. */
  readonly failures?: boolean;
}

/** Programs of about `length` operations on one or two managers, now and then the global one, with up to three files. */
export function managerPrograms(options: ManagerProgramOptions = {}): fc.Arbitrary<Program> {
  return rowsArbitrary(options.length ?? 45).map((rows) => new Maker(options).make(rows));
}

const PAGE = 0x1000;
/** Far from everything else. */
const CONTROL = 0x6000_0000_0000;
/** Where the pages that are shared lie. */
const SHARED = 0x2000_0000_0000;
/** Bytes between the places of two managers, and between two places for mappings. */
const MANAGER_SPAN = 0x100_0000_0000;
const PLACE_SPAN = 0x10_0000;

const FILE_SIZES = [1, 100, 4095, 4096, 4097, 6000, 8192, 12_288, 20_000] as const;
const { PRESENT, WRITABLE, USER, WRITE_THROUGH, NO_CACHE, ACCESSED, DIRTY, HUGE, NO_EXECUTE } =
  PAGE_FLAGS;
const FLAGS = [
  PRESENT | WRITABLE | USER | NO_EXECUTE,
  PRESENT | USER,
  PRESENT | USER | NO_EXECUTE,
  WRITABLE | USER,
  PRESENT | WRITABLE | NO_CACHE,
  PRESENT | USER | WRITE_THROUGH | ACCESSED,
  PRESENT | WRITABLE | DIRTY | HUGE | PAGE_FLAGS.GLOBAL,
  0n,
] as const;

/** What is out of the ordinary about a mapping. All of them but `plain` have one page that is ever faulted in. */
type Oddity = 'plain' | 'partial' | 'failing' | 'anew' | 'stray';

interface MadeMapping {
  readonly start: number;
  readonly pages: number;
  readonly manager: MadeManager;
  readonly file: string | null;
  oddity: Oddity;
  /** Pages (by number) that may still be faulted in, and those that were. */
  fresh: number[];
  faulted: number[];
}

interface MadeEntry {
  readonly va: number;
  readonly manager: MadeManager;
  readonly oddity: 'plain' | 'range' | 'again' | 'failing';
  readonly frame: string;
  /** Sharers that are certainly left. */
  least: number;
}

interface MadeManager {
  readonly label: string;
  readonly base: number;
  /** Faults go through the exported function, or through `withManagerMut`. */
  readonly isGlobal: boolean;
  /** Places for mappings that were used so far. */
  places: number;
  /** Pages that were ever marked. */
  marks: number;
}

class Maker {
  readonly #options: ManagerProgramOptions;
  readonly #script = new ManagerScript();
  readonly #managers: MadeManager[] = [];
  readonly #files: { readonly label: string; size: number }[] = [];
  readonly #entries: MadeEntry[] = [];
  /** Frames that the caller certainly holds. */
  #frames: string[] = [];
  #mappings: MadeMapping[] = [];
  #former: MadeMapping[] = [];
  #names = 0;

  constructor(options: ManagerProgramOptions) {
    this.#options = options;
  }

  make(rows: readonly Row[]): Program {
    const [first = [], ...rest] = rows;
    const start = new Draw(first);
    const policy = start.of(['quarantine', 'first-fit', 'random'] as const);
    const seed = 1 + start.below(1000);
    for (let i = 1 + start.below(3); i > 0; i--) this.#file(start);
    this.#manager('alice');
    this.#control();
    if (start.oneIn(3)) this.#manager('bob');
    if (start.oneIn(3)) this.#global(start);
    for (const row of rest) this.#row(new Draw(row));
    return { world: { cpus: 1, policy, seed }, pager: 'lazy', ops: this.#script.ops };
  }

  /** The plainest of everything: a manager that gets this wrong is not to blame for more. */
  #control(): void {
    const p = this.#script;
    const manager = 'alice';
    p.file(0x4000, 'control', 201);
    p.fault(CONTROL, { manager });
    p.register(CONTROL, 3 * PAGE, { manager, file: 'control', offset: PAGE + 0x234 });
    p.look(p.fault(CONTROL + PAGE + 0x10, { manager }));
    p.fault(CONTROL + PAGE + 0x20, { manager });
    const [counted, copied] = [p.frame(0x22), p.frame(0x23)];
    const [first, second] = [CONTROL + 0x10_0000, CONTROL + 0x20_0000];
    p.mark(first, counted, manager);
    p.release(first, counted, manager);
    p.isCow(first, manager);
    for (const va of [first, first, second]) p.release(va, counted, manager);
    p.mark(second, copied, manager);
    p.look(p.cowFault(second, { manager }));
    p.look(copied);
    p.isCow(second, manager);
    p.release(second, copied, manager);
  }

  #manager(label: string, isGlobal = false): void {
    const base = 0x1000_0000 + this.#managers.length * MANAGER_SPAN;
    this.#managers.push({ label, base, isGlobal, places: 0, marks: 0 });
    if (!isGlobal) this.#script.manager(label);
  }

  #global(draw: Draw): void {
    this.#manager(GLOBAL_MANAGER, true);
    // Without init it is made by the first withManagerMut, which must come before the exported functions are of use.
    if (draw.oneIn(2)) this.#script.init();
    else this.#script.isCow(CONTROL, GLOBAL_MANAGER);
  }

  #file(draw: Draw): void {
    const label = `file${String(this.#files.length + 1)}`;
    const size = draw.of(FILE_SIZES);
    const damaged =
      this.#options.failures === true && draw.oneIn(3)
        ? { unreadable: [draw.below(Math.ceil(size / PAGE))] }
        : {};
    this.#script.file(size, label, 1 + draw.below(200), damaged);
    this.#files.push({ label, size });
  }

  #row(draw: Draw): void {
    const kind = draw.weighted({ ...MIXED, ...this.#options.weights });
    switch (kind) {
      case 'register':
        this.#register(draw);
        break;
      case 'unregister':
        this.#unregister(draw);
        break;
      case 'strayUnregister':
        this.#strayUnregister(draw);
        break;
      case 'fault':
        this.#fault(draw);
        break;
      case 'faultAgain':
        this.#faultAgain(draw);
        break;
      case 'outside':
        this.#outside(draw);
        break;
      case 'look':
        this.#look(draw);
        break;
      case 'write':
        if (this.#frames.length > 0)
          this.#script.write(
            draw.of(this.#frames),
            1 + draw.below(255),
            draw.below(4000),
            1 + draw.below(96),
          );
        break;
      case 'mark':
        this.#mark(draw);
        break;
      case 'markAgain':
        this.#markAgain(draw);
        break;
      case 'cowFault':
        this.#cowFault(draw);
        break;
      case 'release':
        this.#release(draw);
        break;
      case 'isCow': {
        const entry = this.#entry(draw);
        if (entry !== null) this.#script.isCow(entry.va, entry.manager.label);
        break;
      }
      case 'unmarked': {
        const manager = this.#plainManager(draw);
        const va = SHARED + manager.base + 0x8000_0000 + draw.below(64) * PAGE;
        if (draw.oneIn(2)) this.#script.isCow(va, manager.label);
        else this.#script.cowFault(va + draw.of([0, 1, 0xabc]), { manager: manager.label });
        break;
      }
      case 'file': {
        const file = draw.of(this.#files);
        if (draw.oneIn(2)) {
          this.#script.rewrite(file.label, 1 + draw.below(200));
          break;
        }
        // Files only get shorter: a manager that took down the size would not show what was added later.
        file.size = 1 + draw.below(file.size);
        this.#script.truncate(file.label, file.size);
        break;
      }
    }
  }

  #plainManager(draw: Draw): MadeManager {
    return draw.of(this.#managers.filter(({ isGlobal }) => !isGlobal));
  }

  #register(draw: Draw): void {
    const manager = draw.of(this.#managers);
    const odd = manager.isGlobal ? 0 : 1;
    const oddity: Oddity = draw.weighted({
      plain: 12,
      partial: 3 * odd,
      failing: this.#options.failures === true ? 6 * odd : 0,
      anew: 3 * odd,
      stray: 0,
    });
    const former = this.#former.filter(
      (each) => each.manager === manager && each.oddity === 'plain' && each.faulted.length > 0,
    );
    if (oddity === 'anew' && former.length > 0) {
      const old = draw.of(former);
      this.#former = this.#former.filter((each) => each !== old);
      this.#add(draw, manager, old.start, old.pages, 'anew', [draw.of(old.faulted)]);
      return;
    }
    if (oddity === 'failing') {
      this.#add(draw, manager, this.#place(manager), 1, 'failing', [0]);
      return;
    }
    const pages = 1 + draw.below(6);
    const all = Array.from({ length: pages }, (_, page) => page);
    const isPartial = oddity === 'partial' || oddity === 'anew';
    this.#add(
      draw,
      manager,
      isPartial ? this.#place(manager) : this.#freshStart(draw, manager),
      pages,
      isPartial ? 'partial' : 'plain',
      isPartial ? all.slice(-1) : all,
    );
  }

  /** Behind a mapping that is there, or anywhere. */
  #freshStart(draw: Draw, manager: MadeManager): number {
    const behind = this.#mappings.filter(
      (each) => each.manager === manager && each.oddity === 'plain',
    );
    if (behind.length > 0 && draw.oneIn(3)) {
      const { start, pages } = draw.of(behind);
      const end = start + pages * PAGE;
      // Up to six pages, and nothing may ever have been there.
      const isFree = [...this.#mappings, ...this.#former].every(
        (each) => each.start >= end + 6 * PAGE || each.start + each.pages * PAGE <= end,
      );
      if (isFree) return end;
    }
    return this.#place(manager);
  }

  /** Where nothing was yet. */
  #place(manager: MadeManager): number {
    return manager.base + PLACE_SPAN * ++manager.places;
  }

  #add(
    draw: Draw,
    manager: MadeManager,
    start: number,
    pages: number,
    oddity: Oddity,
    fresh: number[],
  ): void {
    const file = draw.oneIn(2) ? null : draw.of(this.#files);
    const blocks = Math.ceil((file?.size ?? 0) / PAGE);
    const inBlock = draw.oneIn(4) ? draw.below(PAGE) : 0;
    const cut = oddity === 'partial' ? draw.of([1, 0x800, 0xfff]) : 0;
    this.#script.register(start, pages * PAGE - cut, {
      manager: manager.label,
      flags: draw.of(FLAGS),
      ...(file === null
        ? {}
        : { file: file.label, offset: draw.below(blocks + 2) * PAGE + inBlock }),
      ...(manager.isGlobal && draw.oneIn(2) ? { within: true } : {}),
    });
    const faulted: number[] = [];
    const label = file?.label ?? null;
    this.#mappings.push({ start, pages, manager, file: label, oddity, fresh, faulted });
  }

  #unregister(draw: Draw): void {
    const own = this.#mappings.filter(({ manager }) => !manager.isGlobal);
    if (own.length === 0) return;
    const mapping = draw.of(own);
    this.#script.unregister(mapping.start, mapping.manager.label);
    this.#mappings = this.#mappings.filter((each) => each !== mapping);
    this.#former.push(mapping);
  }

  /** An address at which no mapping starts. */
  #strayUnregister(draw: Draw): void {
    const plain = this.#mappings.filter(
      ({ oddity, fresh, manager }) => oddity === 'plain' && fresh.length > 0 && !manager.isGlobal,
    );
    if (plain.length === 0) return;
    const mapping = draw.of(plain);
    const inside = [1, 0x800, ...(mapping.pages > 1 ? [(mapping.pages - 1) * PAGE] : [])];
    this.#script.unregister(mapping.start + draw.of(inside), mapping.manager.label);
    mapping.oddity = 'stray';
    mapping.fresh = [draw.of(mapping.fresh)];
  }

  #fault(draw: Draw): void {
    const able = this.#mappings.filter(({ fresh }) => fresh.length > 0);
    if (able.length === 0) {
      this.#register(draw);
      return;
    }
    const mapping = draw.of(able);
    const page = draw.of(mapping.fresh);
    const va = this.#addressIn(draw, mapping, page);
    const fault =
      mapping.oddity === 'failing' && draw.oneIn(2) ? this.#failure(draw, mapping) : null;
    const frame = this.#name();
    this.#script.fault(va, {
      ...this.#way(draw, mapping.manager),
      frame,
      ...(fault === null ? {} : { fault }),
    });
    if (fault !== null) return;
    mapping.fresh = mapping.fresh.filter((each) => each !== page);
    mapping.faulted.push(page);
    this.#frames.push(frame);
    if (draw.oneIn(2)) this.#script.look(frame, ...this.#range(draw));
  }

  #failure(draw: Draw, { file }: MadeMapping): Injection {
    const point = file !== null && draw.oneIn(2) ? 'read' : 'frame';
    return { point, nth: 1, mode: draw.of(['once', 'on']) };
  }

  #faultAgain(draw: Draw): void {
    const able = this.#mappings.filter(({ faulted }) => faulted.length > 0);
    if (able.length === 0) return;
    const mapping = draw.of(able);
    const va = this.#addressIn(draw, mapping, draw.of(mapping.faulted));
    this.#script.fault(va, { ...this.#way(draw, mapping.manager), frame: this.#name() });
  }

  /** Somewhere in a page; its first byte only where nothing else is out of the ordinary. */
  #addressIn(draw: Draw, mapping: MadeMapping, page: number): number {
    const { start, oddity, pages, manager } = mapping;
    const isPart = oddity === 'partial' && page === pages - 1;
    const isPlain = oddity === 'plain' && !manager.isGlobal;
    const offsets = isPart ? [0] : isPlain ? [0, 1, 0x7ff, 0xff8, 0xffe] : [1, 0x7ff];
    return start + page * PAGE + draw.of(offsets);
  }

  /** Where nothing is: next to a mapping, where one was, or far away. */
  #outside(draw: Draw): void {
    const manager = draw.of(this.#managers);
    const own = this.#mappings.filter((each) => each.manager === manager);
    const gone = this.#former.filter((each) => each.manager === manager);
    const wasThere = (va: number): boolean =>
      gone.some(({ start, pages }) => va >= start && va < start + pages * PAGE);
    const ends = own
      .flatMap(({ start, pages }) => [start - 1, start + pages * PAGE])
      .filter((va) => !wasThere(va));
    const candidates = [
      ...ends,
      ...gone.map(({ start }) => start + 0x10),
      manager.base + 0x50_0000_0000 + draw.below(64) * PAGE,
    ];
    const va = draw.of(candidates);
    const isCovered = own.some(({ start, pages }) => va >= start && va < start + pages * PAGE);
    if (!isCovered) this.#script.fault(va, { ...this.#way(draw, manager), frame: this.#name() });
  }

  #look(draw: Draw): void {
    if (this.#frames.length > 0) this.#script.look(draw.of(this.#frames), ...this.#range(draw));
  }

  /** All bytes of a frame, a few around a place, or its end. */
  #range(draw: Draw): [at: number, length: number] {
    return draw.oneIn(4)
      ? [0, 4096]
      : draw.of([
          [0, 48],
          [draw.below(4032), 64],
          [4080, 16],
        ]);
  }

  #way(draw: Draw, manager: MadeManager): { manager: string; within?: true } {
    return {
      manager: manager.label,
      ...(manager.isGlobal && draw.oneIn(2) ? { within: true } : {}),
    };
  }

  #mark(draw: Draw): void {
    const p = this.#script;
    const manager = this.#plainManager(draw);
    const place = (): number => SHARED + manager.base + 2 * PAGE * ++manager.marks;
    const frames = (count: number): string[] =>
      Array.from({ length: count }, () => p.frame(1 + draw.below(255), this.#name()));
    const kind = draw.weighted({
      plain: 6,
      range: 2,
      add: 1,
      failing: this.#options.failures === true ? 4 : 0,
    });
    const pages = frames(kind === 'range' ? 2 : 1).map((frame) => [place(), frame] as const);
    if (kind === 'range') p.markRange(draw.of([0, SHARED, PAGE]), pages, manager.label);
    for (const [va, frame] of pages) {
      if (kind === 'add') p.addEntry(va, frame, manager.label);
      else if (kind !== 'range') p.mark(va, frame, manager.label);
      const oddity = kind === 'add' ? 'range' : kind;
      this.#entries.push({ va, manager, oddity, frame, least: 2 });
      this.#frames.push(frame);
    }
  }

  /** An entry that certainly has sharers. */
  #entry(draw: Draw, oddity?: MadeEntry['oddity']): MadeEntry | null {
    const live = this.#entries.filter(
      (each) => each.least > 0 && (oddity === undefined || each.oddity === oddity),
    );
    return live.length === 0 ? null : draw.of(live);
  }

  #markAgain(draw: Draw): void {
    const old = this.#entry(draw, 'plain');
    if (old === null) return;
    const frame = this.#script.frame(1 + draw.below(255), this.#name());
    this.#script.mark(old.va, frame, old.manager.label);
    old.least = 0;
    this.#entries.push({ ...old, oddity: 'again', frame, least: 2 });
    this.#frames.push(frame);
  }

  #cowFault(draw: Draw): void {
    const entry = this.#entry(draw);
    if (entry === null) {
      this.#mark(draw);
      return;
    }
    const manager = entry.manager.label;
    if (entry.oddity === 'failing' && draw.oneIn(2)) {
      const fault = { point: 'frame', nth: 1, mode: draw.of(['once', 'on'] as const) } as const;
      this.#script.cowFault(entry.va, { manager, fault });
      return;
    }
    const offset = entry.oddity === 'plain' ? draw.of([0, 0, 1, 0x7ff, 0xfff]) : 0;
    const copy = this.#script.cowFault(entry.va + offset, { manager });
    entry.least--;
    // The last sharer may have been given the frame itself, or it may be free.
    if (entry.least === 0) this.#frames = this.#frames.filter((each) => each !== entry.frame);
    else this.#frames.push(copy);
    this.#script.look(copy, ...this.#range(draw));
  }

  #release(draw: Draw): void {
    const entry = this.#entry(draw);
    if (entry === null) return;
    this.#script.release(entry.va, entry.frame, entry.manager.label);
    entry.least--;
    if (entry.least === 0) this.#frames = this.#frames.filter((each) => each !== entry.frame);
  }

  #name(): string {
    return `f${String(++this.#names)}`;
  }
}
