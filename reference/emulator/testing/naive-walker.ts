/**
 * A second walker, written sentence by sentence from the Intel SDM vol. 3A, chapter "Paging", and as slow as it likes. It shares no code with the emulator:
 * what both say is what the manual says, or two mistakes that agree.
 */
import type { PagingControls } from '../../x86/access.ts';
import type { Access } from '../walker.ts';

/** Words of memory by physical address. */
export interface PlainMemory {
  read(pa: bigint): bigint;
  write(pa: bigint, word: bigint): void;
}

/** Where an access ends: at a physical address on a page of so many bytes, or in a page fault. */
export type Ending =
  | {
      readonly pa: bigint;
      readonly pageSize: bigint;
      readonly writable: boolean;
      readonly user: boolean;
      readonly executable: boolean;
      readonly global: boolean;
    }
  | { readonly code: number };

interface Used {
  readonly pa: bigint;
  readonly word: bigint;
}

/** What the access comes to, with accessed and dirty flags set in `memory`. `linear` is an unsigned 64-bit canonical address. */
export function walkByTheManual(
  memory: PlainMemory,
  cr3: bigint,
  linear: bigint,
  { kind, mode, ac = false }: Access,
  { wp, smep, smap, nxe, pge, maxPhyAddr }: PagingControls,
): Ending {
  // Section "Page-Fault Exceptions": flags that describe the access.
  let describing = 0;
  if (kind === 'write') describing += 2;
  if (mode === 'user') describing += 4;
  if (kind === 'fetch' && (nxe || smep)) describing += 16;

  // Section "Linear-Address Translation with 4-Level Paging and 5-Level Paging".
  const used: Used[] = [];
  let base = cr3;
  let pageBits = 12n;
  for (const [name, lowest] of [
    ['PML4E', 39n],
    ['PDPTE', 30n],
    ['PDE', 21n],
    ['PTE', 12n],
  ] as const) {
    const pa = base + 8n * ((linear >> lowest) % 512n);
    const word = memory.read(pa);
    const bit = (n: bigint) => (word >> n) % 2n === 1n;
    if (!bit(0n)) return { code: describing };

    const isLargePage = bit(7n) && (name === 'PDPTE' || name === 'PDE');
    const reserved: bigint[] = [];
    for (let n = BigInt(maxPhyAddr); n <= 51n; n++) reserved.push(n);
    if (!nxe) reserved.push(63n);
    if (name === 'PML4E') reserved.push(7n);
    if (isLargePage) for (let n = 13n; n < lowest; n++) reserved.push(n);
    if (reserved.some(bit)) return { code: describing + 8 + 1 };

    used.push({ pa, word });
    base = word & 0x000f_ffff_ffff_f000n;
    if (isLargePage) {
      pageBits = lowest;
      break;
    }
  }

  // Section "Determination of Access Rights".
  const every = (n: bigint) => used.every(({ word }) => (word >> n) % 2n === 1n);
  const isUserAddress = every(2n);
  const isWritable = every(1n);
  const isExecutable = !nxe || used.every(({ word }) => word < 1n << 63n);
  const allowed = ((): boolean => {
    if (mode === 'user') {
      if (!isUserAddress) return false;
      if (kind === 'fetch') return isExecutable;
      return kind === 'read' || isWritable;
    }
    if (kind === 'fetch') return isUserAddress && smep ? false : isExecutable;
    const isKeptOff = isUserAddress && smap && !ac;
    if (kind === 'read') return !isKeptOff;
    return wp ? isWritable && !isKeptOff : !isKeptOff;
  })();
  if (!allowed) return { code: describing + 1 };

  // Section "Accessed and Dirty Flags". One entry may have been used at several levels.
  for (const { pa } of used) memory.write(pa, memory.read(pa) | 32n);
  const leaf = used.at(-1)!;
  if (kind === 'write') memory.write(leaf.pa, memory.read(leaf.pa) | 64n);
  const pageSize = 1n << pageBits;
  return {
    pa: base - (base % pageSize) + (linear % pageSize),
    pageSize,
    writable: isWritable,
    user: isUserAddress,
    executable: isExecutable,
    global: pge && (leaf.word >> 8n) % 2n === 1n,
  };
}
