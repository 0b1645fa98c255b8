/** Programs of processes with a demand pager, chosen from the state that a correct pager would be in. */
import type fc from 'fast-check';
import type { Injection } from '../../reference/contract/injection.ts';
import type { Op, PagerKind, Program, World } from '../protocol/program.ts';
import { neighbourhoods, pageAddress, toHex } from './addresses.ts';
import { Draw, type Row, rowsArbitrary } from './raw-choices.ts';

/** How often each kind of operation is tried. */
export interface ProcessWeights {
  readonly mmap: number;
  readonly badMmap: number;
  readonly munmap: number;
  readonly badMunmap: number;
  readonly access: number;
  readonly outside: number;
  readonly crossing: number;
  readonly getUserPage: number;
  readonly accessOk: number;
  readonly spurious: number;
  readonly file: number;
  readonly fork: number;
  readonly exit: number;
  /** `MmStruct`'s system calls, and its `accessOk`. */
  readonly sysMmap: number;
  readonly badSysMmap: number;
  readonly sysMunmap: number;
  readonly accessRange: number;
}

const MIXED: ProcessWeights = {
  mmap: 16,
  badMmap: 5,
  munmap: 8,
  badMunmap: 3,
  access: 36,
  outside: 5,
  crossing: 6,
  getUserPage: 7,
  accessOk: 7,
  spurious: 3,
  file: 2,
  fork: 0,
  exit: 0,
  sysMmap: 0,
  badSysMmap: 0,
  sysMunmap: 0,
  accessRange: 0,
};

/** An eager pager has no fault handler, and stands behind system calls. */
const EAGER: Partial<ProcessWeights> = {
  access: 28,
  getUserPage: 5,
  spurious: 0,
  sysMmap: 9,
  badSysMmap: 3,
  sysMunmap: 4,
  accessRange: 9,
};

export interface ProcessProgramOptions {
  readonly length?: number;
  /** Default: lazy. */
  readonly pager?: PagerKind;
  readonly weights?: Partial<ProcessWeights>;
  /** Now and then a frame allocation or a file read fails, and some files have a block that never can be read. */
  readonly failures?: boolean;
  /** Most processors there are. Default: 2. */
  readonly cpus?: number;
  /** Most processes there are at a time, as far as forks make them. Default: 4. */
  readonly processes?: number;
  /** Most pages of a region: the fewer, the more often programs come back to the same page. Default: 6. */
  readonly pages?: number;
}

/** Programs of about `length` operations on one or two processes and what they fork, up to three files, some processors. */
export function processPrograms(options: ProcessProgramOptions = {}): fc.Arbitrary<Program> {
  return rowsArbitrary(options.length ?? 50).map((rows) => new Maker(options).make(rows));
}

interface MadeRegion {
  readonly start: number;
  readonly pages: number;
  readonly prot: number;
}

interface MadeProcess {
  readonly label: string;
  regions: MadeRegion[];
  gone: MadeRegion[];
}

interface MadeFile {
  readonly label: string;
  readonly size: number;
  readonly cached: boolean;
}

/** The first descriptor that is no standard stream. */
const FIRST_FD = 3;

const FILE_SIZES = [1, 100, 4095, 4096, 4097, 6000, 8192, 12_288, 20_000] as const;
const SIZES = [1, 0xfff, 0x1000, 0x1001, 0x2000, 0x2fff, 0x4000, 0x6000] as const;
/** READ, WRITE, EXECUTABLE, USER as 1, 2, 4, 8: mostly what programs use. */
const PROTS = [11, 11, 11, 9, 9, 13, 15, 1, 3] as const;
/** For files of the page cache, which are only ever mapped without WRITE. */
const READ_ONLY = [9, 9, 13, 1] as const;

class Maker {
  readonly #options: ProcessProgramOptions;
  readonly #ops: Op[] = [];
  readonly #processes: MadeProcess[] = [];
  readonly #files = new Map<string, MadeFile>();
  #names = 0;
  #cpus = 1;
  #places: readonly number[] = [];

  constructor(options: ProcessProgramOptions) {
    this.#options = options;
  }

