/**
 * What each operation on a process must come to, according to the address-space model, and how the model follows.
 */
import { isUnreadable } from '../../reference/contract/file-rule.ts';
import { hex, LOWER_HALF_END } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { Outcome } from '../protocol/trace.ts';
import { contentRule, planAccess, unreadableText } from './access-plan.ts';
import {
  type AddressSpaceModel,
  type ModelFile,
  type ModelProcess,
  type Region,
  wasUnmappedIn,
} from './address-space-model.ts';
import { expectFork } from './fork-expectation.ts';
import { wrongByte } from './fork-rules.ts';
import { leftByMapping } from './left-over.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { doOverlap, type Extent, extentOf, refusals } from './region-rules.ts';
import { expectAccessRange, expectSysMmap, expectSysMunmap } from './system-call-expectation.ts';
import { byteText, outcomeText, permissionText, valueText } from './words.ts';

/** True for an outcome that refuses with an error of the interface. */
function isRefusal(outcome: Outcome): boolean {
  return outcome.kind === 'error' || outcome.kind === 'killed';
}

/** What `op` must come to now. */
export function expectProcessOp(model: AddressSpaceModel, op: ProcessOp): ProcessExpectation {
  switch (op.op) {
    case 'file':
      return always(() =>
        model.files.set(op.file, {
          current: op,
          cached: op.cached ?? false,
          stores: new Set(),
        }),
      );
    case 'truncate':
    case 'rewrite':
      return always(() => {
        const file = model.files.get(op.file);
        if (file === undefined) return;
        const change = op.op === 'truncate' ? { size: op.size } : { seed: op.seed };
        model.changeFile(file, { ...file.current, ...change });
      });
    case 'spawn':
      return mustSucceed('LP-1', 'a new process', () => {
        model.spawn(op.process);
      });
    default: {
      const process = model.processes.get(op.process);
      if (process === undefined) return always(() => undefined);
      return expectOnProcess(model, process, op);
    }
  }
}

type OnProcess = Exclude<ProcessOp, { op: 'file' | 'truncate' | 'rewrite' | 'spawn' }>;

function expectOnProcess(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: OnProcess,
): ProcessExpectation {
  switch (op.op) {
    case 'mmap':
      return expectMmap(model, process, op);
    case 'munmap':
      return expectMunmap(model, process, op);
    case 'access-ok':
      return expectAccessOk(model, process, op);
    case 'get-user-page':
      return expectGetUserPage(model, process, op);
    case 'access':
      return planAccess(model, process, op);
    case 'page-fault':
      return isImpossibleFault(process, op)
        ? anyAnswer(model, process, op)
        : planAccess(model, process, {
            op: 'access',
            process: op.process,
            addr: op.addr,
            length: 1,
            kind: (op.code & 2) !== 0 ? 'write' : (op.code & 16) !== 0 ? 'fetch' : 'read',
            mode: (op.code & 4) !== 0 ? 'user' : 'supervisor',
            handlerOnly: true,
            code: op.code,
          });
    case 'open':
      return always(() => process.descriptors.set(op.fd, { kind: op.kind, file: op.file ?? null }));
    case 'sys-mmap':
      return expectSysMmap(process, op, (asked) => expectOfPager(model, process, asked));
    case 'sys-munmap':
      return expectSysMunmap(op, (asked) => expectOfPager(model, process, asked));
    case 'access-range':
      return expectAccessRange(model, process, op);
    case 'fork':
      return expectFork(model, process, op);
    case 'exit':
      return mustSucceed('LP-21', 'the process is gone', () => model.processes.delete(op.process));
  }
}

function expectOfPager(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'mmap' | 'munmap' }>,
): ProcessExpectation {
  return op.op === 'mmap' ? expectMmap(model, process, op) : expectMunmap(model, process, op);
}

/** A fault that the processor would not report now: a violated right of a page that is not loaded, or that loading cannot cure. */
function isImpossibleFault(
  process: ModelProcess,
  { addr, code }: Extract<ProcessOp, { op: 'page-fault' }>,
): boolean {
  const violates = (code & 1) !== 0;
  return (
    violates &&
    BigInt(addr) < 0x8000_0000_0000n &&
    ((code & 2) === 0 || !process.pages.has(pageOf(addr)))
  );
}

function anyAnswer(
  model: AddressSpaceModel,
  process: ModelProcess,
  { addr }: Extract<ProcessOp, { op: 'page-fault' }>,
): ProcessExpectation {
  return {
    rule: 'LP-13',
    text: 'success or an error',
    judge: () => {
      if (model.regionAt(process, pageOf(addr)) !== undefined)
        model.touchMaybe(process, pageOf(addr));
      return null;
    },
  };
}

