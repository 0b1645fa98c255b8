/** Plays attacks that are handed in as TypeScript: compiled by the real compiler process, and run if that lets them pass. */
import type { CompileProblem } from '../sandbox/compile-problem.ts';
import type { SubmissionCompiler } from '../sandbox/compile-process.ts';
import type { CompiledAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { WALK } from './emitted-code.ts';
import { playRunning, type Target } from './play-running.ts';
import { gained, stoppedBy, type Verdict } from './verdict.ts';

const FILE = 'page-table.ts';

export async function playSource(
  attack: CompiledAttack,
  compiler: SubmissionCompiler,
  target: Target,
  canaries: Canaries,
): Promise<Verdict> {
  const compilation = await compiler.compileSubmission(attack.files(canaries));
  const types = await compilation.typeCheck;
  const problems = [...compilation.problems, ...types];
  const touched = canaries.touched(JSON.stringify(problems));
  if (touched !== null) return gained(touched);
  const stopping = compilation.problems[0] ?? types.find(({ kind }) => kind === 'limit');
  if (!(FILE in compilation.modules))
    return stopping === undefined
      ? gained('the file has gone without a word')
      : fromProblem(stopping);

  const modules = compilation.modules;
  const { id, kind, after } = attack;
  const running = {
    id,
    kind,
    after,
    from: 'running',
    modules: () => modules,
    program: WALK,
  } as const;
  const verdict = await playRunning(running, target, canaries);
  if (verdict.kind !== 'stopped' || verdict.by !== 'nothing gained') return verdict;
  const problem = stopping ?? types[0];
  return problem === undefined ? verdict : fromProblem(problem);
}

function fromProblem({ kind, message }: CompileProblem): Verdict {
  if (kind === 'import') return stoppedBy('import rules', message);
  if (kind === 'type') return stoppedBy('type check', message);
  if (message.includes('takes too long')) return stoppedBy('wall clock', message);
  if (message.includes('too much memory')) return stoppedBy('memory limits', message);
  return stoppedBy(kind === 'limit' ? 'compiler limits' : 'syntax check', message);
}
