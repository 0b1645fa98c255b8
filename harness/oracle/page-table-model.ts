/**
 * What a page table must do, as the rules say: a map from page addresses to pages. Shares words with the machine, never behaviour.
 */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, PageTableOp } from '../protocol/program.ts';
import type { Outcome } from '../protocol/trace.ts';
import { byteText, outcomeText, permissionText } from './words.ts';

const PAGE = 0xfffn;

/** A page that a table maps. */
export interface Mapped {
  readonly label: string;
  readonly frame: number;
  readonly perm: number;
  /** A processor has used the entry, so the hardware may have set accessed and dirty. */
  touched: boolean;
}

export interface ModelTable {
  readonly pages: Map<Hex, Mapped>;
}

/** What one operation must come to. */
export interface Expectation {
  /** Rule broken if it does not. */
  readonly rule: string;
  readonly text: string;
  /** Page that the operation is about; everything else must stay as it was. */
  readonly concerns: Hex | null;
  accepts(outcome: Outcome): boolean;
  /** One line for an outcome that is not accepted. */
  complaint(outcome: Outcome): string;
  /** Rule that an outcome which is not accepted breaks; left out: {@link rule}. */
  blame?(outcome: Outcome): string;
  /** Whether the world is as it would be anyway after an outcome that is not accepted, so that the comparison can go on. Left out: it is not. */
  survives?(outcome: Outcome): boolean;
  /** Makes the model follow an outcome that is accepted or survived. */
  apply(outcome: Outcome): void;
  /** Makes the model follow a refusal of what must succeed that has changed no table. Left out: nobody knows what it has changed besides. */
  refuse?(): void;
}

const nothing = (): void => undefined;
/** An operation that only asks: whatever is answered, nothing has changed. */
const anything = (): boolean => true;

function isError(outcome: Outcome): boolean {
  return outcome.kind === 'error';
}

export class PageTableModel {
  readonly tables = new Map<string, ModelTable>();
  /** Frames of the pages that the driver holds. */
  readonly #held = new Map<string, number>();
  /** Bytes by frame: what every byte was filled with, and single stores. */
  readonly #contents = new Map<number, { fill: number; stores: Map<number, number> }>();
  readonly #running = new Map<number, string>();
  /** Addresses whose mapping was refused because a failure had been injected. */
  readonly #failed = new Set<string>();

  table(label: string): ModelTable | undefined {
    return this.tables.get(label);
  }

  /** Label of the table that a processor runs. */
  runningOn(cpu: number): string | undefined {
    return this.#running.get(cpu);
  }

