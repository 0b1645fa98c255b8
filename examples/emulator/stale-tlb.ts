/**
 * A stale translation, step by step: a page is touched and faults, is mapped, loses its write permission, and can be written all the same, because nobody
 * told the TLB.
 *
 *     npx ts-node examples/emulator/stale-tlb.ts
 */
import {
  type AccessKind,
  describePageFault,
  entryAddress,
  eventText,
  hex,
  type Level,
  LO,
  Machine,
  type MachineEvent,
  printFullWalk,
  tableIndex,
  toLinear,
} from '../../reference/emulator/index.ts';

const VA = 0x40_1000n;
const OPEN = BigInt(LO.PRESENT | LO.WRITABLE | LO.USER);

// Everything that happens is told as it happens.
const events: MachineEvent[] = [];
const machine = new Machine({ events: (event) => events.push(event) });
const cpu = machine.current;

chapter('An empty page table');
const root = takeFrame();
cpu.loadCr3(root);
tellEvents();

chapter('The first write faults: nothing is mapped');
touch('write');

chapter('The kernel maps a page, three tables on the way');
const pte = map(VA, takeFrame());
tellEvents();

chapter('The write is tried again, and walks');
touch('write');
walkNow();

chapter('The kernel takes the write permission away, and forgets the TLB');
machine.storeEntry(1, pte, machine.memory.readU64(pte) & ~BigInt(LO.WRITABLE));
tellEvents();
touch('write');
walkNow();

chapter('INVLPG: now the processor looks again');
cpu.invalidatePage(toLinear(VA));
touch('write');
touch('read');
walkNow();

/** Begins a chapter, which is an operation to the machine. */
function chapter(title: string): void {
  const number = machine.op + 1;
  machine.beginOperation(number);
  events.length = 0;
  say('', `${number + 1}. ${title}`, '');
}

/** One access from user mode, and what it came to. */
function touch(kind: AccessKind): void {
  const outcome = cpu.access(VA + 8n, { kind, mode: 'user' });
  tellEvents();
  if (outcome.kind === 'done')
    say(`   => user ${kind} of ${hex(VA + 8n)} reaches ${hex(outcome.pa)}`);
  else if (outcome.kind === 'page-fault')
    say(`   => #PF(${hex(outcome.code)}): ${describePageFault(outcome.code)}`);
}

/** The tables and the TLB, side by side. */
function walkNow(): void {
  say('', ...printFullWalk(machine, root, VA + 8n).map((line) => `   ${line}`));
}

/** Maps the page at `va` to the frame at `pa`, as a kernel does; returns the physical address of its PTE. */
function map(va: bigint, pa: number): number {
  let table = root;
  for (let level: Level = 4; ; level = (level - 1) as Level) {
    const at = table + tableIndex(toLinear(va), level) * 8;
    if ((machine.memory.readU32(at) & LO.PRESENT) === 0)
      machine.storeEntry(level, at, BigInt(level === 1 ? pa : takeFrame()) | OPEN);
    if (level === 1) return at;
    table = entryAddress(machine.memory.readU32(at), machine.memory.readU32(at + 4));
  }
}

/** The physical address of a zeroed frame. */
function takeFrame(): number {
  const frame = machine.allocate(false);
  if (frame === null) throw new Error('out of memory');
  return frame.pa;
}

function tellEvents(): void {
  say(...events.splice(0).map((event) => `   ${eventText(event)}`));
}

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
