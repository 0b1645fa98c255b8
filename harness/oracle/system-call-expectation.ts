/**
 * What the calls of `MmStruct` must come to. It stands on the pager, so a wrong result may be the pager's: the calls between the two tell.
 */
import { hex, isCanonical } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { PagerCall, Step, Value } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelProcess } from './model-process.ts';
import { isBoolean } from './answers.ts';
import { leftOver, ofOthers } from './left-over.ts';
import type { ProcessExpectation } from './mismatch.ts';
import { outcomeText } from './words.ts';

const PAGE = 4096n;
const PROT_BITS = 7n;
const USER = 8;
const INVALID = 'KernelError.InvalidArgument';
/** What an object is called that the grader has not made. */
const UNKNOWN = 'an object';

/** What the pager itself must come to, if `MmStruct` asks it what it should. */
export type PagerExpectation = (
  op: Extract<ProcessOp, { op: 'mmap' | 'munmap' }>,
) => ProcessExpectation;

/** `MmStruct.mmap`: the registers are checked, the descriptor is looked up, the rest is the pager's. */
export function expectSysMmap(
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'sys-mmap' }>,
  expectOfPager: PagerExpectation,
): ProcessExpectation {
  const addr = BigInt(op.addr);
  const prot = BigInt(op.prot);
  const fd = BigInt.asIntN(32, BigInt(op.fd));
  const registers: string[] = [];
  if (!isCanonical(addr)) registers.push(`${op.addr} is no virtual address`);
  if ((prot & ~PROT_BITS) !== 0n) registers.push(`the protection ${op.prot} has undefined bits`);
  const open = fd === -1n ? { kind: 'none', file: null } : process.descriptors.get(Number(fd));
  const descriptor =
    open === undefined
      ? `descriptor ${String(fd)} is not open`
      : open.kind === 'file' || open.kind === 'none'
        ? null
        : `descriptor ${String(fd)} is ${open.kind === 'stdio' ? 'a standard stream' : `a ${open.kind}`}`;
  const asked = {
    op: 'mmap',
    process: op.process,
    addr: op.addr,
    size: op.size,
    prot: Number(prot & PROT_BITS) | USER,
    file: open?.file ?? null,
    offset: op.offset,
  } as const;
  if (registers.length === 0 && descriptor === null) {
    const pager = expectOfPager(asked);
    const wanted = [op.addr, op.size, hex(asked.prot), asked.file, op.offset];
    return throughPager(pager, 'AS-26', 'mmap', ([a, size, rights, file, offset]) => {
      const given = [hexOf(a), hexOf(size), hexOf(rights), fileOf(file), hexOf(offset)];
      return given.every(
        (value, index) =>
          value === wanted[index] ||
          // A size may be rounded up to whole pages on the way, a file may be wrapped (its bytes will tell), and without a file the offset does not matter.
          (index === 1 && roundedUp(value) === roundedUp(op.size)) ||
          (index === 3 && asked.file !== null && value === UNKNOWN) ||
          (index === 4 && asked.file === null),
      );
    });
  }
  const rule = registers.length > 0 ? 'AS-24' : 'AS-25';
  const why = registers[0] ?? descriptor ?? '';
  // With several things wrong each of their errors is right; what the pager would say of its arguments counts, too.
  const exactly =
    registers.length > 0 && descriptor === null && expectOfPager(asked).refusesExactly !== false;
  const text = `throws ${exactly ? INVALID : 'a KernelError'}: ${why}`;
  return {
    rule,
    text,
    judge: ({ outcome }) => {
      if (outcome.kind === 'error' && (!exactly || outcome.error === INVALID)) return null;
      const summary =
        outcome.kind === 'error'
          ? `the wrong error: ${outcome.error}`
          : `the system call mmap did not refuse what it must refuse: ${why}`;
      const harmless = outcome.kind === 'error';
      return { rule, summary, expected: text, observed: outcomeText(outcome), harmless };
    },
  };
}

