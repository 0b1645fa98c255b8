/**
 * How soon V8 optimises: imported first by every process that grading needs. Grading is many processes that live for seconds; left alone, V8 spends a third of the
 * processors' time on optimised code that hardly runs before its process ends. So only what turns out to be a good deal hotter is optimised.
 */
import { setFlagsFromString } from 'node:v8';

/** V8 counts bytes of bytecode that a function has run up to Node 20, and calls of it since. Six times and four times its own numbers. */
const countsCalls = Number(process.versions.node.split('.')[0]) > 20;
setFlagsFromString(
  countsCalls ? '--invocation-count-for-turbofan=12000' : '--interrupt-budget=400000',
);
