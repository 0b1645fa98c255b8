import type { AssignmentInfo } from '../../harness/index.ts';
import { rules } from './rules.ts';

export const assignment: AssignmentInfo = {
  id: 'demand-paging',
  title: 'Demand-paging manager',
  requires: ['demand-paging'],
  modelParts: [],
  rules,
};
