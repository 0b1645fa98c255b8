/** Plays attacks on the running process, and tells from how that ended which wall they met. */
import type { Panic, Trace } from '../protocol/trace.ts';
import type { LoadResult, RunResult } from '../sandbox/child-process.ts';
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import type { Program, RunOptions } from '../protocol/program.ts';
import type { RunningAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { gained, gainIn, type Layer, stoppedBy, type Verdict } from './verdict.ts';

/** What runs the attacks: a `Sandbox`, or something with fewer walls, to see that the attacks are any. */
export interface Target {
  load(modules: CompiledModules): Promise<LoadResult>;
  run(program: Program, options: RunOptions & { readonly wallMs: number }): Promise<RunResult>;
}

/** What an attack on the ledger says last: the frames that it has lost itself. */
const LEDGER = 'LEDGER ';
/** What the child keeps of a message. */
const MOST_MESSAGE = 500;
const OPTIONS = { recordSites: false, wallMs: 1_000 };

/** Plays `attack` twice: the second time must be like the first, or something was kept. */
export async function playRunning(
  attack: RunningAttack,
  target: Target,
  canaries: Canaries,
): Promise<Verdict> {
  const loaded = await target.load(attack.modules(canaries));
  if (loaded.kind === 'died') return fromDeath(loaded.why, loaded.detail);
  const [unloadable] = loaded.unloadable;
  const first = await target.run(attack.program, OPTIONS);
  const isSteady = attack.steady !== false && isRepeatable(first);
  const second = isSteady ? await target.run(attack.program, OPTIONS) : first;
  const output = JSON.stringify([first, second]);
  const gain = gainIn(output, canaries);
  if (gain !== null) return gain;
  if (first.kind === 'died') return fromDeath(first.why, first.detail);
  if (second.kind === 'died') return fromDeath(second.why, second.detail);
  if (withoutStacks(first) !== withoutStacks(second))
    return gained('a second program ran differently');
  if (unloadable !== undefined)
    return stoppedBy('frozen realm', `text refused: ${unloadable.panic.message}`);
  return fromTrace(first.trace);
}

/** Where a stack overflows and how much memory is in use are the engine's business, and so is what follows. */
function isRepeatable(result: RunResult): boolean {
  if (result.kind !== 'trace' || result.trace.log.some((line) => line.startsWith(LEDGER)))
    return false;
  const { kind, message = '' } = lastPanic(result.trace) ?? {};
  return kind !== 'torn' && kind !== 'limit' && !message.includes('Maximum call stack');
}

function withoutStacks(result: RunResult): string {
  return JSON.stringify(result, (key, value: unknown) => (key === 'stack' ? '' : value));
}

function lastPanic({ steps, loadError, teardown }: Trace): Panic | null {
  if (loadError !== null) return loadError;
  for (const outcome of [teardown?.outcome, steps.at(-1)?.outcome])
    if (outcome?.kind === 'panic') return outcome.panic;
  return null;
}

/** What the end of a process says. */
function fromDeath(why: string, detail: string): Verdict {
  switch (why) {
    case 'timeout':
      return stoppedBy('wall clock', detail);
    case 'memory':
      return stoppedBy('memory limits', detail.split(':')[0]!);
    case 'protocol':
    case 'reply-too-large':
      return stoppedBy('pipe protocol', detail);
    default:
      return gained(`its process ended: ${detail}`);
  }
}

/** What the trace of a program says of the code that ran. */
function fromTrace(trace: Trace): Verdict {
  const panic = lastPanic(trace);
  if (panic?.kind === 'torn') return stoppedBy('crash-only machine', panic.message);
  if (panic?.kind === 'limit') return stoppedBy('budgets', panic.message);
  if (panic?.kind === 'panic') return stoppedBy('ownership checks', panic.message);
  const book = Number(
    trace.log.find((line) => line.startsWith(LEDGER))?.slice(LEDGER.length) ?? -1,
  );
  const lost = trace.teardown?.leaks.length ?? 0;
  if (book >= 0 && lost !== book)
    return gained(`${String(lost)} frames are lost, and by rights ${String(book)} are`);

  const refusals = trace.log.filter((line) => line.startsWith('REFUSED '));
  const words = [
    ...(panic === null ? [] : [panic.message]),
    ...refusals.map((line) => line.slice('REFUSED '.length)),
  ];
  for (const text of words) {
    const layer = layerOfWords(text);
    if (layer !== null) return stoppedBy(layer, text);
  }
  const left = trace.log.find((line) => line.startsWith('LEFT '));
  if (left !== undefined)
    return stoppedBy(
      'no event loop',
      `${left.slice('LEFT '.length)} was left for later, and never ran`,
    );
  const nothing = trace.log.find((line) => line.startsWith('NOTHING '));
  if (nothing !== undefined)
    return stoppedBy(
      'nothing gained',
      `looked for ${nothing.slice('NOTHING '.length)}, found nothing`,
    );
  const bad = trace.steps.map(({ outcome }) => outcome).find(({ kind }) => kind === 'bad-value');
  if (bad?.kind === 'bad-value')
    return stoppedBy('values by typeof', `${bad.what}: ${bad.value.value}`);
  if (trace.log.at(-1)?.includes('the rest of the output is left out') === true)
    return stoppedBy('budgets', 'the output was cut');
  if (panic !== null && panic.message.length >= MOST_MESSAGE)
    return stoppedBy('budgets', `the message was cut to ${String(MOST_MESSAGE)} characters`);
  const kinds = [...new Set(trace.steps.map(({ outcome }) => outcome.kind))];
  return stoppedBy('nothing gained', panic?.message ?? `the calls ended with ${kinds.join(', ')}`);
}

/** Who says so. */
const WORDS: readonly (readonly [RegExp, Layer])[] = [
  [/more than [\d,]+ (steps|MiB)|the budget of/, 'budgets'],
  [/import of '.*' is not allowed|is missing or does not compile/, 'import rules'],
  [/is not available in keos/, 'frozen realm'],
  [
    /read only|read-only|not extensible|Cannot (assign|define|delete|redefine|add)|frozen/,
    'frozen realm',
  ],
  [
    /is not defined|is not a function|is not a constructor|of (undefined|null)|undefined$|undefined is/,
    'frozen realm',
  ],
  [/is not a valid constructor/, 'frozen realm'],
  [
    /^threw .*(instead of an error|not an error|cannot be looked at)|: threw an object that is not an error$/,
    'values by typeof',
  ],
  [
    /'caller', 'callee', and 'arguments'|no module may be loaded|Possible (import|direct|HTML)/,
    'frozen realm',
  ],
  [/Array buffer allocation failed/, 'memory limits'],
  [
    /Invalid (string|array|typed array|array buffer) length|Maximum (BigInt|call stack)|too large|RangeError/,
    'engine limits',
  ],
];

function layerOfWords(text: string): Layer | null {
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
