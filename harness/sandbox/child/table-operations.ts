/** Operations on bare page tables. */
import { EntryView } from '../../../reference/emulator/keos/entry.ts';
import { Page } from '../../../reference/emulator/keos/page.ts';
import { keos } from '../../../reference/emulator/keos/index.ts';
import type { Pa, Page as PageHandle, StaleTLBEntry } from '../../../reference/contract/keos.ts';
import { tableIndex, toLinear } from '../../../reference/x86/address.ts';
import {
  entryAddress,
  type Level,
  LO,
  PAGE_SIZE,
} from '../../../reference/x86/page-table-entry.ts';
import type { PageTableOp } from '../../protocol/program.ts';
import type { EntrySeen, Outcome } from '../../protocol/trace.ts';
import { call, describeValue, hexOf, invoke, outcomeOf } from './student-call.ts';
import type { Student, World } from './world.ts';

const SKIPPED: Outcome = { kind: 'skipped' };

/** Carries out one operation on page tables. */
export function runTableOp(world: World, op: PageTableOp): Outcome {
  switch (op.op) {
    case 'new-table': {
      if (world.tables.has(op.table)) return SKIPPED;
      const PageTable = world.exported('page-table', 'PageTable');
      const called = call(() =>
        op.kernel ? new PageTable() : new PageTable(keos.PageTableRoot.newBoxed()),
      );
      return outcomeOf(called, (value) => {
        world.tables.set(op.table, value as Student);
        if (world.rootOf(value as Student) === undefined) {
          return {
            kind: 'bad-value',
            what: 'PageTable.root must be a PageTableRoot',
            value: describeValue(undefined),
          };
        }
        return { kind: 'ok' };
      });
    }
    case 'new-page': {
      if (world.pages.has(op.page)) return SKIPPED;
      const called = call(() => {
        const page = keos.Page.new();
        page.innerMut().fill(op.fill);
        world.pages.set(op.page, page);
        return frameNumber(page);
      });
      return outcomeOf(called, (frame) => ({ kind: 'ok', frame: frame as number }));
    }
    case 'clone-page': {
      const of = world.pages.get(op.of) as PageHandle | undefined;
      if (of === undefined || world.pages.has(op.page)) return SKIPPED;
      const called = call(() => {
        const page = of.clone();
        world.pages.set(op.page, page);
        return frameNumber(page);
      });
      return outcomeOf(called, (frame) => ({ kind: 'ok', frame: frame as number }));
    }
    case 'drop-page': {
      const page = world.pages.get(op.page) as PageHandle | undefined;
      if (page === undefined) return SKIPPED;
      world.pages.delete(op.page);
      // Student code that handed the page over may have kept it, and used it up since.
      return outcomeOf(call(() => page.drop()));
    }
    case 'indices': {
      const PtIndices = world.exported('page-table', 'PtIndices') as unknown as Student;
      const called = call(() => {
        const indices = invoke(PtIndices, 'fromVa', BigInt(op.va)) as Record<string, unknown>;
        return [indices['pml4ei'], indices['pdptei'], indices['pdei'], indices['ptei']];
      });
      return outcomeOf(called, (value) => ({
        kind: 'ok',
        indices: (value as unknown[]).map(describeValue),
      }));
    }
    case 'probe':
      return probe(world, op);
    default: {
      const table = world.tables.get(op.table);
      return table === undefined ? SKIPPED : onTable(world, table, op);
    }
  }
}

type OnTable = Exclude<
  PageTableOp,
  { op: 'new-table' | 'new-page' | 'clone-page' | 'drop-page' | 'indices' | 'probe' }
>;

function onTable(world: World, table: Student, op: OnTable): Outcome {
  switch (op.op) {
    case 'map': {
      const page = world.pages.get(op.page);
      if (page === undefined) return SKIPPED;
      world.pages.delete(op.page);
      return outcomeOf(call(() => invoke(table, 'map', BigInt(op.va), page, BigInt(op.perm))));
    }
    case 'do-map': {
      const page = world.pages.get(op.page) as PageHandle | undefined;
      if (page === undefined) return SKIPPED;
      world.pages.delete(op.page);
      const raw = call(() => page.intoRaw());
      if (raw.kind !== 'ok') return outcomeOf(raw);
      const pa = raw.value as Pa;
      const called = call(() =>
        invoke(table, 'doMap', BigInt(op.va), pa + BigInt(op.skew), BigInt(op.perm)),
      );
      if (called.kind === 'error') {
        // On failure doMap has not taken the frame over, so its reference is the caller's again.
        const back = call(() => keos.Page.fromPa(pa));
        if (back.kind !== 'ok') return outcomeOf(back);
        world.pages.set(op.page, back.value);
      }
      return outcomeOf(called);
    }
    case 'unmap':
      return outcomeOf(
        call(() => invoke(table, 'unmap', BigInt(op.va))),
        (value) => keepPage(world, op.page, value, 'unmap must return the Page that was mapped'),
      );
    case 'walk':
      return outcomeOf(
        call(() => invoke(table, 'walk', BigInt(op.va))),
        (value) => entryOutcome(world, table, op.va, value, 'walk must return a Pte'),
      );
    case 'walk-mut':
      return walkMut(world, table, op);
    case 'clear-table':
      return outcomeOf(
        call(() => invoke(table, 'clear')),
        () => {
          if (world.rootOf(table) !== undefined) return { kind: 'ok' };
          return {
            kind: 'bad-value',
            what: 'clear must leave the root as it is',
            value: describeValue(undefined),
          };
        },
      );
    case 'drop-table': {
      world.leave(table);
      const called = call(() => invoke(table, 'drop'));
      if (called.kind === 'ok') world.tables.delete(op.table);
      return outcomeOf(called);
    }
    case 'load-table':
      world.enter(table, op.cpu);
      return { kind: 'ok' };
  }
}