/** Whether a region was at `addr` once: if it seems to be there still, munmap has not done its work. */
function wasUnmapped(process: ModelProcess, addr: Hex): boolean {
  return process.unmapped.has(pageOf(addr));
}

function pageOf(addr: Hex): number {
  return Number(BigInt(addr) & ~0xfffn);
}

/** The rule about an answer that has to be "no": one of its own for addresses of the kernel half. */
function refusalRule(addr: Hex, otherwise: string): string {
  return BigInt(addr) < 0x8000_0000_0000n ? otherwise : 'LP-24';
}

function always(apply: () => unknown): ProcessExpectation {
  return { rule: 'LP-1', text: 'success', judge: () => (apply(), null) };
}

function mustSucceed(rule: string, text: string, apply: () => void): ProcessExpectation {
  return {
    rule,
    text,
    judge: ({ outcome }) => {
      if (outcome.kind === 'ok') {
        apply();
        return null;
      }
      return {
        rule,
        summary: `it should have worked, but ${outcomeText(outcome)}`,
        expected: text,
        observed: outcomeText(outcome),
      };
    },
  };
}

function expectMmap(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'mmap' }>,
): ProcessExpectation {
  const file = op.file === null ? null : (model.files.get(op.file) ?? null);
  const reasons = refusals(
    { ...op, fileSize: file === null ? null : file.current.size },
    process.regions,
  );
  const [reason] = reasons;
  if (reason === undefined && model.eager && file !== null) {
    const unreadable = expectUnreadable(file, op);
    if (unreadable !== null) return unreadable;
  }
  if (reason === undefined) {
    const text = `returns the start address, ${op.addr}`;
    return {
      rule: 'LP-1',
      text,
      judge: ({ outcome, injected }) => {
        const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
        const hadFailed = process.failedMappings.has(start);
        if (injected && isRefusal(outcome)) {
          process.failedMappings.set(start, pages);
          return null;
        }
        const returned =
          outcome.kind === 'ok' &&
          outcome.value?.type === 'bigint' &&
          BigInt(outcome.value.value) === BigInt(op.addr);
        if (outcome.kind === 'ok') {
          const extent = extentOf(BigInt(op.addr), BigInt(op.size));
          model.map(process, {
            ...extent,
            prot: op.prot,
            file,
            label: op.file,
            offset: Number(BigInt(op.offset)),
            size: Number(BigInt(op.size)),
            afterFailure: injected || hadFailed,
          });
        }
        if (returned) return null;
        const summary =
          outcome.kind === 'ok'
            ? 'mmap returned something else than the start address'
            : 'mmap refused a mapping that is allowed';
        const [rule = 'LP-1', ...perhaps] =
          outcome.kind === 'ok' ? [] : refusalRules(model, process, op, hadFailed);
        return {
          rule,
          perhaps,
          summary,
          expected: text,
          observed: outcomeText(outcome),
          va: op.addr,
          harmless: outcome.kind === 'ok',
        };
      },
    };
  }
  const exactly = reasons.every((each) => each.exactly);
  const text = `throws ${exactly ? 'KernelError.InvalidArgument' : 'a KernelError'}: ${reason.why}`;
  return {
    rule: reason.rule,
    text,
    refusesExactly: exactly,
    judge: ({ outcome }) => {
      const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
      const overlapped = process.regions.filter((region) => doOverlap(region, { start, pages }));
      if (outcome.kind === 'error' && reason.rule === 'LP-3' && overlapped.length === 0)
        process.refusedMappings.set(start, pages);
      if (outcome.kind === 'error')
        for (const region of overlapped) process.overlapped.set(region.start, region.pages);
      if (outcome.kind === 'error' && (!exactly || outcome.error === 'KernelError.InvalidArgument'))
        return null;
      const harmless = outcome.kind === 'error';
      const summary =
        outcome.kind === 'error'
          ? `the wrong error: ${outcome.error}`
          : `mmap accepted what it must refuse: ${reason.why}`;
      return {
        rule: reason.rule,
        summary,
        expected: text,
        observed: outcomeText(outcome),
        harmless,
      };
    },
  };
}

