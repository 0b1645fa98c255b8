/**
 * Whether an answer of the untrusted child is what it should be. It is only ever read as data; these checks spare everyone who reads a
 * trace from asking whether it is one.
 */
import type { Trace } from '../protocol/trace.ts';
import type { UnloadableModule } from './child/messages.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
/** Every number in a trace is a count, an address or a frame. */
const isNumber: Check = (value) => Number.isSafeInteger(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isHex: Check = (value) => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value);
const isNull: Check = (value) => value === null;
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const optional = (check: Check): Check => either((value) => value === undefined, check);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape = (checks: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(checks);
  return (value) => isRecord(value) && entries.every(([key, check]) => check(value[key]));
};
const byLabel =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
/** One of several shapes, told apart by a property. */
const tagged =
  (tag: string, shapes: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (!isRecord(value)) return false;
    const kind = value[tag];
    return typeof kind === 'string' && Object.hasOwn(shapes, kind) && shapes[kind]!(value);
  };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const value: Check = either(
  shape({ type: oneOf('bigint'), value: isHex }),
  shape({
    type: oneOf('number', 'boolean', 'string', 'undefined', 'null', 'object', 'function', 'symbol'),
    value: isString,
  }),
);

const owners = shape({
  pages: isNumber,
  outside: isNumber,
  kernel: oneOf('root', 'cache', null),
});
const sites = shape({ allocated: isString, released: isString, changed: optional(isString) });
const origin = shape({ op: isNumber, site: isString });

const panic = shape({
  kind: oneOf('panic', 'todo', 'limit', 'torn', 'exception'),
  about: optional(oneOf('frames', 'invalidation', 'kernel-half', 'leaves', 'call')),
  message: isString,
  stack: isString,
  sites: optional(sites),
});

const outcome = tagged('kind', {
  ok: shape({
    value: optional(value),
    entry: optional(shape({ frame: either(isNumber, isNull), flags: isHex, live: isBoolean })),
    frame: optional(isNumber),
    bytes: optional(
      list((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount)),
    ),
    indices: optional(list(value)),
    perm: optional(value),
  }),
  error: shape({ error: isString }),
  killed: shape({ error: isString }),
  fault: shape({ code: either(isNumber, isNull) }),
  'no-progress': () => true,
  panic: shape({ panic }),
  'bad-value': shape({ what: isString, value }),
  skipped: () => true,
});

const leaf = shape({ va: isNumber, frame: isNumber, rights: isNumber, own: optional(isNumber) });

const fact = tagged('kind', {
  'stale-translation': shape({
    cpu: isNumber,
    va: isNumber,
    frame: isNumber,
    rights: isNumber,
    now: either(isNull, shape({ frame: isNumber, rights: isNumber })),
    tooEarly: optional(isBoolean),
    filled: optional(origin),
    change: optional(
      shape({
        level: isNumber,
        at: isNumber,
        was: isString,
        now: isString,
        by: either(isNull, origin),
      }),
    ),
  }),
  'dangling-entry': shape({
    va: isNumber,
    level: isNumber,
    frame: isNumber,
    sites: optional(sites),
  }),
  'shared-table': shape({ va: isNumber, level: isNumber, frame: isNumber }),
  'under-owned': shape({ va: isNumber, frame: isNumber, references: isNumber, owned: isNumber }),
  'bad-entry': shape({ va: isNumber, level: isNumber }),
  'kernel-half': shape({ slot: isNumber, missing: optional(oneOf(true)) }),
  leak: shape({
    frame: isNumber,
    op: isNumber,
    site: isString,
    owners: optional(owners),
    lost: optional(isNumber),
  }),
});

const use = tagged('kind', {
  table: shape({ level: oneOf(1, 2, 3), va: isNumber, space: isString }),
  page: shape({ va: isNumber, space: isString }),
  released: () => true,
  unknown: () => true,
});

const pagerCall = shape({
  call: isString,
  args: list(value),
  answer: either(value, shape({ type: oneOf('thrown'), value: isString })),
});

const step = shape({
  outcome,
  faults: list(shape({ va: isHex, code: isNumber, handled: isString })),
  spaces: byLabel(either(isNull, list(leaf), shape({ gone: list(isNumber), leaves: list(leaf) }))),
  facts: list(fact),
  effort: shape({ frames: isNumber, fileReads: isNumber, invalidations: isNumber }),
  injected: isBoolean,
  ranOut: optional(oneOf(true)),
  calls: shape({ frame: isNumber, read: isNumber, mmap: isNumber }),
  asked: optional(list(pagerCall)),
  freed: optional(list(shape({ frame: isNumber, site: isString }))),
  uses: optional(list(use)),
});

const trace = shape({
  steps: list(step),
  log: list(isString),
  teardown: either(isNull, shape({ outcome, leaks: list(fact) })),
  walk: either(isNull, list(isString)),
  loadError: either(isNull, panic),
});

const traceReply = shape({ is: oneOf('trace'), trace });
const ready = shape({ is: oneOf('ready'), unloadable: list(shape({ path: isString, panic })) });

/** An answer to `run`. */
export function isTraceReply(reply: unknown): reply is { readonly trace: Trace } {
  return traceReply(reply);
}

/** An answer to `load`. */
export function isReady(
  reply: unknown,
): reply is { readonly unloadable: readonly UnloadableModule[] } {
  return ready(reply);
}

/** Where a child says that its code is, or `null` if the message is another. */
export function trailOf(reply: unknown): string | null {
  return isRecord(reply) && reply['is'] === 'at' && typeof reply['stack'] === 'string'
    ? reply['stack'].slice(0, 4_000)
    : null;
}

/** The operation that a child says it begins, or `null` if it says something else. */
export function progressOf(reply: unknown): number | null {
  if (!isRecord(reply) || reply['is'] !== 'begins') return null;
  const { op } = reply;
  return typeof op === 'number' && Number.isInteger(op) && op >= 0 ? op : null;
}

/** What a child says that could not do what it was asked, or `null`. */
export function failureMessage(reply: unknown): string | null {
  return isRecord(reply) && reply['is'] === 'failed' && typeof reply['message'] === 'string'
    ? reply['message'].slice(0, 2_000)
    : null;
}
