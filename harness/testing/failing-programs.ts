/** Wrong pagers, generated programs that they fail, and what becomes of those when they are reduced. */
import fc from 'fast-check';
import type { LaneShares } from '../generators/lanes.ts';
import { pageTablePrograms } from '../generators/page-table-programs.ts';
import { processPrograms } from '../generators/process-programs.ts';
import { judge } from '../oracle/judge.ts';
import { reduce, type Reduced } from '../oracle/reduce.ts';
import { removals } from '../oracle/reduce-removals.ts';
import { simplifications } from '../oracle/reduce-simplifications.ts';
import { divergenceFrom, divergences } from '../oracle/verdict.ts';
import type { Program } from '../protocol/program.ts';
import { LEAKS, UNMAPS_ANOTHER } from './failing-badly.ts';
import { changedModule } from './model-modules.ts';
import { type Changes, traceOf } from './model-subject.ts';

/** A wrong pager, and programs in which it may show. */
export interface WrongPager {
  readonly name: string;
  readonly changes: Changes;
  readonly programs: fc.Arbitrary<Program>;
}

const LANES: LaneShares = { mixed: 1, swarm: 1, boundary: 1, shootdown: 1 };

const wrongTable = (name: string, find: string, put: string): WrongPager => ({
  name,
  changes: { 'page-table': changedModule('page-table', find, put) },
  programs: pageTablePrograms({ lane: LANES }),
});
const wrongPager = (name: string, find: string, put: string): WrongPager => ({
  name,
  changes: { 'lazy-pager': changedModule('lazy-pager', find, put) },
  programs: processPrograms({ lane: LANES }),
});

/** Mistakes of different kinds. None of them loops for ever. */
export const WRONG_PAGERS: readonly WrongPager[] = [
  wrongTable(
    'unmap does not invalidate',
    'return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();',
    'return Page.fromPa(pa);',
  ),
  wrongTable(
    'tables have the rights of their first page',
    'const pml4e = withTable(this.root.indexMut(indices.pml4ei), spare);',
    `const pml4e = withTable(this.root.indexMut(indices.pml4ei), spare);
    if (!contains(perm, Permission.WRITE)) pml4e.setFlags(PteFlags.P | PteFlags.US);`,
  ),
  wrongTable('addresses 256 GiB apart are one', 'index(30n)', 'index(30n) & 0xff'),
  wrongTable(
    'clear forgets the last slot',
    'i < PageTableRoot.KBASE',
    'i < PageTableRoot.KBASE - 1',
  ),
  wrongTable('a page without READ is mapped', 'contains(perm, Permission.READ)', 'perm !== 0n'),
  {
    name: 'a frame is lost when a page cannot be mapped',
    changes: LEAKS,
    programs: processPrograms({ failures: true, lane: LANES }),
  },
  {
    name: 'other pages go when one cannot be loaded',
    changes: UNMAPS_ANOTHER,
    programs: processPrograms({ failures: true, lane: LANES }),
  },
  wrongPager(
    'the offset of a mapping is forgotten',
    'this.offset + (addr - this.start)',
    'addr - this.start',
  ),
  wrongPager(
    'munmap releases the first two pages',
    '[...leaves(pageTable.root, vma.start, vma.end)]',
    '[...leaves(pageTable.root, vma.start, vma.end)].slice(0, 2)',
  ),
  wrongPager(
    'munmap takes the last region instead',
    'this.vmas.splice(index, 1);',
    'this.vmas.splice(this.vmas.length > 2 ? -1 : index, 1);',
  ),
  wrongPager(
    'a fault reloads a page that is there',
    'if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);',
    `if (attempt(() => pageTable.walk(va)).ok) pageTable.unmap(va).drop();
    pageTable.map(va, vma.loader.load(va), vma.prot);`,
  ),
  {
    name: 'a child shares writable pages',
    changes: {
      fork: changedModule(
        'fork',
        'for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);',
        '',
      ),
    },
    programs: processPrograms({ lane: 'fork' }),
  },
];

/** A program that a wrong pager fails, and the rule that it breaks there. */
export interface FailingProgram {
  readonly program: Program;
  readonly rule: string;
  readonly step: number;
}

/** The first `count` generated programs that the pager fails, of at most `tries`. */
export function failingPrograms(
  { changes, programs }: WrongPager,
  count: number,
  tries = 500,
): readonly FailingProgram[] {
  const found: FailingProgram[] = [];
  for (const program of fc.sample(programs, { seed: 1, numRuns: tries })) {
    if (found.length === count) break;
    const [first] = divergences(judge(program, traceOf(program, changes)));
    if (first !== undefined) found.push({ program, rule: first.rule, step: first.step });
  }
  return found;
}

/** Whether the program breaks the rule in the pager's hands. */
export function breaks({ changes }: WrongPager, rule: string, program: Program): boolean {
  return divergenceFrom(judge(program, traceOf(program, changes)), rule) !== null;
}

/** Reduces a failing program as it is done for a report. */
export function reduced(
  pager: WrongPager,
  { program, rule, step }: FailingProgram,
): Promise<Reduced> {
  return reduce(program, step, (candidate) => Promise.resolve(breaks(pager, rule, candidate)));
}

/** Every smaller or simpler program that the reducer knows of. */
export function* smallerPrograms(program: Program): Generator<Program> {
  for (const list of [removals, simplifications]) {
    for (let at = 0; ;) {
      const candidate = list(program, at);
      if (candidate === null) break;
      if (candidate.program !== null) yield candidate.program;
      at = candidate.next;
    }
  }
}

/** The program without each of its operations. */
export function* withoutOne(program: Program): Generator<Program> {
  if (program.ops.length === 1) return;
  for (const at of program.ops.keys())
    yield { ...program, ops: program.ops.filter((_, i) => i !== at) };
}
