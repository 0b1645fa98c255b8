/** A short way to write down a program on page tables. */
import type { AccessKind, AccessMode } from '../../reference/x86/access.ts';
import type { Injection } from '../../reference/contract/injection.ts';
import type { Op, Program, World } from '../protocol/program.ts';
import { toHex } from './addresses.ts';

/** Rights as the letters of `rwxu`: `rw`, `ru`, `rwxu`. */
export type RightsText = string;

const LETTERS: Readonly<Record<string, number>> = { r: 1, w: 2, x: 4, u: 8 };

/** The `Permission` bits of letters. Throws for any other letter. */
export function rights(text: RightsText): number {
  return Array.from(text).reduce((bits, letter) => {
    const bit = LETTERS[letter];
    if (bit === undefined) throw new RangeError(`"${letter}" is none of r, w, x, u`);
    return bits | bit;
  }, 0);
}

/** Collects operations; every method adds one. Pages are named in the order in which they are made. */
export class TableScript {
  readonly ops: Op[] = [];
  #pages = 0;

  /** `new PageTable()`, or on a root without the kernel half. */
  table(name = 'table', kernel = true): string {
    this.ops.push({ op: 'new-table', table: name, kernel });
    return name;
  }

  /** A page of the driver's, filled with `fill`. */
  page(fill = 0x41): string {
    const page = `page${String(++this.#pages)}`;
    this.ops.push({ op: 'new-page', page, fill });
    return page;
  }

  /** One more `Page` on the frame of `of`, which the driver holds. */
  clone(of: string): string {
    const page = `page${String(++this.#pages)}`;
    this.ops.push({ op: 'clone-page', page, of });
    return page;
  }

  map(
    va: number | bigint,
    perm: RightsText | number,
    page = this.page(),
    table = 'table',
    fault?: Injection,
  ): string {
    const op = {
      op: 'map',
      table,
      va: toHex(va),
      page,
      perm: typeof perm === 'number' ? perm : rights(perm),
    } as const;
    this.ops.push(fault === undefined ? op : { ...op, fault });
    return page;
  }

  doMap(
    va: number | bigint,
    perm: RightsText | number,
    skew = 0,
    page = this.page(),
    table = 'table',
    fault?: Injection,
  ): string {
    const op = {
      op: 'do-map',
      table,
      va: toHex(va),
      page,
      skew,
      perm: typeof perm === 'number' ? perm : rights(perm),
    } as const;
    this.ops.push(fault === undefined ? op : { ...op, fault });
    return page;
  }

  unmap(va: number | bigint, page = 'back', table = 'table'): void {
    this.ops.push({ op: 'unmap', table, va: toHex(va), page });
  }

  walk(va: number | bigint, table = 'table'): void {
    this.ops.push({ op: 'walk', table, va: toHex(va) });
  }

  walkMut(
    va: number | bigint,
    then: 'look' | 'clear' | 'replace' = 'look',
    page?: string,
    perm?: RightsText,
    table = 'table',
  ): void {
    const extra = {
      ...(page === undefined ? {} : { page }),
      ...(perm === undefined ? {} : { perm: rights(perm) }),
    };
    this.ops.push({ op: 'walk-mut', table, va: toHex(va), then, ...extra });
  }

  indices(va: number | bigint): void {
    this.ops.push({ op: 'indices', va: toHex(va) });
  }

  load(table = 'table', cpu = 0): void {
    this.ops.push({ op: 'load-table', cpu, table });
  }

  probe(
    va: number | bigint,
    kind: AccessKind,
    mode: AccessMode = 'user',
    value = 0x77,
    cpu = 0,
  ): void {
    this.ops.push({
      op: 'probe',
      cpu,
      va: toHex(va),
      kind,
      mode,
      ...(kind === 'write' ? { value } : {}),
    });
  }

  clear(table = 'table'): void {
    this.ops.push({ op: 'clear-table', table });
  }

  drop(table = 'table'): void {
    this.ops.push({ op: 'drop-table', table });
  }

  dropPage(page: string): void {
    this.ops.push({ op: 'drop-page', page });
  }
}

/** A program on page tables, written by `write`. Frames are quarantined unless `world` says otherwise, so that nothing stale goes unseen. */
export function tableProgram(
  write: (script: TableScript) => void,
  world: Partial<World> = {},
): Program {
  const script = new TableScript();
  write(script);
  return { world: { cpus: 1, policy: 'quarantine', ...world }, pager: 'lazy', ops: script.ops };
}
