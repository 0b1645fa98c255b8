/** What a student is told to look at. A check's own hint is about the mistake that the check is meant to catch, so it is given for that alone. */
import type { Panic } from '../../protocol/trace.ts';
import type { CheckInfo } from './check-info.ts';
import type { Played } from './played.ts';
import type { SessionRules } from './session-rules.ts';

const LOOP =
  'What could keep a loop or a recursion from ending: does every round change what its condition looks at, and does every call come ' +
  'closer to the case without one?';
const MEMORY =
  'What grows without end, or with the size of a region instead of the pages that are used?';
const THROWN =
  'A refusal is one of the ready-made values, thrown as it is: throw KernelError.InvalidArgument, or the error that the documentation names.';

/** The hint for a failure of `rule` that the check `info` met; `panic`: what ended the program, if something did. */
export function hintFor(
  rules: Pick<SessionRules, 'hints'>,
  info: Pick<CheckInfo, 'rule' | 'hint'>,
  rule: string,
  panic: Panic | null,
): string {
  const ofRule = (): string => (rule === info.rule ? info.hint : (rules.hints.get(rule) ?? ''));
  switch (panic?.kind) {
    case 'todo':
      return `${panic.message.replace(/^not implemented: /u, '') || 'It'} is not implemented yet: write it, then grade again.`;
    case 'exception':
      return exceptionHint(panic.message);
    case 'limit':
      if (panic.about === 'leaves') return ofRule();
      return panic.message.includes('memory') ? MEMORY : LOOP;
    case 'torn':
      return LOOP;
    case 'panic':
    case undefined:
      return ofRule();
  }
}

/** The hint for a program that killed its process. */
export function hintForDeath(why: Extract<Played, { kind: 'died' }>['why']): string {
  if (why === 'timeout') return LOOP;
  return why === 'memory' ? MEMORY : '';
}

/** A slip that the engine has noticed, or anything else, which was thrown on purpose. */
function exceptionHint(message: string): string {
  if (/^RangeError: .*call stack/u.test(message)) return LOOP;
  return /^(?:Type|Range|Reference|Syntax|Eval|URI|Aggregate)Error: /u.test(message)
    ? 'An exception that is none of the ready-made errors ends the run: look at the line named.'
    : THROWN;
}
