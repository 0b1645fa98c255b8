import type { AssignmentInfo } from '../../harness/index.ts';
import { rules } from './rules.ts';

export const assignment: AssignmentInfo = {
  id: 'lazy-pager',
  title: 'Lazy pager: demand paging',
  requires: ['lazy-pager'],
  modelParts: ['page-table'],
  rules,
};
