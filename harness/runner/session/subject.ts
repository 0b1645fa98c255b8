import type { StackMapper } from '../../sandbox/stack-mapper.ts';
import type { Player } from '../../sandbox/twin-sandbox.ts';

/** Something that programs can be played on: a student's code, the model, a mutant. */
export interface Subject {
  readonly sandbox: Player;
  readonly mapper: StackMapper;
}
