/** What each operation on a demand-paging manager must come to, according to the manager model, and how the model follows. */
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { ManagerOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import { isBoolean } from './answers.ts';
import { expectCowFault, judgeCowFault, judgeIsCow, judgeMark, judgeRelease } from './cow-judge.ts';
import { expectDemandPage, judgeDemandPage } from './demand-page-judge.ts';
import { broken, type Findings, noted, NOTHING } from './findings.ts';
import { judgeReadFrame } from './frame-judge.ts';
import { LazyMappingModel } from './lazy-mapping-model.ts';
import type { ManagerModel } from './manager-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import { managerOutcomeText } from './manager-words.ts';
import { PageContents } from './page-contents.ts';

const PAGE_BYTES = 4096;

type Op<K extends ManagerOp['op']> = Extract<ManagerOp, { op: K }>;

/** What an operation has to come to: the rule that a panic breaks (`null`: the rules leave even that open), and how its step is judged. */
export interface Expectation {
  readonly rule: RuleId | null;
  readonly text: string;
  readonly judge: (step: Step) => Findings;
}

/** What `op` must come to now. */
export function expectManagerOp(model: ManagerModel, op: ManagerOp): Expectation {
  switch (op.op) {
    case 'new-manager':
    case 'new-cow-table': {
      const rule = op.op === 'new-manager' ? RULE.firstFault : RULE.counting;
      return mustReturn(rule, 'an empty one', () => model.managerMade(op.manager));
    }
    case 'init-manager':
      return mustReturn(RULE.init, 'a new, empty global manager', () => {
        model.initGlobal();
      });
    case 'register-lazy':
      return expectRegister(model, op);
    case 'unregister-lazy':
      return mustReturn(RULE.unregister, 'returns', () => {
        model.managerMade(op.manager).unregister(BigInt(op.addr));
      });
    case 'demand-page': {
      const expected = expectDemandPage(model, op);
      const rule = expected.kind === 'refusal' ? expected.rule : RULE.firstFault;
      const text = expected.kind === 'open' ? 'a frame or an error' : expected.text;
      return { rule, text, judge: (seen) => judgeDemandPage(model, op, expected, seen) };
    }
    case 'cow-fault': {
      const expected = expectCowFault(model, op);
      const rules = { open: null, refusal: RULE.lookUp, copy: RULE.copy } as const;
      const text = expected.kind === 'open' ? 'a frame or an error' : expected.text;
      const judge = (seen: Step): Findings => judgeCowFault(model, op, expected, seen);
      return { rule: rules[expected.kind], text, judge };
    }
    case 'mark-cow':
    case 'add-cow-entry':
    case 'mark-cow-range': {
      const rule = op.op === 'mark-cow' ? RULE.counting : RULE.ranges;
      return { rule, text: 'returns', judge: (seen) => judgeMark(model, op, seen) };
    }
    case 'release-cow': {
      const judge = (seen: Step): Findings => judgeRelease(model, op, seen);
      return { rule: RULE.counting, text: 'returns true or false', judge };
    }
    case 'is-cow': {
      const judge = (seen: Step): Findings => judgeIsCow(model, op, seen);
      return { rule: RULE.isCow, text: 'returns true or false', judge };
    }
    case 'mapping-contains':
      return expectContains(op);
    case 'same-backing':
      return expectSameBacking(op);
    case 'take-frame':
      return onFrame(({ outcome }) => {
        const contents = new PageContents([new Uint8Array(PAGE_BYTES).fill(op.fill)]);
        if (outcome.kind === 'ok' && outcome.frame !== undefined)
          model.keep(op.frame, outcome.frame, { kind: 'driver' }, contents);
      });
    case 'free-frame':
      return onFrame(() => {
        const frame = model.frames.get(op.frame);
        if (frame !== undefined) frame.isFree = true;
      });
    case 'write-frame':
      return onFrame(() => {
        const frame = model.frames.get(op.frame);
        frame?.contents?.write(op.at, op.at + op.length, op.value);
        frame?.seen.fill(1, op.at, op.at + op.length);
      });
    case 'read-frame':
      return { ...onFrame(() => undefined), judge: (seen) => judgeReadFrame(model, op, seen) };
  }
}

/** What the driver does with its own frames cannot go wrong. */
function onFrame(follow: (step: Step) => void): Expectation {
  return { rule: null, text: 'success', judge: (step) => (follow(step), NOTHING) };
}

function mustReturn(rule: RuleId, text: string, follow: () => unknown): Expectation {
  return {
    rule,
    text,
    judge: ({ outcome }) => {
      if (outcome.kind === 'ok') {
        follow();
        return NOTHING;
      }
      const observed = managerOutcomeText(outcome);
      return broken({
        rule,
        summary: `it should have worked, but ${observed}`,
        expected: text,
        observed,
      });
    },
  };
}

function expectRegister(model: ManagerModel, op: Op<'register-lazy'>): Expectation {
  const isLost =
    op.manager === GLOBAL_MANAGER && op.within !== true && model.manager(op.manager) === null;
  const rule = isLost ? RULE.init : RULE.lazy;
  const text = isLost ? 'returns, and the mapping is lost: there is no manager yet' : 'returns';
  return {
    rule,
    text,
    judge: ({ outcome }) => {
      const mapping = new LazyMappingModel({
        start: BigInt(op.addr),
        size: BigInt(op.size),
        flags: BigInt(op.flags),
        file: op.file === null ? null : (model.files.get(op.file) ?? null),
        offset: BigInt(op.offset),
      });
      const manager = isLost ? null : model.managerMade(op.manager);
      manager?.register(mapping);
      const isDisputed = manager?.disputed.includes(mapping) === true;
      if (outcome.kind === 'ok' || isDisputed) return NOTHING;
      const observed = managerOutcomeText(outcome);
      const refused = { rule, summary: 'registerLazy refused a mapping', expected: text, observed };
      if (outcome.kind !== 'error') return broken(refused);
      // It may be there all the same.
      manager?.dispute(mapping);
      return noted({ ...refused, hides: true });
    },
  };
}

function expectContains(op: Op<'mapping-contains'>): Expectation {
  const [start, size, address] = [op.addr, op.size, op.va].map(BigInt) as [bigint, bigint, bigint];
  const mapping = new LazyMappingModel({ start, size, flags: 0n, file: null, offset: 0n });
  const wanted = address >= start && address < start + size;
  const text = `returns ${String(wanted)}: the mapping ends before 0x${(start + size).toString(16)}`;
  const judge = yesOrNo(RULE.contains, wanted, text, 'contains gives the wrong answer');
  // Some count the last page in full.
  const isOpen = mapping.isBeyond(address);
  return { rule: RULE.contains, text, judge: isOpen ? () => NOTHING : judge };
}

function expectSameBacking({ first, second }: Op<'same-backing'>): Expectation {
  const wanted =
    first === 'anonymous' || second === 'anonymous'
      ? first === second
      : BigInt(first.inode) === BigInt(second.inode) &&
        BigInt(first.offset) === BigInt(second.offset);
  const text = `returns ${String(wanted)}`;
  const judge = yesOrNo(RULE.backing, wanted, text, 'equals gives the wrong answer');
  return { rule: RULE.backing, text, judge };
}

function yesOrNo(rule: RuleId, wanted: boolean, expected: string, summary: string) {
  return ({ outcome }: Step): Findings => {
    return isBoolean(outcome, wanted)
      ? NOTHING
      : noted({ rule, summary, expected, observed: managerOutcomeText(outcome) });
  };
}
