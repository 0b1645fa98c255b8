/** Programs at lower addresses: to the first page that is free, or in the first table at some level that still shows the failure. */
import type { Program } from '../protocol/program.ts';
import { addressGroups, type AddressGroup, shifted } from './address-groups.ts';
import type { Simpler } from './reduce-candidate.ts';
import { USER_END } from './region-rules.ts';

const FIRST = 0x1000n;
/** Where the index of each level begins in an address, the root first. */
const LEVELS = [39n, 30n, 21n, 12n] as const;

/** Each way to move addresses of `program` down by one step. */
export function lowerings(program: Program): Simpler[] {
  // Addresses of the kernel half stand for themselves.
  const groups = addressGroups(program).filter(({ start }) => start < USER_END);
  const simpler: Simpler[] = [];
  const seen = new Set<string>();
  const add = (moved: readonly AddressGroup[], by: bigint): void => {
    const key = `${moved.map(({ start }) => String(start)).join()} ${String(by)}`;
    if (!seen.has(key)) simpler.push(() => movedDown(program, moved, by));
    seen.add(key);
  };
  const move = (moved: readonly AddressGroup[], by: bigint): void => {
    if (fits(groups, moved, by)) add(moved, by);
  };
  for (const group of groups) {
    const others = groups.filter(({ start }) => start < group.start);
    // A page on which something else happens is no more to read than a page of its own.
    if (group.end - group.start === FIRST)
      for (const { start } of others.slice(0, 2)) add([group], group.start - start);
    const free = [FIRST, ...groups.flatMap(({ end }) => [end, end + FIRST])].filter(
      (target) => target < group.start && fits(groups, [group], group.start - target),
    );
    for (const target of free.slice(0, 2)) move([group], group.start - target);
  }
  // Pages that share tables may have to stay together, so they are moved together, and then alone.
  for (const level of LEVELS) {
    for (const together of [groups, ...classes(groups, level), ...groups.map((group) => [group])]) {
      for (const by of lower(together[0]?.start ?? 0n, level)) move(together, by);
    }
  }
  for (const group of groups) move([group], FIRST);
  return simpler;
}

/** Groups that agree in all indices down to a level. */
function classes(groups: readonly AddressGroup[], level: bigint): readonly AddressGroup[][] {
  const byPrefix = new Map<bigint, AddressGroup[]>();
  for (const group of groups) {
    const prefix = group.start >> level;
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), group]);
  }
  return [...byPrefix.values()];
}

/** How far down the index at `level` can be lowered: to 0, or by a power of two. */
function lower(address: bigint, level: bigint): readonly bigint[] {
  const index = (address >> level) & 511n;
  const steps = [256n, 128n, 64n, 32n, 16n, 8n, 4n, 2n, 1n].filter((step) => step < index);
  return (index === 0n ? [] : [index, ...steps]).map((by) => by << level);
}

/** Whether there is room for the groups `moved`, each `by` lower. */
function fits(all: readonly AddressGroup[], moved: readonly AddressGroup[], by: bigint): boolean {
  const staying = all.filter((group) => !moved.includes(group));
  return moved.every(({ start, end }) => {
    const [from, until] = [start - by, end - by];
    return from >= FIRST && staying.every((other) => until <= other.start || from >= other.end);
  });
}

function movedDown(program: Program, moved: readonly AddressGroup[], by: bigint): Program {
  // The lowest first: what has been moved must not be moved again.
  return moved.reduce((result, { start, end }) => shifted(result, start, end, -by), program);
}
