/**
 * What exists beside the language itself, `keos` and `veridian`: printing, for finding bugs. The grader shows what you print under the step
 * it came from (bigints in hexadecimal, a limited amount) and never judges it. There is no clock, no chance and no network.
 */
declare const console: {
  log(...values: unknown[]): void;
};