  /** What `op` must come to now. `injected`: a failure was injected into it and happened. */
  expect(op: PageTableOp, injected: boolean): Expectation {
    switch (op.op) {
      case 'new-table':
        return this.#ok('PT-3', null, () => this.tables.set(op.table, { pages: new Map() }));
      case 'new-page':
        return this.#ok('PT-3', null, (outcome) => {
          const { frame } = outcome as { frame: number };
          this.#held.set(op.page, frame);
          this.#contents.set(frame, { fill: op.fill, stores: new Map() });
        });
      case 'clone-page':
        return this.#ok('PT-15', null, () => {
          const frame = this.#held.get(op.of);
          if (frame !== undefined) this.#held.set(op.page, frame);
        });
      case 'drop-page':
        return this.#ok('PT-15', null, () => this.#held.delete(op.page));
      case 'map':
      case 'do-map':
        return this.#map(op, injected);
      case 'unmap':
        return this.#unmap(op);
      case 'walk':
        return this.#walk(op.table, op.va, 'PT-12');
      case 'walk-mut':
        return this.#walkMut(op);
      case 'indices':
        return expectIndices(op.va);
      case 'clear-table':
      case 'drop-table':
        return this.#ok('PT-14', null, () => {
          this.tables.get(op.table)?.pages.clear();
          if (op.op === 'clear-table') return;
          this.tables.delete(op.table);
          for (const [cpu, label] of this.#running)
            if (label === op.table) this.#running.delete(cpu);
        });
      case 'load-table':
        return this.#ok('PT-3', null, () => this.#running.set(op.cpu, op.table));
      case 'probe':
        return this.#probe(op);
    }
  }

  #ok(rule: string, concerns: Hex | null, apply: (outcome: Outcome) => void): Expectation {
    return {
      rule,
      text: 'success',
      concerns,
      accepts: (outcome) => outcome.kind === 'ok',
      complaint: (outcome) => `it should have succeeded, but ${outcomeText(outcome)}`,
      apply,
    };
  }

  #error(
    rule: string,
    concerns: Hex | null,
    names: readonly string[],
    why: string,
    apply: () => void = nothing,
  ): Expectation {
    const text = `throws ${names.join(' or ')}: ${why}`;
    return {
      rule,
      text,
      concerns,
      accepts: (outcome) => outcome.kind === 'error' && names.includes(outcome.error),
      complaint: (outcome) =>
        outcome.kind === 'error'
          ? `the wrong error: ${outcome.error}`
          : `it should have been refused: ${why}`,
      // Refused it is, if not for the right reason.
      survives: isError,
      apply,
    };
  }

  #map(op: Extract<PageTableOp, { op: 'map' | 'do-map' }>, injected: boolean): Expectation {
    const consume = (): void => {
      // `map` uses the page up even when it fails; after a failed `doMap` the driver still holds it.
      if (op.op === 'map') this.#held.delete(op.page);
    };
    const va = BigInt(op.va);
    const table = this.tables.get(op.table);
    const refused: [name: string, rule: string, why: string][] = [];
    const skew = op.op === 'do-map' ? op.skew : 0;
    if ((va & PAGE) !== 0n)
      refused.push(['Unaligned', 'PT-2', `${op.va} is not a multiple of the page size`]);
    else {
      if (skew !== 0)
        refused.push([
          'Unaligned',
          'PT-2',
          'the physical address is not a multiple of the page size',
        ]);
      if ((op.perm & 1) === 0)
        refused.push(['InvalidPermission', 'PT-5', `${permissionText(op.perm)} lacks READ`]);
      if (table?.pages.has(op.va) === true)
        refused.push(['Duplicated', 'PT-6', `${op.va} is mapped already`]);
    }
    const [first] = refused;
    const place = `${op.table} ${op.va}`;
    let expectation: Expectation;
    if (first === undefined) {
      // A call that ran out of memory once must work when it is repeated.
      const rule = this.#failed.has(place) ? 'PT-17' : 'PT-3';
      expectation = {
        ...this.#ok(rule, op.va, () => {
          this.#failed.delete(place);
          const frame = this.#held.get(op.page) ?? -1;
          this.#held.delete(op.page);
          table?.pages.set(op.va, { label: op.page, frame, perm: op.perm, touched: false });
        }),
        blame: (outcome) => refusalRule(outcome, op.perm, rule),
        refuse: consume,
      };
    } else {
      // An unaligned physical address may be noticed before or after the other reasons.
      const names = skew === 0 ? [first[0]] : refused.map(([name]) => name);
      const [, rule, why] = first;
      expectation = {
        ...this.#error(
          rule,
          op.va,
          names.map((name) => `PageTableMappingError.${name}`),
          why,
          consume,
        ),
        blame: (outcome) => refusalRule(outcome, op.perm, rule),
      };
    }
    const refuse = (): void => {
      this.#failed.add(place);
      consume();
    };
    return injected ? this.#injected(expectation, refuse) : expectation;
  }

  /** A frame allocation failed inside: any KernelError and no change; or the call managed without that frame. */
  #injected(normal: Expectation, undo: () => void): Expectation {
    const isRefusal = (outcome: Outcome): boolean =>
      outcome.kind === 'error' && outcome.error.startsWith('KernelError.');
    return {
      rule: 'PT-17',
      text: 'throws KernelError.NoMemory and changes nothing',
      concerns: normal.concerns,
      accepts: (outcome) => isRefusal(outcome) || normal.accepts(outcome),
      complaint: (outcome) => `no frame was free, but ${outcomeText(outcome)}`,
      survives: isError,
      apply: (outcome) => {
        if (isError(outcome) && !normal.accepts(outcome)) undo();
        else normal.apply(outcome);
      },
    };
  }

  #unmap(op: Extract<PageTableOp, { op: 'unmap' }>): Expectation {
    const table = this.tables.get(op.table);
    const mapped = table?.pages.get(op.va);
    if ((BigInt(op.va) & PAGE) !== 0n) return this.#unaligned(op.va);
    if (mapped === undefined) return this.#notExist(op.va);
    return {
      rule: 'PT-9',
      text: `returns ${mapped.label}, the page that was mapped there`,
      concerns: op.va,
      accepts: (outcome) => outcome.kind === 'ok' && outcome.frame === mapped.frame,
      complaint: (outcome) =>
        outcome.kind === 'ok'
          ? 'unmap returned another page than the one that was mapped'
          : `unmap of a mapped page failed: ${outcomeText(outcome)}`,
      survives: (outcome) => outcome.kind === 'ok' && outcome.frame !== undefined,
      refuse: nothing,
      apply: (outcome) => {
        const { frame = mapped.frame } = outcome as { frame?: number };
        table?.pages.delete(op.va);
        const contents = this.#contents.get(mapped.frame);
        // What another page holds that nobody knows: most likely the same.
        if (contents !== undefined && !this.#isInUse(frame))
          this.#contents.set(frame, { ...contents, stores: new Map(contents.stores) });
        this.#held.set(op.page, frame);
      },
    };
  }

  #isInUse(frame: number): boolean {
    const mapped = [...this.tables.values()].flatMap(({ pages }) => [...pages.values()]);
    return mapped.some((page) => page.frame === frame) || [...this.#held.values()].includes(frame);
  }

  #unaligned(va: Hex): Expectation {
    return this.#error(
      'PT-2',
      va,
      ['PageTableMappingError.Unaligned'],
      `${va} is not a multiple of the page size`,
    );
  }

  #notExist(va: Hex): Expectation {
    return this.#error(
      'PT-10',
      va,
      ['PageTableMappingError.NotExist'],
      `nothing is mapped at ${va}`,
    );
  }

  #walk(label: string, va: Hex, rule: string): Expectation {
    if ((BigInt(va) & PAGE) !== 0n) return { ...this.#unaligned(va), survives: anything };
    if (this.tables.get(label)?.pages.has(va) !== true) {
      const absent = this.#notExist(va);
      // What is found is no entry of this table, so it was not looked up here.
      const isElsewhere = (outcome: Outcome): boolean =>
        outcome.kind === 'ok' && outcome.entry?.live === false;
      const blame = (outcome: Outcome): string => (isElsewhere(outcome) ? rule : absent.rule);
      return { ...absent, blame, survives: anything };
    }
    return {
      ...this.#ok(rule, va, nothing),
      // A walk that ends nowhere has not found the page.
      blame: (outcome) =>
        (isError(outcome) || outcome.kind === 'panic') && rule === 'PT-12' ? 'PT-3' : rule,
      survives: anything,
    };
  }

  #walkMut(op: Extract<PageTableOp, { op: 'walk-mut' }>): Expectation {
    const looked = this.#walk(op.table, op.va, 'PT-13');
    if (looked.rule !== 'PT-13' || op.then === 'look') return looked;
    const pages = this.tables.get(op.table)?.pages;
    const old = pages?.get(op.va);
    return {
      ...looked,
      survives: () => false,
      text: 'success, and the page that was mapped comes back',
      accepts: (outcome) => outcome.kind === 'ok' && outcome.frame === old?.frame,
      complaint: (outcome) =>
        outcome.kind === 'ok'
          ? 'clear() gave back another page'
          : `walkMut did not work: ${outcomeText(outcome)}`,
      apply: () => {
        pages?.delete(op.va);
        if (old !== undefined)
          this.#held.set(
            op.page === undefined ? `${op.table}-cleared` : `${op.page}-old`,
            old.frame,
          );
        const next = op.page === undefined ? undefined : this.#held.get(op.page);
        if (op.then !== 'replace' || next === undefined || op.page === undefined) return;
        this.#held.delete(op.page);
        pages?.set(op.va, { label: op.page, frame: next, perm: op.perm ?? 0, touched: false });
      },
    };
  }

  #probe(op: Extract<PageTableOp, { op: 'probe' }>): Expectation {
    const page = hex(BigInt(op.va) & ~PAGE) as Hex;
    const label = this.#running.get(op.cpu) ?? '';
    const mapped = this.tables.get(label)?.pages.get(page);
    if (mapped === undefined) {
      return {
        rule: 'PT-11',
        text: 'a page fault: nothing is mapped there',
        concerns: null,
        accepts: (outcome) => outcome.kind === 'fault',
        complaint: () => `an access to ${op.va} still works although nothing is mapped there`,
        survives: () => op.kind !== 'write',
        apply: nothing,
      };
    }
    const contents = this.#contents.get(mapped.frame);
    const offset = Number(BigInt(op.va) & PAGE);
    const byte =
      op.kind === 'write' ? (op.value ?? 0) : (contents?.stores.get(offset) ?? contents?.fill ?? 0);
    if (!allows(mapped.perm, op.kind, op.mode)) {
      return {
        rule: 'PT-4',
        text: `a page fault: ${mapped.label} is mapped with ${permissionText(mapped.perm)}`,
        concerns: null,
        accepts: (outcome) => outcome.kind === 'fault',
        complaint: () =>
          `a ${op.mode === 'user' ? 'user' : 'kernel'} ${op.kind} is possible that the mapping forbids`,
        survives: () => true,
        apply: (outcome) => {
          mapped.touched = true;
          if (outcome.kind === 'ok' && op.kind === 'write')
            contents?.stores.set(offset, op.value ?? 0);
        },
      };
    }
    return {
      rule: 'PT-7',
      text: `the ${op.kind} works and sees ${byteText(byte)}`,
      concerns: null,
      accepts: (outcome) => outcome.kind === 'ok' && outcome.bytes?.[0]?.[0] === byte,
      complaint: (outcome) =>
        outcome.kind === 'ok'
          ? `an access to ${op.va} reaches the wrong memory`
          : `a ${op.kind} that ${permissionText(mapped.perm)} allows is not possible`,
      apply: () => {
        mapped.touched = true;
        if (op.kind === 'write') contents?.stores.set(offset, byte);
      },
    };
  }
}