function walkMut(
  world: World,
  table: Student,
  op: Extract<PageTableOp, { op: 'walk-mut' }>,
): Outcome {
  if (op.then === 'replace' && !world.pages.has(op.page ?? '')) return SKIPPED;
  const called = call(() => invoke(table, 'walkMut', BigInt(op.va)));
  if (called.kind !== 'ok') return called;
  const walked = called.value as Student;
  const pte = call(() => (walked as Record<string, unknown>)['pte']);
  if (pte.kind !== 'ok') return pte;
  const seen = entryOutcome(
    world,
    table,
    op.va,
    pte.value,
    'walkMut must return a Walked whose pte is the live entry',
  );
  if (seen.kind !== 'ok' || op.then === 'look') return seen;
  const cleared = call(() => (invoke(walked, 'clear') as StaleTLBEntry | null)?.invalidate());
  if (cleared.kind !== 'ok') return cleared;
  const kept = keepPage(
    world,
    op.page === undefined ? `${op.table}-cleared` : `${op.page}-old`,
    cleared.value,
    'Walked.clear must return a StaleTLBEntry',
  );
  if (kept.kind !== 'ok' || op.then === 'clear') return { ...seen, ...kept };
  const page = op.page === undefined ? undefined : world.pages.get(op.page);
  if (page === undefined) return SKIPPED;
  world.pages.delete(op.page ?? '');
  const replaced = call(() => invoke(walked, 'setPage', page, leafFlags(op.perm ?? 0)));
  return replaced.kind === 'ok' ? { ...seen, ...kept } : replaced;
}

/** The exact leaf flags of a permission: present, RW = WRITE, US = USER, XD unless EXECUTABLE. */
function leafFlags(perm: number): bigint {
  const { P, RW, US, XD } = keos.PteFlags;
  return (
    P | ((perm & 2) !== 0 ? RW : 0n) | ((perm & 8) !== 0 ? US : 0n) | ((perm & 4) === 0 ? XD : 0n)
  );
}

function keepPage(world: World, label: string, value: unknown, what: string): Outcome {
  const frame = Page.frameOf(value);
  if (frame === undefined) return { kind: 'bad-value', what, value: describeValue(value) };
  // A page that the driver held under this name before is let go.
  const held = world.pages.get(label) as PageHandle | undefined;
  world.pages.set(label, value);
  return outcomeOf(
    call(() => held?.drop()),
    () => ({ kind: 'ok', frame: frame.number }),
  );
}

function entryOutcome(
  world: World,
  table: Student,
  va: string,
  value: unknown,
  what: string,
): Outcome {
  const word = EntryView.wordOf(value);
  if (word === undefined) return { kind: 'bad-value', what, value: describeValue(value) };
  const live = leafAddress(world, table, toLinear(BigInt(va))) === EntryView.addressOf(value);
  const frame = (word & 1n) === 0n ? null : Number((word >> 12n) & 0xff_ffff_ffffn);
  const entry: EntrySeen = { frame, flags: hexOf(word & ~0x000f_ffff_ffff_f000n), live };
  return { kind: 'ok', entry };
}

/** Physical address of the leaf entry for `linear` in the tables of `table`, or `undefined` where a level is missing. */
function leafAddress(world: World, table: Student, linear: number): number | undefined {
  const { memory } = world.machine;
  let at = world.rootOf(table);
  for (const level of [4, 3, 2] as const satisfies readonly Level[]) {
    if (at === undefined) return undefined;
    const entry = at + tableIndex(linear, level) * 8;
    const lo = memory.readU32(entry);
    at = (lo & LO.PRESENT) === 0 ? undefined : entryAddress(lo, memory.readU32(entry + 4));
  }
  return at === undefined ? undefined : at + tableIndex(linear, 1) * 8;
}

function probe(world: World, op: Extract<PageTableOp, { op: 'probe' }>): Outcome {
  const cpu = world.machine.cpus[op.cpu];
  if (cpu === undefined) return SKIPPED;
  const result = cpu.access(BigInt(op.va), { kind: op.kind, mode: op.mode });
  switch (result.kind) {
    case 'page-fault':
      return { kind: 'fault', code: result.code };
    case 'general-protection':
      return { kind: 'fault', code: null };
    case 'done': {
      const { memory } = world.machine;
      if (op.kind === 'write') memory.writeU8(result.pa, op.value ?? 0);
      const byte = memory.readU8(result.pa);
      return { kind: 'ok', bytes: [[byte, 1]], frame: Math.floor(result.pa / PAGE_SIZE) };
    }
  }
}

function frameNumber(page: PageHandle): number {
  return Number(page.pa()) / PAGE_SIZE;
}