/** `MmStruct.munmap`. */
export function expectSysMunmap(
  op: Extract<ProcessOp, { op: 'sys-munmap' }>,
  expectOfPager: PagerExpectation,
): ProcessExpectation {
  if (!isCanonical(BigInt(op.addr))) {
    const text = `throws a KernelError: ${op.addr} is no virtual address`;
    return {
      rule: 'AS-27',
      text,
      judge: ({ outcome }) =>
        outcome.kind === 'error'
          ? null
          : {
              rule: 'AS-27',
              summary: 'the system call munmap did not refuse an address that is none',
              expected: text,
              observed: outcomeText(outcome),
            },
    };
  }
  const pager = expectOfPager({ op: 'munmap', process: op.process, addr: op.addr });
  return throughPager(pager, 'AS-27', 'munmap', ([addr]) => hexOf(addr) === op.addr);
}

/** `MmStruct.accessOk`: every page that the range touches. */
export function expectAccessRange(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'access-range' }>,
): ProcessExpectation {
  const start = BigInt(op.addr);
  const end = BigInt(op.end);
  const allowed = (va: bigint): boolean => {
    if (!isCanonical(va) || va >= 1n << 47n) return false;
    const region = model.regionAt(process, Number(va));
    return region !== undefined && (region.prot & (op.write ? 2 : 1)) !== 0;
  };
  let bad: bigint | null = allowed(start) ? null : start;
  for (let at = (start & ~(PAGE - 1n)) + PAGE; bad === null && at < end; at += PAGE)
    if (!allowed(at)) bad = at;
  const isReversed = end < start;
  const wanted = !isReversed && bad === null;
  const rule = end <= start ? 'AS-23' : 'AS-22';
  const why = isReversed
    ? 'the range is reversed'
    : bad === null
      ? 'every page of it may be accessed'
      : `${hex(bad)} may not be ${op.write ? 'written' : 'read'}`;
  const text = `returns ${String(wanted)}: ${why}`;
  return {
    rule,
    panicRule: ({ asked = [] }) => {
      const last = asked.at(-1);
      return last?.answer.type === 'thrown' && addressAsked(last) !== null ? 'LP-20' : rule;
    },
    text,
    judge: (step) => {
      const { outcome } = step;
      if (isBoolean(outcome, wanted)) return null;
      const isPagers = !isReversed && isMisled(op, step, allowed);
      return {
        ...(isPagers ? { rule: 'LP-20', instead: rule } : { rule }),
        perhaps: bad === null ? [] : [...leftOver(process, bad), ...ofOthers(model, process, bad)],
        summary: `accessOk gives the wrong answer for ${op.write ? 'writing' : 'reading'} ${op.addr} to ${op.end}`,
        expected: text,
        observed: outcomeText(outcome),
        harmless: true,
      };
    },
  };
}

/** The address that the pager was asked about, `null` if it was asked about nothing that is one. */
function addressAsked({ call, args: [va, isWrite] }: PagerCall): bigint | null {
  if (call !== 'accessOk' || va?.type !== 'bigint' || isWrite?.type !== 'boolean') return null;
  return isCanonical(BigInt(va.value)) ? BigInt(va.value) : null;
}

/**
 * Whether the pager is to blame for what came out: some answer of it was wrong, and an `MmStruct` without a mistake comes to the same by its answers. A
 * page that it was not asked about counts as answered correctly.
 */
function isMisled(
  { addr, end, write }: Extract<ProcessOp, { op: 'access-range' }>,
  step: Step,
  allowed: (va: bigint) => boolean,
): boolean {
  const answers = new Map<bigint, PagerCall>();
  for (const call of step.asked ?? []) {
    const va = addressAsked(call);
    if (va !== null && call.args[1]?.value === String(write)) answers.set(pageOf(va), call);
  }
  let isWrong = false;
  for (let va = BigInt(addr); va === BigInt(addr) || va < BigInt(end); va = pageOf(va) + PAGE) {
    const call = answers.get(pageOf(va));
    const right = allowed(va);
    const isYes = call === undefined ? right : isTrue(call.answer);
    const isOdd = call !== undefined && call.answer.type !== 'boolean';
    isWrong ||= isOdd || isYes !== right;
    if (isOdd && passedOn(call, step)) return true;
    if (!isYes) return isWrong && isBoolean(step.outcome, false);
  }
  return isWrong && isBoolean(step.outcome, true);
}