/** Rules that a mapping may break which is refused though it is allowed, by what is special about it: the most special one first. */
function refusalRules(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'mmap' }>,
  hadFailed: boolean,
): readonly string[] {
  const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
  const isMet = (other: Extent): boolean => doOverlap(other, { start, pages });
  const others = [...model.processes.values()].filter((each) => each !== process);
  const size = op.file === null ? Infinity : (model.files.get(op.file)?.current.size ?? Infinity);
  const refused = [...process.refusedMappings].map(([at, count]) => ({ start: at, pages: count }));
  const reasons: readonly (readonly [string, boolean])[] = [
    // A mapping that had failed once must work when it is repeated.
    ['LP-23', hadFailed],
    ['LP-8', Number(BigInt(op.offset)) + Number(BigInt(op.size)) > size],
    ['LP-2', start + pages * 4096 === LOWER_HALF_END],
    ['LP-18', others.some(({ regions }) => regions.some(isMet))],
    ['LP-3', refused.some(isMet)],
    ['LP-1', true],
    ['LP-14', wasUnmappedIn(process, { start, pages })],
  ];
  return reasons.filter(([, applies]) => applies).map(([rule]) => rule);
}

/** An eager pager reads the file at once: a block that cannot be read is an error of `mmap`. `null` if all can. */
function expectUnreadable(
  file: ModelFile,
  op: Extract<ProcessOp, { op: 'mmap' }>,
): ProcessExpectation | null {
  const { pages } = extentOf(BigInt(op.addr), BigInt(op.size));
  const first = Number(BigInt(op.offset)) / 4096;
  const block = Array.from({ length: pages }, (_, i) => first + i).find((each) =>
    isUnreadable(file.current, each),
  );
  if (block === undefined) return null;
  const text = `throws a KernelError: block ${String(block)} of ${op.file ?? 'the file'} cannot be read`;
  return {
    rule: 'LP-23',
    text,
    refusesExactly: false,
    judge: ({ outcome }) =>
      outcome.kind !== 'ok'
        ? null
        : {
            rule: 'LP-23',
            perhaps: ['LP-7'],
            summary: 'mmap succeeded although a block of the file cannot be read',
            expected: text,
            observed: outcomeText(outcome),
            va: op.addr,
          },
  };
}

function expectMunmap(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'munmap' }>,
): ProcessExpectation {
  const region = process.regions.find((r) => BigInt(r.start) === BigInt(op.addr));
  if (region === undefined) {
    const text = `throws a KernelError: no region starts at ${op.addr}`;
    return {
      rule: 'LP-15',
      text,
      judge: ({ outcome }) =>
        outcome.kind === 'error'
          ? null
          : {
              rule: 'LP-15',
              summary: 'munmap accepted an address at which no region starts',
              expected: text,
              observed: outcomeText(outcome),
              va: op.addr,
            },
    };
  }
  const text = 'returns 0, and the whole region is gone';
  return {
    rule: 'LP-14',
    text,
    judge: ({ outcome }) => {
      if (outcome.kind === 'ok') model.unmap(process, region);
      if (
        outcome.kind === 'ok' &&
        outcome.value?.type === 'bigint' &&
        BigInt(outcome.value.value) === 0n
      )
        return null;
      const summary =
        outcome.kind === 'ok'
          ? 'munmap returned something else than 0'
          : 'munmap refused a region that is mapped';
      const harmless = outcome.kind === 'ok';
      const hadFailed = [...process.failed.keys()].some((page) =>
        doOverlap(region, { start: page, pages: 1 }),
      );
      return {
        rule: 'LP-14',
        perhaps: hadFailed ? ['LP-23'] : [],
        summary,
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
        harmless,
      };
    },
  };
}

function expectAccessOk(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'access-ok' }>,
): ProcessExpectation {
  const region = model.regionAt(process, Number(BigInt(op.addr)));
  const wanted = region !== undefined && (region.prot & (op.write ? 2 : 1)) !== 0;
  const why =
    region === undefined
      ? 'no region contains the address'
      : `the region has ${permissionText(region.prot)}`;
  const text = `returns ${String(wanted)}: ${why}`;
  const former = wasUnmapped(process, op.addr);
  const rule = refusalRule(op.addr, former ? 'LP-14' : 'LP-20');
  // Who does not find the region for an access does not find it here, either.
  const lost = region === undefined ? [] : ['LP-6', 'LP-9'];
  const perhaps = [...(former ? ['LP-20'] : lost), ...leftByMapping(process, BigInt(op.addr))];
  return {
    rule,
    text,
    judge: ({ outcome }) =>
      outcome.kind === 'ok' &&
      outcome.value?.type === 'boolean' &&
      outcome.value.value === String(wanted)
        ? null
        : {
            rule,
            summary: `accessOk gives the wrong answer for a ${op.write ? 'write' : 'read'} at ${op.addr}`,
            expected: text,
            observed: outcomeText(outcome),
            perhaps,
            harmless: true,
          },
  };
}