/** Rule that a refused mapping breaks: what the permission asks for, a shortage that there is not, or `otherwise`. */
function refusalRule(outcome: Outcome, perm: number, otherwise: string): string {
  if (outcome.kind !== 'error') return otherwise;
  if (outcome.error === 'PageTableMappingError.InvalidPermission' && (perm & 1) !== 0)
    return 'PT-4';
  return outcome.error.startsWith('KernelError.') && otherwise === 'PT-3' ? 'PT-17' : otherwise;
}

/** What the rights of a mapping allow, with CR0.WP set and SMEP and SMAP clear. */
function allows(
  perm: number,
  kind: 'read' | 'write' | 'fetch',
  mode: 'user' | 'supervisor',
): boolean {
  if (mode === 'user' && (perm & 8) === 0) return false;
  return kind === 'read' || (perm & (kind === 'write' ? 2 : 4)) !== 0;
}

function expectIndices(va: Hex): Expectation {
  const value = BigInt(va);
  const aligned = (value & PAGE) === 0n;
  const wanted = [39n, 30n, 21n, 12n].map((shift) => String((value >> shift) & 511n));
  return {
    rule: aligned ? 'PT-1' : 'PT-2',
    text: aligned
      ? `indices ${wanted.join(', ')}`
      : `throws PageTableMappingError.Unaligned: ${va} is not a multiple of the page size`,
    concerns: null,
    accepts: (outcome) =>
      aligned
        ? outcome.kind === 'ok' &&
          outcome.indices?.every(
            (seen, i) => seen.type === 'number' && seen.value === wanted[i],
          ) === true
        : outcome.kind === 'error' && outcome.error === 'PageTableMappingError.Unaligned',
    complaint: () =>
      aligned ? `${va} is split into the wrong indices` : 'an unaligned address is not refused',
    survives: anything,
    apply: nothing,
  };
}
