/**
 * The `veridian` module as it is handed to student code: functions and values only, all of them frozen. What its calls return are `bigint`s, frozen
 * errors, and the same `PageBytes` as those of `keos`, whose prototype is frozen with that surface.
 */
import { veridian } from '../../../reference/emulator/veridian/index.ts';

/** What `require('veridian')` gives. Call once, after lockdown. */
export function veridianSurface(): object {
  return harden(Object.defineProperty({ ...veridian }, '__esModule', { value: true }));
}
