/** `Va`, `Pa`, `Kva` and `FileBlockNumber`: checked functions on branded bigints. */
import type * as keos from '../../contract/keos.ts';
import { isCanonical } from '../../x86/address.ts';
import { DIRECT_MAP_BASE, DIRECT_MAP_BYTES } from '../machine.ts';
import { machine, panic } from './active-machine.ts';
import { show, u64 } from './checks.ts';

const PAGE_MASK = 0xfffn;
const PHYSICAL_END = 1n << 52n;

function addressOps<A extends bigint>(
  type: string,
  isValid: (value: bigint) => boolean,
): keos.AddressOps<A> {
  const check = (call: string, what: string, value: unknown): A => {
    if (typeof value !== 'bigint' || !isValid(value)) {
      panic(`${type}.${call}: ${what} is ${show(value)}, which is not a ${type}`);
    }
    return value as A;
  };
  const call = <T>(body: () => T): T => {
    machine().enter();
    const result = body();
    machine().leave();
    return result;
  };
  return {
    new: (value) =>
      call(() => {
        if (typeof value !== 'bigint')
          panic(`${type}.new: the value is ${show(value)}, not a bigint`);
        return isValid(value) ? (value as A) : null;
      }),
    add: (address, bytes) =>
      call(() => {
        const from: bigint = check('add', 'the address', address);
        return check('add', 'the sum', from + u64(`${type}.add`, 'the number of bytes', bytes));
      }),
    sub: (address, bytes) =>
      call(() => {
        const from: bigint = check('sub', 'the address', address);
        return check(
          'sub',
          'the difference',
          from - u64(`${type}.sub`, 'the number of bytes', bytes),
        );
      }),
    pageDown: (address) =>
      call(() => {
        const from: bigint = check('pageDown', 'the address', address);
        return (from & ~PAGE_MASK) as A;
      }),
    pageUp: (address) =>
      call(() => {
        const from: bigint = check('pageUp', 'the address', address);
        return check('pageUp', 'the page boundary above', (from + PAGE_MASK) & ~PAGE_MASK);
      }),
    offset: (address) =>
      call(() => {
        const from: bigint = check('offset', 'the address', address);
        return from & PAGE_MASK;
      }),
  };
}

const isPa = (value: bigint): boolean => value >= 0n && value < PHYSICAL_END;
const isKva = (value: bigint): boolean => value >= 0xffff_8000_0000_0000n && value < 1n << 64n;

export const Va: typeof keos.Va = addressOps('Va', isCanonical);

export const Pa: typeof keos.Pa = {
  ...addressOps<keos.Pa>('Pa', isPa),
  ZERO: 0n as keos.Pa,
  intoKva(pa) {
    machine().enter();
    if (typeof pa !== 'bigint' || pa < 0n || pa >= BigInt(DIRECT_MAP_BYTES)) {
      panic(`Pa.intoKva: ${show(pa)} is not in the kernel's direct map`);
    }
    machine().leave();
    return (pa + DIRECT_MAP_BASE) as keos.Kva;
  },
};

export const Kva: typeof keos.Kva = {
  ...addressOps<keos.Kva>('Kva', isKva),
  intoPa(kva) {
    machine().enter();
    const end = DIRECT_MAP_BASE + BigInt(DIRECT_MAP_BYTES);
    if (typeof kva !== 'bigint' || kva < DIRECT_MAP_BASE || kva >= end) {
      panic(`Kva.intoPa: ${show(kva)} is not in the kernel's direct map`);
    }
    machine().leave();
    return (kva - DIRECT_MAP_BASE) as keos.Pa;
  },
  intoVa(kva) {
    machine().enter();
    if (typeof kva !== 'bigint' || !isKva(kva)) panic(`Kva.intoVa: ${show(kva)} is not a Kva`);
    machine().leave();
    return kva as bigint as keos.Va;
  },
};

export const FileBlockNumber: typeof keos.FileBlockNumber = {
  new(n) {
    machine().enter();
    u64('FileBlockNumber.new', 'the number', n);
    machine().leave();
    return n as keos.FileBlockNumber;
  },
  fromOffset(offset) {
    machine().enter();
    const value = u64('FileBlockNumber.fromOffset', 'the offset', offset);
    machine().leave();
    return (value >> 12n) as keos.FileBlockNumber;
  },
  add(block, n) {
    machine().enter();
    const from: bigint = u64('FileBlockNumber.add', 'the block', block);
    const sum = u64(
      'FileBlockNumber.add',
      'the sum',
      from + u64('FileBlockNumber.add', 'the number of blocks', n),
    );
    machine().leave();
    return sum as keos.FileBlockNumber;
  },
};
