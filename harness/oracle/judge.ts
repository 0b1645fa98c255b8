/** Judges any trace: programs of managers, of page tables and of processes have a model each. */
import { isManagerOp } from '../protocol/manager-op.ts';
import type { Program } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import { judgeManagers } from './manager-judge.ts';
import { judgePageTable } from './page-table-judge.ts';
import { judgeProcesses } from './process-judge.ts';
import type { Verdict } from './verdict.ts';

/** What is wrong with `trace`, which came from running `program`. */
export function judge(program: Program, trace: Trace): Verdict {
  if (program.ops.some(isManagerOp)) return judgeManagers(program, trace);
  const onTables = program.ops.some(
    (op) => 'table' in op || op.op === 'indices' || op.op === 'probe',
  );
  return onTables ? judgePageTable(program, trace) : judgeProcesses(program, trace);
}
