/** TLB primitives and CR3. Shootdown is synchronous: the sender waits for all acknowledgements. */
import type * as keos from '../../contract/keos.ts';
import { hex, isCanonical, toLinear } from '../../x86/address.ts';
import type { Frame } from '../frames.ts';
import { machine, panic } from './active-machine.ts';
import { show } from './checks.ts';
import { Page } from './page.ts';
import { PageTableRoot } from './page-table-root.ts';

const MAKE = Symbol('only keos makes stale entries');

export class StaleTLBEntry implements keos.StaleTLBEntry {
  readonly #va: bigint;
  readonly #page: Page;
  #pending = true;

  constructor(token: symbol, va: bigint, frame: Frame) {
    if (token !== MAKE) panic('new StaleTLBEntry(): use StaleTLBEntry.new()');
    this.#va = va;
    this.#page = Page.adopt(frame);
    Object.freeze(this);
  }

  static new(va: keos.Va, page: keos.Page): keos.StaleTLBEntry {
    machine().enter();
    if (typeof va !== 'bigint' || !isCanonical(va))
      panic(`StaleTLBEntry.new: ${show(va)} is not a Va`);
    const frame = Page.consume('StaleTLBEntry.new', page, 'given to StaleTLBEntry.new');
    const entry = new StaleTLBEntry(MAKE, va, frame);
    machine().pendingInvalidations.set(entry, `StaleTLBEntry for ${hex(va)}`);
    machine().leave();
    return entry;
  }

  get page(): keos.Page {
    return this.#page;
  }

  invalidate(): keos.Page {
    machine().enter();
    if (!this.#pending)
      panic(`StaleTLBEntry.invalidate: the entry for ${hex(this.#va)} was invalidated before`);
    this.#pending = false;
    machine().pendingInvalidations.delete(this);
    const { current, shootdowns } = machine();
    shootdowns.send(current, current.cr3, toLinear(this.#va));
    machine().leave();
    return this.#page;
  }
}

/** See `tlbShutdown` in the contract. */
export function tlbShutdown(root: keos.PageTableRoot): void {
  machine().enter();
  const pa = PageTableRoot.addressOf(root);
  if (pa === undefined) panic(`tlbShutdown: ${show(root)} is not a live PageTableRoot`);
  machine().shootdowns.send(machine().current, pa, null);
  machine().leave();
}

/** See `loadPt` in the contract. */
export function loadPt(pa: keos.Pa): void {
  machine().enter();
  if (
    typeof pa !== 'bigint' ||
    !(machine().roots.has(Number(pa)) || Number(pa) === machine().bootRoot)
  ) {
    panic(`loadPt: ${show(pa)} is not the address of a page-table root`);
  }
  const cpu = machine().current;
  if (cpu.cr3 !== Number(pa)) {
    // It drops all translations: whoever switches to and fro for that has invalidated.
    cpu.invalidations++;
    cpu.loadCr3(Number(pa));
  }
  machine().leave();
}

/** See `readCr3` in the contract. */
export function readCr3(): keos.Pa {
  machine().enter();
  const { cr3 } = machine().current;
  machine().leave();
  return BigInt(cr3) as keos.Pa;
}
