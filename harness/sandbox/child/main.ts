/**
 * The untrusted process: holds the machine and the student's code, answers one request after the other, and forms no verdict. The
 * order of the first imports matters: the pipe and the look at the heap need globals that are then taken away, and `ses` is to find functions hidden already.
 */
import '../tier-up.ts';
import { receive, send } from '../blocking-pipe.ts';
import './heap.ts';
import './forget-globals.ts';
import './hide-sources.ts';
import 'ses';
import { CodeTrail } from './code-trail.ts';
import { runProgram } from './executor.ts';
import { keosSurface } from './keos-surface.ts';
import { lockDown } from './lock-down.ts';
import type { ChildReply, ChildRequest, UnloadableModule } from './messages.ts';
import { standIns } from './stand-ins.ts';
import { describeThrown } from './student-call.ts';
import { Submission } from './student-modules.ts';
import { StudentRealm } from './student-realm.ts';
import { veridianSurface } from './veridian-surface.ts';

lockDown();
const provided = new Map([
  ['keos', keosSurface()],
  ['veridian', veridianSurface()],
]);
const supplied = standIns();

let realm: StudentRealm | undefined;
let submission: Submission | undefined;
const trail = new CodeTrail((stack) => send({ is: 'at', stack } satisfies ChildReply));

const tellProgress = (op: number): void => send({ is: 'begins', op } satisfies ChildReply);

function answer(request: ChildRequest): ChildReply {
  switch (request.do) {
    case 'load': {
      const unloadable: UnloadableModule[] = [];
      const loaded = new StudentRealm(request.modules);
      submission = new Submission(provided, supplied);
      submission.define(
        request.modules,
        (text) => loaded.evaluate(text),
        (path, error) => unloadable.push({ path, panic: describeThrown(error) }),
      );
      realm = loaded;
      return { is: 'ready', unloadable };
    }
    case 'run': {
      if (submission === undefined || realm === undefined)
        return { is: 'failed', message: 'nothing is loaded' };
      realm.console.take();
      const way = request.options.trail;
      const trace = runProgram(
        submission.instantiate(),
        request.program,
        request.options,
        way === undefined ? null : trail.of(way),
        request.options.progress === true ? tellProgress : undefined,
      );
      const steps = way === undefined ? trace.steps : trail.explain(trace.steps);
      return { is: 'trace', trace: { ...trace, steps, log: realm.console.take() } };
    }
  }
}

function answerSafely(request: ChildRequest): ChildReply {
  try {
    return answer(request);
  } catch (error) {
    const { message, stack } = describeThrown(error);
    return { is: 'failed', message: `${message}\n${stack}` };
  }
}

for (;;) {
  const request = receive();
  // Not a return to the event loop, which would run what student code left there.
  if (request === undefined) process.exit(0);
  send(answerSafely(request as ChildRequest));
}
