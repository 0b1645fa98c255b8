/**
 * What a suite may use: declaring an assignment, its rules and its checks, and writing or generating the programs that they play.
 */
export type { AssignmentInfo, CheckInfo, Freedom, Rule } from './runner/session/check-info.ts';
export type { Double, Edit, LeftOut, Mutant } from './quality/mutant.ts';
export { property, scenario } from './runner/session/checks.ts';
export { enumeration } from './runner/session/enumeration.ts';
export { eagerProgram, type ProcessScript, processProgram } from './generators/process-scenario.ts';
export { type TableScript, tableProgram } from './generators/table-scenario.ts';
export {
  fileBacking,
  GLOBAL,
  managerProgram,
  type ManagerScript,
  PAGE_FLAGS,
} from './generators/manager-scenario.ts';
export { managerPrograms } from './generators/manager-programs.ts';
export { pageTablePrograms } from './generators/page-table-programs.ts';
export { processPrograms } from './generators/process-programs.ts';
export { singleBits } from './generators/single-bits.ts';
