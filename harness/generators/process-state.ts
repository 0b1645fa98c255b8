/** The state that a correct pager would be in while a program is being made, and the program so far. */
import type { Injection } from '../../reference/contract/injection.ts';
import type { Op, PagerKind } from '../protocol/program.ts';
import type { Places } from './addresses.ts';
import type { Lane } from './lanes.ts';
import type { Draw } from './raw-choices.ts';

/** A region that is mapped, or was. */
export interface MadeRegion {
  readonly start: number;
  readonly pages: number;
  readonly prot: number;
}

export interface MadeProcess {
  readonly label: string;
  regions: MadeRegion[];
  gone: MadeRegion[];
}

export interface MadeFile {
  readonly label: string;
  readonly size: number;
  readonly cached: boolean;
}

/** The first descriptor that is no standard stream. */
export const FIRST_FD = 3;

export class ProcessState {
  readonly ops: Op[] = [];
  readonly processes: MadeProcess[] = [];
  readonly files = new Map<string, MadeFile>();

  readonly lane: Lane;
  readonly pager: PagerKind;
  readonly cpus: number;
  readonly places: Places;
  /** Now and then something fails. */
  readonly failures: boolean;
  /** Pages of a region, at most. */
  readonly mostPages: number;
  /** Processes alive at a time, at most. */
  readonly mostProcesses: number;

  constructor(
    of: Pick<
      ProcessState,
      'lane' | 'pager' | 'cpus' | 'places' | 'failures' | 'mostPages' | 'mostProcesses'
    >,
  ) {
    this.lane = of.lane;
    this.pager = of.pager;
    this.cpus = of.cpus;
    this.places = of.places;
    this.failures = of.failures;
    this.mostPages = of.mostPages;
    this.mostProcesses = of.mostProcesses;
  }

  spawn(label: string): void {
    this.ops.push({ op: 'spawn', process: label });
    if (this.pager === 'eager') this.#open(label);
    this.processes.push({ label, regions: [], gone: [] });
  }

  /** Every file that can be mapped with any rights, from descriptor 3 on. */
  #open(process: string): void {
    for (const [index, { label, cached }] of [...this.files.values()].entries()) {
      const fd = FIRST_FD + index;
      if (!cached)
        this.ops.push({ op: 'open', process, fd, kind: 'file', file: label, position: 4096 });
    }
  }

  /** A region of the process is mapped no more. */
  forget(process: MadeProcess, region: MadeRegion): void {
    process.regions = process.regions.filter((each) => each !== region);
    process.gone.push(region);
  }

  /** A failure to inject, or more often none. */
  failure(draw: Draw): { fault?: Injection } {
    if (!this.failures || !draw.oneIn(3)) return {};
    return {
      fault: {
        point: draw.of(['frame', 'frame', 'frame', 'mmap', 'mmap', 'read']),
        nth: 1 + draw.below(4),
        mode: draw.of(['once', 'on', 'every']),
      },
    };
  }

  /** A byte of a region: at the edge of one of its pages, or somewhere in it. */
  inside(draw: Draw, region: MadeRegion): number {
    const last = region.pages - 1;
    const any = draw.below(region.pages);
    const page = this.lane === 'boundary' ? draw.of([0, last, any]) : any;
    return region.start + page * 0x1000 + draw.of([0, 0, 1, 8, 0x7ff, 0xff8, 0xfff]);
  }
}

/** Whether a region of `pages` pages from `start` on would overlap one of `regions`. */
export function overlaps(regions: readonly MadeRegion[], start: number, pages: number): boolean {
  return regions.some(
    (each) => start < each.start + each.pages * 0x1000 && each.start < start + pages * 0x1000,
  );
}
