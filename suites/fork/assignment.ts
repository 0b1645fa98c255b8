import type { AssignmentInfo } from '../../harness/index.ts';
import { rules } from './rules.ts';

export const assignment: AssignmentInfo = {
  id: 'fork',
  title: 'Fork: copy-on-write',
  // The parts of a process that fork takes and returns.
  requires: ['fork', 'lazy-pager', 'mm-struct'],
  modelParts: ['page-table'],
  rules,
  together: 'CW-17',
};
