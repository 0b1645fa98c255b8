/** Short ways to write attacks down. */
import type { Program } from '../protocol/program.ts';
import type { Attack, RunningAttack } from './attack.ts';
import {
  EAGER,
  type EagerCode,
  eagerPagerCode,
  LAZY,
  type LazyCode,
  lazyPagerCode,
  MANAGER,
  type ManagerCode,
  managerCode,
  pageTableCode,
  type TableCode,
  WALK,
} from './emitted-code.ts';

/** An attack whose kind is still to be given. */
export type Unsorted<A extends Attack = Attack> = A extends Attack ? Omit<A, 'kind'> : never;

/** Attacks of one kind. */
export function ofKind(kind: string, attacks: readonly Unsorted[]): readonly Attack[] {
  return attacks.map((attack): Attack => ({ ...attack, kind }));
}

/** Emitted code of a page table, which `program` makes and walks. */
export function byTable(
  id: string,
  after: string,
  code: TableCode,
  program: Program = WALK,
): Unsorted<RunningAttack> {
  return { id, after, from: 'running', modules: pageTableCode(code), program };
}

/** Emitted code of an eager pager and its `MmStruct`. */
export function byEagerPager(id: string, after: string, code: EagerCode): Unsorted<RunningAttack> {
  return { id, after, from: 'running', modules: eagerPagerCode(code), program: EAGER };
}

/** Emitted code of a lazy pager, its page table and fork. */
export function byLazyPager(id: string, after: string, code: LazyCode): Unsorted<RunningAttack> {
  return { id, after, from: 'running', modules: lazyPagerCode(code), program: LAZY };
}

/** Emitted code of a demand-paging manager. */
export function byManager(id: string, after: string, code: ManagerCode): Unsorted<RunningAttack> {
  return { id, after, from: 'running', modules: managerCode(code), program: MANAGER };
}
