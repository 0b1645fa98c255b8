/**
 * The untrusted process without its walls: no frozen realm, Node's own require, an event loop that turns. Attacks must gain something here, or they are none.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { keos } from '../../../reference/emulator/keos/index.ts';
import { receive, send } from '../../sandbox/blocking-pipe.ts';
import { runProgram } from '../../sandbox/child/executor.ts';
import type { ChildReply, ChildRequest } from '../../sandbox/child/messages.ts';
import { Submission } from '../../sandbox/child/student-modules.ts';

type ModuleFunction = (
  exports: object,
  require: (name: string) => unknown,
  burn: () => void,
) => void;

const load = createRequire(__filename);
const log: string[] = [];
/** Long enough for a timer of no time and everything behind it. */
const TURN_MS = 30;

/** A module that may require what it likes. */
function evaluate(text: string): unknown {
  const run = (0, eval)(text) as ModuleFunction;
  return (exports: object, require: (name: string) => unknown, burn: () => void) => {
    const either = (name: string): unknown => {
      try {
        return require(name);
      } catch {
        return load(name) as unknown;
      }
    };
    run(exports, either, burn);
  };
}

async function answer(request: ChildRequest, submission: Submission): Promise<ChildReply> {
  if (request.do === 'load') {
    submission.define(request.modules, evaluate, (path, error) => {
      throw new Error(`${path}: ${String(error)}`);
    });
    return { is: 'ready', unloadable: [] };
  }
  const trace = runProgram(submission.instantiate(), request.program, request.options);
  await sleep(TURN_MS);
  return { is: 'trace', trace: { ...trace, log: log.splice(0) } };
}

async function serve(): Promise<void> {
  Object.assign(globalThis, { harden: <T>(value: T): T => value, require: load });
  // eslint-disable-next-line no-console -- its own, taken away from Node
  console.log = (...values: unknown[]) => void log.push(values.map(String).join(' '));
  const submission = new Submission(new Map([['keos', { ...keos }]]), new Map());
  for (let request = receive(); request !== undefined; request = receive())
    send(await answer(request as ChildRequest, submission));
  process.exit(0);
}

void serve();
