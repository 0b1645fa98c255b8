/** The steps of a program of managers as a person would write them down. */
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { Backing, ManagerOp } from '../protocol/program.ts';
import { pageFlagsText } from './manager-words.ts';
import { byteText } from './words.ts';

/** One sentence about an operation. */
export function managerSentence(op: ManagerOp): string {
  switch (op.op) {
    case 'new-manager':
      return `${op.manager} = new DemandPagingManager()`;
    case 'new-cow-table':
      return `${op.manager} = new CowTable()`;
    case 'init-manager':
      return 'init()';
    case 'register-lazy': {
      const backing =
        op.file === null ? 'anonymous' : `${op.file} from offset ${BigInt(op.offset).toString()}`;
      const args = `${op.addr}, size ${op.size}, ${pageFlagsText(BigInt(op.flags))}, ${backing}`;
      return isFunction(op) ? `registerLazy(${args})` : `${on(op)}.registerLazy(${args})`;
    }
    case 'unregister-lazy':
      return `${on(op)}.unregisterLazy(${op.addr})`;
    case 'demand-page': {
      const call = isFunction(op)
        ? `handlePageFault(${op.va})`
        : `${on(op)}.tryDemandPage(${op.va})`;
      return `[${op.frame}, flags] = ${call}`;
    }
    case 'cow-fault':
      return `${op.frame} = ${on(op)}.handleCowFault(${op.va})`;
    case 'mark-cow':
      return `${table(op)}.markCow(${op.va}, ${op.frame})`;
    case 'add-cow-entry':
      return `${on(op)}.addCowEntry(${op.va}, ${op.frame})`;
    case 'mark-cow-range': {
      const pages = op.pages.map(({ va, frame }) => `[${va}, ${frame}]`).join(', ');
      return `${on(op)}.markCowRange(${op.base}, [${pages}])`;
    }
    case 'release-cow':
      return `${table(op)}.release(${op.va}); if it is true, ${op.frees} is freed`;
    case 'is-cow':
      return `${table(op)}.isCow(${op.va})`;
    case 'mapping-contains':
      return `new LazyMapping(${op.addr}, size ${op.size}, …).contains(${op.va})`;
    case 'same-backing':
      return `BackingType.equals(${backingText(op.first)}, ${backingText(op.second)})`;
    case 'take-frame':
      return `${op.frame} = a frame of the caller's, filled with ${byteText(op.fill)}`;
    case 'write-frame':
      return `the caller stores ${byteText(op.value)} in ${range(op)} of ${op.frame}`;
    case 'read-frame':
      return `the caller looks at ${range(op)} of ${op.frame}`;
    case 'free-frame':
      return `the caller frees ${op.frame}`;
  }
}

/** Whether a call on the global manager is made by its exported function. */
function isFunction(op: { readonly manager: string; readonly within?: true }): boolean {
  return op.manager === GLOBAL_MANAGER && op.within !== true;
}

function on({ manager }: { readonly manager: string }): string {
  return manager === GLOBAL_MANAGER ? 'withManagerMut: manager' : manager;
}

function table(op: { readonly manager: string; readonly bare?: true }): string {
  return op.bare === true ? op.manager : `${on(op)}.cowTable`;
}

function backingText(backing: Backing): string {
  return backing === 'anonymous'
    ? 'Anonymous'
    : `FileBacked({ inode: ${backing.inode}, offset: ${backing.offset} })`;
}

function range({ at, length }: { readonly at: number; readonly length: number }): string {
  if (at === 0 && length === 4096) return 'all bytes';
  if (length === 1) return `byte ${String(at)}`;
  return `bytes ${String(at)} to ${String(at + length - 1)}`;
}