/** What a condition makes of an answer; an exception is none. */
function isTrue({ type, value }: PagerCall['answer']): boolean {
  if (type === 'thrown' || type === 'undefined' || type === 'null') return false;
  return !['false', '', '0', '-0', '0x0', 'NaN'].includes(value);
}

function pageOf(va: bigint): bigint {
  return va & ~(PAGE - 1n);
}

/**
 * The pager's expectation, with `own` as the rule where the pager is not to blame: it was not asked, or not what it should have been, or answered
 * something else than what came out.
 */
function throughPager(
  pager: ProcessExpectation,
  own: string,
  call: PagerCall['call'],
  isRight: (args: readonly (Value | undefined)[]) => boolean,
): ProcessExpectation {
  return {
    rule: own,
    panicRule: ({ asked = [] }) => {
      const last = asked.at(-1);
      return last?.answer.type === 'thrown' && isRight(last.args) ? pager.rule : own;
    },
    text: pager.text,
    judge: (step) => {
      // What is wrong with a bad value is not what was returned.
      const { outcome } = step;
      const isBad = outcome.kind === 'bad-value';
      const mismatch = pager.judge(
        isBad ? { ...step, outcome: { kind: 'ok', value: outcome.value } } : step,
      );
      const asked = (step.asked ?? []).filter((each) => each.call === call);
      const last = asked.at(-1);
      const isPassedOn = last !== undefined && passedOn(last, step);
      if (mismatch !== null && isPassedOn && isRight(last.args))
        return { ...mismatch, instead: own };
      if (mismatch !== null)
        return { ...mismatch, rule: own, observed: `${mismatch.observed}${askedText(last)}` };
      if (isBad)
        return {
          rule: own,
          summary: `${outcome.what}, and it did`,
          expected: pager.text,
          observed: outcomeText(outcome),
          harmless: true,
        };
      // The pager did something, and not what the registers ask: it will show later.
      if (step.outcome.kind !== 'ok' || last === undefined || isRight(last.args)) return null;
      const observed = `${outcomeText(step.outcome)}${askedText(last)}`;
      const summary = `the system call ${call} asks the pager for something else`;
      return { rule: own, summary, expected: pager.text, observed };
    },
  };
}

/** Whether the outcome is what the pager answered. */
function passedOn({ answer }: PagerCall, { outcome }: Step): boolean {
  if (answer.type === 'thrown') return outcome.kind === 'error' && outcome.error === answer.value;
  return (
    outcome.kind === 'ok' &&
    outcome.value?.type === answer.type &&
    outcome.value.value === answer.value
  );
}

function askedText(asked: PagerCall | undefined): string {
  if (asked === undefined) return '; the pager was not asked';
  const args = asked.args.map(({ type, value }) => (type === 'undefined' ? 'undefined' : value));
  return `; the pager was asked for ${asked.call}(${args.join(', ')})`;
}

function hexOf(value: Value | undefined): Hex | null {
  return value?.type === 'bigint' ? value.value : null;
}

/** Label of a file that was passed on, `null` for none, `undefined` for anything else. */
function fileOf(value: Value | undefined): string | null | undefined {
  if (value?.type === 'null') return null;
  return value?.type === 'object' ? value.value : undefined;
}

function roundedUp(size: string | null | undefined): bigint | null {
  return typeof size === 'string' && size.startsWith('0x')
    ? (BigInt(size) + PAGE - 1n) / PAGE
    : null;
}
