/**
 * What each operation on a process must come to, according to the address-space model, and how the model follows.
 */
import type { ProcessOp } from '../protocol/program.ts';
import { planAccess } from './access-plan.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelProcess } from './model-process.ts';
import { expectFork } from './fork-expectation.ts';
import { expectAccessOk, expectGetUserPage } from './lookup-expectation.ts';
import { expectMmap } from './mapping-expectation.ts';
import { expectMunmap } from './unmapping-expectation.ts';
import type { ProcessExpectation } from './mismatch.ts';
import { pageOf, USER_END } from './region-rules.ts';
import { expectAccessRange, expectSysMmap, expectSysMunmap } from './system-call-expectation.ts';
import { outcomeText } from './words.ts';

/** What `op` must come to now. */
export function expectProcessOp(model: AddressSpaceModel, op: ProcessOp): ProcessExpectation {
  switch (op.op) {
    case 'file':
      return always(() =>
        model.files.set(op.file, {
          current: op,
          cached: op.cached ?? false,
          past: [],
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
      return mustSucceed('LP-21', 'the process is gone', () => model.exit(op.process));
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
    violates && BigInt(addr) < USER_END && ((code & 2) === 0 || !process.pages.has(pageOf(addr)))
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