  make(rows: readonly Row[]): Program {
    const [first = [], ...rest] = rows;
    const start = new Draw(first);
    this.#places = neighbourhoods(start);
    const world: World = {
      cpus: 1 + start.below(this.#options.cpus ?? 2),
      policy: start.of(['quarantine', 'first-fit', 'random']),
      seed: 1 + start.below(1000),
    };
    this.#cpus = world.cpus;
    for (let i = start.below(4); i > 0; i--) this.#file(start);
    this.#spawn('alice');
    if (start.oneIn(3)) this.#spawn('bob');
    for (const row of rest) this.#row(new Draw(row));
    return { world, pager: this.#pager, ops: this.#ops };
  }

  get #pager(): PagerKind {
    return this.#options.pager ?? 'lazy';
  }

  #spawn(label: string): void {
    this.#ops.push({ op: 'spawn', process: label });
    if (this.#pager === 'eager') this.#open(label);
    this.#processes.push({ label, regions: [], gone: [] });
  }

  /** Every file that can be mapped with any rights, from descriptor 3 on. */
  #open(process: string): void {
    for (const [index, { label, cached }] of [...this.#files.values()].entries()) {
      if (!cached)
        this.#ops.push({
          op: 'open',
          process,
          fd: FIRST_FD + index,
          kind: 'file',
          file: label,
          position: 4096,
        });
    }
  }

  #file(draw: Draw): void {
    const file = `file${String(this.#files.size + 1)}`;
    const size = draw.of(FILE_SIZES);
    const cached = draw.oneIn(4);
    this.#ops.push({
      op: 'file',
      file,
      size,
      seed: 1 + draw.below(200),
      ...(cached ? { cached } : {}),
      ...(draw.oneIn(4) ? { sparse: { data: draw.below(2), hole: 1 + draw.below(2) } } : {}),
      ...(draw.oneIn(4) ? { readLimit: draw.of([100, 1000, 4095]) } : {}),
      ...(this.#options.failures === true && draw.oneIn(4)
        ? { unreadable: [draw.below(Math.ceil(size / 0x1000))] }
        : {}),
    });
    this.#files.set(file, { label: file, size, cached });
  }

  #row(draw: Draw): void {
    const process = draw.of(this.#processes);
    const cpu = draw.below(this.#cpus);
    const usual = this.#pager === 'eager' ? { ...MIXED, ...EAGER } : MIXED;
    const kind = draw.weighted({ ...usual, ...this.#options.weights });
    if (kind === 'mmap' || (process.regions.length === 0 && kind !== 'badMmap')) {
      this.#mmap(draw, process, cpu);
      return;
    }
    const at = { process: process.label, cpu };
    switch (kind) {
      case 'badMmap':
        this.#badMmap(draw, process, cpu);
        break;
      case 'munmap': {
        const region = draw.of(process.regions);
        this.#ops.push({ op: 'munmap', ...at, addr: toHex(region.start) });
        process.regions = process.regions.filter((each) => each !== region);
        process.gone.push(region);
        break;
      }
      case 'badMunmap': {
        const region = draw.of(process.regions);
        const addr = draw.of([
          0x1000 * Math.max(1, region.pages - 1) + region.start,
          region.start + 8,
          region.start - 0x1000,
        ]);
        if (!process.regions.some((each) => each.start === addr))
          this.#ops.push({ op: 'munmap', ...at, addr: toHex(Math.max(0, addr)) });
        break;
      }
      case 'access':
        this.#access(draw, process, cpu, this.#inside(draw, draw.of(process.regions)), 1);
        break;
      case 'outside': {
        const region = draw.of([...process.regions, ...process.gone]);
        const address = draw.of([
          region.start - 1,
          region.start + region.pages * 0x1000,
          region.start,
        ]);
        this.#access(draw, process, cpu, Math.max(0, address), 1);
        break;
      }
      case 'crossing': {
        const region = draw.of(process.regions);
        const boundary = region.start + (1 + draw.below(region.pages)) * 0x1000;
        this.#access(draw, process, cpu, boundary - 1 - draw.below(20), 2 + draw.below(40));
        break;
      }
      case 'getUserPage':
        this.#ops.push({
          op: 'get-user-page',
          ...at,
          addr: toHex(
            this.#inside(
              draw,
              draw.of(draw.oneIn(5) ? [...process.gone, ...process.regions] : process.regions),
            ),
          ),
          ...this.#failure(draw),
        });
        break;
      case 'accessOk': {
        const region = draw.of([...process.regions, ...process.gone]);
        const addr = draw.oneIn(3)
          ? draw.of([region.start - 1, region.start + region.pages * 0x1000])
          : this.#inside(draw, region);
        this.#ops.push({
          op: 'access-ok',
          ...at,
          addr: toHex(userAddress(addr)),
          write: draw.oneIn(2),
        });
        break;
      }
      case 'spurious': {
        const region = draw.of(process.regions);
        // Only faults that the region allows: another thread may have resolved them a moment ago.
        const isWrite = (region.prot & 2) !== 0 && draw.oneIn(2);
        const forks = (this.#options.weights?.fork ?? 0) > 0;
        const code = isWrite ? (forks && draw.oneIn(2) ? 7 : 6) : 4;
        if ((region.prot & 8) !== 0)
          this.#ops.push({
            op: 'page-fault',
            ...at,
            addr: toHex(this.#inside(draw, region)),
            code,
          });
        break;
      }
      case 'file': {
        const file = draw.of([...this.#files.values(), null]);
        if (file === null) break;
        if (draw.oneIn(2)) {
          this.#ops.push({ op: 'rewrite', file: file.label, seed: 1 + draw.below(200) });
          break;
        }
        // Files only get shorter: a pager that took down the size at mmap would not show what was added later.
        const size = 1 + draw.below(file.size);
        this.#files.set(file.label, { ...file, size });
        this.#ops.push({ op: 'truncate', file: file.label, size });
        break;
      }
      case 'fork': {
        if (this.#processes.length >= (this.#options.processes ?? 4)) break;
        const child = `child${String(++this.#names)}`;
        this.#ops.push({ op: 'fork', process: process.label, child, cpu, ...this.#failure(draw) });
        this.#processes.push({
          label: child,
          regions: [...process.regions],
          gone: [...process.gone],
        });
        break;
      }
      case 'sysMmap':
        this.#mmap(draw, process, cpu, true);
        break;
      case 'badSysMmap':
        this.#badSysMmap(draw, process.label, cpu);
        break;
      case 'sysMunmap': {
        const region = draw.of(process.regions);
        this.#ops.push({ op: 'sys-munmap', ...at, addr: toHex(region.start) });
        process.regions = process.regions.filter((each) => each !== region);
        process.gone.push(region);
        break;
      }
      case 'accessRange': {
        const region = draw.of([...process.regions, ...process.regions, ...process.gone]);
        const start = userAddress(this.#inside(draw, region));
        const after = region.start + region.pages * 0x1000;
        const end = draw.of([after, after + 1, start, start + draw.below(0x3000), start - 1]);
        this.#ops.push({
          op: 'access-range',
          ...at,
          addr: toHex(start),
          end: toHex(end),
          write: draw.oneIn(2),
        });
        break;
      }
      case 'exit':
        if (this.#processes.length < 2) break;
        this.#ops.push({ op: 'exit', process: process.label });
        this.#processes.splice(this.#processes.indexOf(process), 1);
        break;
    }
  }

  #inside(draw: Draw, region: MadeRegion): number {
    const page = region.start + draw.below(region.pages) * 0x1000;
    return page + draw.of([0, 0, 1, 8, 0x7ff, 0xff8, 0xfff]);
  }

  #access(draw: Draw, process: MadeProcess, cpu: number, address: number, length: number): void {
    const kind = draw.of(['read', 'read', 'write', 'write', 'write', 'fetch'] as const);
    this.#ops.push({
      op: 'access',
      process: process.label,
      cpu,
      addr: toHex(address),
      length,
      kind,
      mode: draw.of(['user', 'user', 'user', 'supervisor']),
      ...(kind === 'write' ? { value: 1 + draw.below(255) } : {}),
      // A failure in the middle of an access that spans pages would leave it open how far it got.
      ...(length === 1 ? this.#failure(draw) : {}),
    });
  }

  #failure(draw: Draw): { fault?: Injection } {
    if (this.#options.failures !== true || !draw.oneIn(3)) return {};
    return {
      fault: {
        point: draw.of(['frame', 'frame', 'frame', 'mmap', 'mmap', 'read']),
        nth: 1 + draw.below(4),
        mode: draw.of(['once', 'on', 'every']),
      },
    };
  }

  #mmap(draw: Draw, process: MadeProcess, cpu: number, byCall = false): void {
    const most = this.#options.pages ?? 6;
    const size = draw.of(SIZES.filter((each) => each <= most * 0x1000));
    const pages = Math.ceil(size / 0x1000);
    const anyProt = draw.of(PROTS);
    let start = this.#freshStart(draw, process, pages);
    while (overlaps(process.regions, start, pages)) start = (start + 0x10_0000) % 0x7fff_0000_0000;
    const file = draw.oneIn(2) ? null : draw.of([...this.#files.values(), null]);
    const blocks = Math.ceil((file?.size ?? 0) / 0x1000);
    const offset = file === null ? 0 : draw.below(blocks + 2) * 0x1000;
    const prot = file?.cached === true ? draw.of(READ_ONLY) : anyProt;
    const failure = this.#pager === 'eager' ? this.#failure(draw) : {};
    const at = { process: process.label, cpu, addr: toHex(start), size: toHex(size) };
    if (byCall && file?.cached !== true) {
      const fd = file === null ? -1 : FIRST_FD + [...this.#files.keys()].indexOf(file.label);
      this.#ops.push({
        op: 'sys-mmap',
        ...at,
        prot: toHex(prot & 7),
        fd: toHex(BigInt.asUintN(draw.oneIn(2) ? 32 : 64, BigInt(fd))),
        offset: toHex(offset),
        ...failure,
      });
      process.regions.push({ start, pages, prot: prot | 8 });
      return;
    }
    this.#ops.push({
      op: 'mmap',
      ...at,
      prot,
      file: file?.label ?? null,
      offset: toHex(offset),
      ...failure,
    });
    process.regions.push({ start, pages, prot });
  }

  /** Next to a region, where one was before, or anywhere. */
  #freshStart(draw: Draw, process: MadeProcess, pages: number): number {
    const region = process.regions.length > 0 ? draw.of(process.regions) : undefined;
    const choices = [pageAddress(draw, this.#places), pageAddress(draw, this.#places)];
    if (region !== undefined)
      choices.push(region.start + region.pages * 0x1000, region.start - pages * 0x1000);
    if (process.gone.length > 0) choices.push(draw.of(process.gone).start);
    const start = draw.of(choices);
    return Math.min(Math.max(0x1000, start), 0x7fff_ffff_f000 - pages * 0x1000);
  }

  /** Registers that make no sense, or a descriptor that cannot be mapped. */
  #badSysMmap(draw: Draw, process: string, cpu: number): void {
    const call = { addr: 0x5000_0000n, size: 0x1000n, prot: 3n, fd: 0xffff_ffffn };
    const bad = draw.of(['address', 'prot', 'fd', 'fd', 'kernel', 'size'] as const);
    if (bad === 'address') call.addr = 0xdead_beef_0000_0000n + BigInt(draw.below(16)) * 0x1000n;
    if (bad === 'prot') call.prot = draw.of([8n, 9n, 0x13n, 0x1_0000_0001n, 0n, 2n]);
    if (bad === 'fd') call.fd = draw.of([0n, 1n, 2n, 99n, 0xffff_fffen, 0x8000_0000n]);
    if (bad === 'kernel') call.addr = 0xffff_8000_0000_0000n;
    if (bad === 'size') call.size = draw.of([0n, 0x1_0000_0000_1000n, 0xffff_ffff_ffff_f000n]);
    this.#ops.push({
      op: 'sys-mmap',
      process,
      cpu,
      addr: toHex(call.addr),
      size: toHex(call.size),
      prot: toHex(call.prot),
      fd: toHex(call.fd),
      offset: '0x0',
    });
  }

  #badMmap(draw: Draw, process: MadeProcess, cpu: number): void {
    const call = { addr: 0x5000_0000n, size: 0x2000n, prot: 11, offset: 0n };
    const region = process.regions.length > 0 ? draw.of(process.regions) : undefined;
    const bad = draw.of([
      'null',
      'unaligned',
      'kernel',
      'beyond',
      'wrap',
      'empty',
      'overlap',
      'overlap',
      'unreadable',
    ] as const);
    if (bad === 'null') call.addr = 0n;
    if (bad === 'unaligned') call.addr += BigInt(1 + draw.below(4095));
    if (bad === 'kernel') call.addr = 0xffff_ff00_0090_0000n;
    if (bad === 'beyond') call.size = 0x8000_0000_0000n;
    if (bad === 'wrap') call.size = 0xffff_ffff_ffff_e000n;
    if (bad === 'empty') call.size = 0n;
    if (bad === 'unreadable') call.prot = draw.of([0, 2, 4, 8, 10, 12]);
    if (bad === 'overlap') {
      if (region === undefined) return;
      const from = draw.below(region.pages);
      const before = draw.below(2);
      call.addr = BigInt(userAddress(Math.max(0x1000, region.start + (from - before) * 0x1000)));
      call.size = BigInt(1 + before + draw.below(region.pages + 1)) * 0x1000n;
    }
    this.#ops.push({
      op: 'mmap',
      process: process.label,
      cpu,
      addr: toHex(call.addr),
      size: toHex(call.size),
      prot: call.prot,
      file: null,
      offset: toHex(call.offset),
    });
    const pages = Number(call.size / 0x1000n);
    // An "overlap" that starts before its region can miss it; then it is a mapping like any other.
    if (bad === 'overlap' && !overlaps(process.regions, Number(call.addr), pages))
      process.regions.push({ start: Number(call.addr), pages, prot: call.prot });
  }
}

/** The nearest address of user space: the entry points take a `Va`, which the end of user space is not. */
function userAddress(address: number): number {
  return Math.min(Math.max(0, address), 0x7fff_ffff_ffff);
}

function overlaps(regions: readonly MadeRegion[], start: number, pages: number): boolean {
  return regions.some(
    (each) => start < each.start + each.pages * 0x1000 && each.start < start + pages * 0x1000,
  );
}
