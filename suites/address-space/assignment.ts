import type { AssignmentInfo } from '../../harness/index.ts';
import { rules } from './rules.ts';

export const assignment: AssignmentInfo = {
  id: 'address-space',
  title: 'Address space: system calls and the eager pager',
  requires: ['mm-struct', 'eager-pager'],
  modelParts: ['page-table'],
  rules,
};
