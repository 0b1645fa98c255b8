/** Tells operations on demand-paging managers from the others. */
import type { ManagerOp, Op } from './program.ts';

const MANAGER_OPS: Readonly<Record<ManagerOp['op'], true>> = {
  'new-manager': true,
  'new-cow-table': true,
  'init-manager': true,
  'register-lazy': true,
  'unregister-lazy': true,
  'demand-page': true,
  'cow-fault': true,
  'mark-cow': true,
  'add-cow-entry': true,
  'mark-cow-range': true,
  'release-cow': true,
  'is-cow': true,
  'mapping-contains': true,
  'same-backing': true,
  'take-frame': true,
  'write-frame': true,
  'read-frame': true,
  'free-frame': true,
};

/** The label of the manager behind the functions that `demand-paging.ts` exports. */
export const GLOBAL_MANAGER = 'global';

/** Whether an operation is one on managers, or on frames that the driver holds. */
export function isManagerOp(op: Op): op is ManagerOp {
  return Object.hasOwn(MANAGER_OPS, op.op);
}
