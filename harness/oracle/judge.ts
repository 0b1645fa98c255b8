/** Judges any trace: page-table programs and process programs have a model each. */
import type { Program } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import { judgePageTable } from './page-table-judge.ts';
import { judgeProcesses } from './process-judge.ts';
import type { Verdict } from './verdict.ts';

/** What is wrong with `trace`, which came from running `program`. */
export function judge(program: Program, trace: Trace): Verdict {
  const onTables = program.ops.some(
    (op) => 'table' in op || op.op === 'indices' || op.op === 'probe',
  );
  return onTables ? judgePageTable(program, trace) : judgeProcesses(program, trace);
}
