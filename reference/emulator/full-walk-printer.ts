/**
 * A page walk as a kernel engineer wants it in a terminal: each entry with its address, its word, and all its flags; what the walk comes to; and which
 * processors still believe something else. At most 100 columns wide.
 */
import type { PagingControls } from '../x86/access.ts';
import { hex, isCanonical, toLinear } from '../x86/address.ts';
import { ENTRY_NAME, TABLE_NAME } from '../x86/page-table-entry.ts';
import { accessCode, ACCESSES } from './access-code.ts';
import type { Cpu } from './cpu.ts';
import { type DecodedEntry, ENTRY_FLAGS, sizeText } from './decoded-entry.ts';
import type { Machine } from './machine.ts';
import { agrees, peek, physicalOf } from './peek.ts';
import { tablePath, type PathStep } from './table-path.ts';
import type { TlbEntry } from './tlb.ts';
import { type CombinedRights, isAllowed, type Translation } from './walker.ts';

/**
 * The walk of `va` from the root at physical address `root`, with the controls of the first processor that runs it, else of the one that student code runs
 * on. Reads memory only. What caches hold is shown of processors that run `root`, where it differs from the tables.
 */
export function printFullWalk(machine: Machine, root: number, va: bigint): string[] {
  if (!isCanonical(va)) return [`${hex(va)} is not canonical: #GP, no walk takes place`];
  const linear = toLinear(va);
  const running = machine.cpus.filter(({ cr3 }) => cr3 === root);
  const { controls } = running[0] ?? machine.current;
  const path = tablePath(machine, root, linear, controls);
  const now = peek(machine.memory, root, linear, controls);
  const runners = running.map(({ id }) => id).join(', ');
  return [
    `${hex(va)} from root ${hex(root)}${runners === '' ? '' : `, in CR3 of CPU ${runners}`}`,
    ...entryLines(path),
    ...endLines(path, linear, now, controls),
    ...running.flatMap((cpu) => cacheLines(machine, cpu, linear, path, now)),
  ];
}

/** A line an entry, in columns as wide as they have to be, and below it what is rare. */
function entryLines(path: readonly PathStep[]): string[] {
  const rows = path.map(({ level, index, at, entry }) => ({
    name: `${ENTRY_NAME[level]}[${index}]`,
    at: hex(at),
    word: `0x${entry.word.toString(16).padStart(16, '0')}`,
    target: entry.leads === 'nowhere' ? '' : hex(entry.target),
  }));
  const wide = (of: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => of(row).length));
  const [names, ats, targets] = [
    wide(({ name }) => name),
    wide(({ at }) => at),
    wide(({ target }) => target),
  ];
  return rows.flatMap(({ name, at, word, target }, i) => {
    const { entry, free } = path[i]!;
    const place = `  ${name.padEnd(names)}  ${at.padEnd(ats)}  ${word}`;
    if (entry.leads === 'nowhere') return [`${place}  not present`, ...noteLines(entry, free)];
    const flags = ENTRY_FLAGS.map((flag) =>
      entry.flags.includes(flag) ? flag : '.'.repeat(flag.length),
    );
    return [`${place} > ${target.padEnd(targets)}  ${flags.join(' ')}`, ...noteLines(entry, free)];
  });
}

function noteLines({ available, reserved }: DecodedEntry, free: boolean): string[] {
  const notes = [
    ...reserved.map(({ bits, why }) => `RESERVED: ${bitsText(bits)} (${why})`),
    ...(free ? ['FREE: the frame that it leads to was released'] : []),
    ...(available.length > 0 ? [`available to software: ${bitsText(available)}`] : []),
  ];
  return notes.map((note) => `    ${note}`);
}

/** Bits with neighbours joined: `bits 9, 52-58`. */
function bitsText(numbers: readonly number[]): string {
  const texts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]!;
    while (numbers[i + 1] === numbers[i]! + 1) i++;
    texts.push(numbers[i] === from ? String(from) : `${from}-${numbers[i]!}`);
  }
  return `${numbers.length === 1 ? 'bit' : 'bits'} ${texts.join(', ')}`;
}

/** What the walk comes to. */
function endLines(
  path: readonly PathStep[],
  linear: number,
  now: Translation | null,
  controls: PagingControls,
): string[] {
  const last = path.at(-1)!;
  const name = `${ENTRY_NAME[last.level]}[${last.index}]`;
  if (last.entry.leads === 'nowhere') return [`  = #PF: ${name} is not present`];
  if (last.entry.reserved.length > 0) return [`  = #PF: ${name} has reserved bits set`];
  if (last.free && last.level > 1) return [`  = whatever lies in the free frame`];
  if (now === null) return [];
  return [
    `  = ${hex(physicalOf(now, linear))}, ${placeText(now)}: ${rightsText(now, controls)}${now.global ? ', global' : ''}`,
  ];
}

function placeText({ base, span }: Translation): string {
  return `in the ${sizeText(span)} page ${hex(base)}`;
}

/** Accesses that combined rights allow, by who makes them: `user rw-, supervisor rwx`. */
function rightsText(rights: CombinedRights, controls: PagingControls): string {
  const allowed = (mode: 'user' | 'supervisor', ac: boolean): string =>
    (['read', 'write', 'fetch'] as const)
      .map((kind) =>
        isAllowed(rights, ACCESSES[accessCode({ kind, mode, ac })]!, controls)
          ? { read: 'r', write: 'w', fetch: 'x' }[kind]
          : '-',
      )
      .join('');
  const [plain, withAc] = [allowed('supervisor', false), allowed('supervisor', true)];
  const ac = plain === withAc ? '' : ` (${withAc} with AC)`;
  return `user ${allowed('user', false)}, supervisor ${plain}${ac}`;
}

/** What a processor keeps for the address and the tables do not say. */
function cacheLines(
  machine: Machine,
  cpu: Cpu,
  linear: number,
  path: readonly PathStep[],
  now: Translation | null,
): string[] {
  const lines: string[] = [];
  const cached = cpu.tlb.lookUp(linear, cpu.pcid);
  if (cached !== undefined && !agrees(cached, linear, now)) {
    const where = `${hex(linear + cached.distance)}, ${placeText(cached)}`;
    lines.push(
      `  ! the TLB of CPU ${cpu.id} holds ${where}:`,
      `    ${rightsText(cached, cpu.controls)}`,
      ...pastLines(machine, cached),
    );
  }
  const start = cpu.structures?.lookUp(linear, cpu.pcid);
  if (start === null || start === undefined) return lines;
  const leading = path.find(({ level }) => level === start.level + 1)?.entry;
  if (leading?.leads === 'to-table' && leading.target === start.table) return lines;
  const name = TABLE_NAME[start.level];
  return [
    ...lines,
    `  ! CPU ${cpu.id} begins walks at the ${name} ${hex(start.table)}, which it remembers`,
  ];
}

/** Where a translation came from, and which change was never invalidated, if the machine knows. */
function pastLines({ history }: Machine, cached: TlbEntry): string[] {
  const past = history?.explain(cached);
  if (past === null || past === undefined) return [];
  const when = (op: number): string => (op < 0 ? '' : ` in operation ${op + 1}`);
  const { filled, change } = past;
  if (change === null) return [`    filled${when(filled.op)}`];
  const { level, at, was, now, by } = change;
  return [
    `    filled${when(filled.op)}, when the ${ENTRY_NAME[level]} at ${hex(at)} was ${was};`,
    `    that became ${now}${by === null ? '' : when(by.op)}, and was never invalidated`,
  ];
}
