/** Plays plain Node code under the command line of the child: what holds if the frozen realm does not. */
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, ConfinedProcess } from '../sandbox/confined-process.ts';
import { launchCommand } from '../sandbox/confinement.ts';
import { isTraceReply } from '../sandbox/reply-shape.ts';
import type { EscapedAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { gained, type Layer, stoppedBy, type Verdict } from './verdict.ts';

const LIMITS = { heapMb: 48, youngMb: 8, dataMb: 128, cpuSeconds: 60, residentMb: 300 } as const;
const WALL_MS = 3_000;
/** Layers that are sandboxes of the operating system. */
const SANDBOXES = ['bwrap', 'unshare'];

export async function playEscaped(attack: EscapedAttack, canaries: Canaries): Promise<Verdict> {
  const path = join(realpathSync(canaries.folder), `${attack.id}.cjs`);
  writeFileSync(path, attack.script(canaries));
  const { command, layers } = launchCommand(path, [], LIMITS);
  if (
    attack.needsSandbox === true &&
    !(layers as readonly string[]).some((layer) => SANDBOXES.includes(layer))
  )
    return { kind: 'left out', why: 'no sandbox of the operating system is up' };

  const child = new ConfinedProcess(command, LIMITS.residentMb);
  const answer = await child.ask({ do: 'nothing' }, WALL_MS);
  await child.end();
  const touched = canaries.touched(JSON.stringify(answer));
  if (touched !== null) return gained(touched);
  return verdictOf(answer);
}

function verdictOf(answer: Answer): Verdict {
  if (answer.kind === 'reply')
    return isTraceReply(answer.reply)
      ? gained('its answer was taken for a trace')
      : stoppedBy('pipe protocol', 'the answer has not the shape of a trace');
  const { why, detail } = answer;
  if (/\bPWN\b/.test(detail)) return gained('it came to its end');
  const refusal = /REFUSED (.*)/.exec(detail)?.[1];
  if (why === 'protocol' || why === 'reply-too-large') return stoppedBy('pipe protocol', detail);
  if (why === 'timeout') return stoppedBy('wall clock', detail);
  if (refusal === undefined)
    return why === 'memory'
      ? stoppedBy('memory limits', detail.split(':')[0]!)
      : stoppedBy('nothing gained', detail.split('\n')[0]!);
  const layer = LAYERS_OF_CODES.find(([code]) => code.test(refusal))?.[1];
  return layer === undefined ? stoppedBy('nothing gained', refusal) : stoppedBy(layer, refusal);
}

/** Who refuses with which code. */
const LAYERS_OF_CODES: readonly (readonly [RegExp, Layer])[] = [
  [/^ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|permission/i, 'node permission'],
  [/^(ERR_MEMORY_ALLOCATION_FAILED|RangeError)|allocation failed/i, 'memory limits'],
  [/^(ECONNREFUSED|ENETUNREACH|EPERM|ESRCH|EPIDNS)/, 'os sandbox'],
];