function expectGetUserPage(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'get-user-page' }>,
): ProcessExpectation {
  const address = Number(BigInt(op.addr));
  const region = model.regionAt(process, address);
  if (region === undefined) {
    const text = 'returns null: nothing is mapped there';
    const former = wasUnmapped(process, op.addr);
    const natural = former ? 'LP-14' : 'LP-19';
    const rule = refusalRule(op.addr, natural);
    const perhaps = [...(former ? ['LP-19'] : []), ...leftByMapping(process, BigInt(op.addr))];
    return {
      rule,
      text,
      judge: ({ outcome, injected }) =>
        (outcome.kind === 'ok' && outcome.value?.type === 'null') ||
        (injected && isRefusal(outcome))
          ? null
          : {
              // An error is no leak of the kernel half, and just not the answer asked for.
              rule: isRefusal(outcome) ? natural : rule,
              summary: `getUserPage must answer null for ${op.addr}`,
              expected: text,
              observed: outcomeText(outcome),
              perhaps,
              harmless: true,
            },
    };
  }
  if (model.cannotLoad(process, region, pageOf(op.addr)))
    return mustNotLoad(model, process, region, op);
  const text = `returns the page that holds ${op.addr} and ${permissionText(region.prot)}`;
  return {
    rule: 'LP-19',
    text,
    judge: ({ outcome, injected }) => {
      const isNull = outcome.kind === 'ok' && outcome.value?.type === 'null';
      const start = address - (address % 4096);
      const fresh = !process.pages.has(start);
      if (injected && (isNull || isRefusal(outcome))) {
        if (fresh) process.failed.set(start, 'get-user-page');
        model.touchMaybe(process, start);
        return null;
      }
      // A load that had failed once must work when it is repeated.
      const afterFailure = fresh && (injected || process.failed.has(start));
      const mismatch = (
        summary: string,
        observed: string,
        rule = 'LP-19',
        perhaps: readonly string[] = [
          ...['LP-6', 'LP-8', 'LP-9', 'LP-19', 'LP-21'],
          ...leftByMapping(process, BigInt(op.addr)),
        ],
      ): Mismatch => ({
        perhaps,
        harmless: true,
        rule,
        summary,
        expected: text,
        observed,
        va: op.addr,
      });
      if (outcome.kind !== 'ok' || outcome.bytes === undefined) {
        // It may have loaded the page all the same.
        model.touchMaybe(process, start);
        return mismatch(
          `getUserPage found no page at ${op.addr}, which is mapped`,
          isNull ? 'returned null' : outcomeText(outcome),
          afterFailure ? 'LP-23' : 'LP-19',
        );
      }
      const page = model.touch(process, region, start);
      const seen = outcome.bytes[0]?.[0] ?? 0;
      const wanted = page.contents.expected(address % 4096);
      if (!page.contents.sees(address % 4096, seen)) {
        const at = [start, address % 4096, seen] as const;
        const natural = contentRule(
          process,
          region,
          page,
          start,
          address % 4096,
          seen,
          fresh,
          afterFailure,
          false,
        );
        page.contents.forget();
        const observed = `byte ${byteText(seen)} at offset ${hex(address % 4096)}, not ${byteText(wanted)}`;
        const summary = 'the page returned does not hold what the process must see';
        return {
          ...mismatch(summary, observed),
          perhaps: [],
          ...wrongByte(process, page, region, at, natural),
        };
      }
      const { perm } = outcome;
      if (perm?.type === 'bigint' && BigInt(perm.value) === BigInt(region.prot)) return null;
      const shown =
        perm?.type === 'bigint' ? permissionText(Number(BigInt(perm.value))) : valueText(perm);
      return mismatch('getUserPage returned another permission than the one given to mmap', shown);
    },
  };
}

/** `getUserPage` of a page whose block of the file cannot be read. */
function mustNotLoad(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  op: Extract<ProcessOp, { op: 'get-user-page' }>,
): ProcessExpectation {
  const page = pageOf(op.addr);
  const text = `returns null or throws a KernelError: ${unreadableText(region, page)}`;
  return {
    rule: 'LP-23',
    text,
    judge: ({ outcome }) => {
      model.touchMaybe(process, page);
      if (isRefusal(outcome) || (outcome.kind === 'ok' && outcome.value?.type === 'null'))
        return null;
      return {
        rule: 'LP-23',
        perhaps: ['LP-7', ...leftByMapping(process, BigInt(op.addr))],
        summary: 'getUserPage returned a page that could not be read',
        harmless: true,
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
      };
    },
  };
}
