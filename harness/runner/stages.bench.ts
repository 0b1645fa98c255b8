/**
 * Where the time of a default run goes: everything that one submission with full marks is put through, in this process, without confinement. `STAGES`: a
 * file for the numbers.
 */
import { writeFileSync } from 'node:fs';
import { type Profiler, Session as Inspector } from 'node:inspector/promises';
import { judge } from '../oracle/judge.ts';
import type { Program } from '../protocol/program.ts';
import type { Step, Trace } from '../protocol/trace.ts';
import { encodeFrame, FrameReader } from '../sandbox/frames.ts';
import { traceOf } from '../testing/model-subject.ts';
import { assignmentInfos, loadAssignment } from './assignments.ts';
import { DEFAULT_RUNS, DEFAULT_SEED } from './worker-job.ts';

const MOST_BYTES = 2 ** 30;
/** Runs before the one that counts: the engine is to have compiled what it will. */
const WARM_UP = 1;
const SAMPLE_MICROSECONDS = 200;

/** Milliseconds by stage. */
type Stages = Record<'generator' | 'student' | 'machine' | 'driver' | 'pipe' | 'oracle', number>;

interface Run {
  readonly stages: Stages;
  readonly programs: number;
  readonly operations: number;
  /** Operations that changed what is mapped or took or gave back frames, each counted once however often it comes about. */
  readonly changes: number;
}

async function run(): Promise<Run> {
  const clock = { generator: 0, play: 0, pipe: 0, oracle: 0 };
  const timed = <T>(stage: keyof typeof clock, body: () => T): T => {
    const start = performance.now();
    try {
      return body();
    } finally {
      clock[stage] += performance.now() - start;
    }
  };
  const size = { seed: DEFAULT_SEED, runs: DEFAULT_RUNS };
  const programs = timed('generator', () =>
    assignmentInfos().flatMap((info) =>
      loadAssignment(info).checks.flatMap((check) => check.programs(size)),
    ),
  );
  const changes = new Set<string>();
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  await inspector.post('Profiler.start');
  for (const program of programs) {
    const asked = timed('pipe', () => through(program) as Program);
    const trace = timed('play', () => traceOf(asked));
    const answer = timed('pipe', () => through(trace) as Trace);
    timed('oracle', () => judge(program, answer));
    for (const [at, step] of answer.steps.entries())
      if (isChange(step)) changes.add(JSON.stringify([program.ops[at], step.spaces]));
  }
  const { profile } = await inspector.post('Profiler.stop');
  inspector.disconnect();
  const shares = sharesOf(profile);
  const { play, ...rest } = clock;
  return {
    stages: {
      ...rest,
      student: play * shares.student,
      machine: play * shares.machine,
      driver: play * shares.driver,
    },
    programs: programs.length,
    operations: programs.reduce((sum, { ops }) => sum + ops.length, 0),
    changes: changes.size,
  };
}

/** As messages go through a pipe, but for the pipe. */
function through(message: unknown): unknown {
  return new FrameReader(MOST_BYTES).push(encodeFrame(message)).messages[0];
}

function isChange({ spaces, effort }: Step): boolean {
  return Object.keys(spaces).length > 0 || effort.frames > 0;
}

const FOLDERS = [
  ['student', /\/in-test\//],
  ['machine', /\/reference\//],
  ['driver', /\/harness\/sandbox\//],
] as const;

/** What playing is made of, by whose code was running; what the engine does for them is shared out alike. */
function sharesOf({
  nodes,
  samples = [],
}: Profiler.Profile): Record<'student' | 'machine' | 'driver', number> {
  const counts = { student: 0, machine: 0, driver: 0 };
  const urls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.url]));
  for (const id of samples) {
    const stage = FOLDERS.find(([, path]) => path.test(urls.get(id) ?? ''))?.[0];
    if (stage !== undefined) counts[stage]++;
  }
  const all = counts.student + counts.machine + counts.driver;
  return {
    student: counts.student / all,
    machine: counts.machine / all,
    driver: counts.driver / all,
  };
}

describe('the stages of a default run', () => {
  it('should be measured', async function () {
    this.timeout(0);
    for (let i = 0; i < WARM_UP; i++) await run();
    const { stages, programs, operations, changes } = await run();
    const total = Object.values(stages).reduce((sum, ms) => sum + ms, 0);
    for (const [stage, ms] of Object.entries(stages))
      console.log(
        `    ${stage.padEnd(10)} ${ms.toFixed(0).padStart(6)} ms  ${((100 * ms) / total).toFixed(0).padStart(3)} %`,
      );
    const rate = (count: number): number => Math.round((1000 * count) / total);
    console.log(
      `    ${String(rate(programs))} programs, ${String(rate(operations))} operations, ${String(rate(changes))} distinct state-changing operations a second`,
    );
    const path = process.env['STAGES'];
    if (path !== undefined)
      writeFileSync(path, JSON.stringify({ stages, programs, operations, changes }));
  });
});
