import { availableParallelism } from 'node:os';
import { commandTimes } from './command-times.ts';

describe('the command, from the command line to the prompt', () => {
  it('should be measured', function () {
    this.timeout(0);
    console.log(`    Node ${process.version}, ${String(availableParallelism())} cores`);
    for (const { what, least, median, most, ratio } of commandTimes())
      console.log(
        `    ${what.padEnd(40)} median ${String(median).padStart(6)} ms (${String(least)}..${String(most)}), ${String(ratio)} x an empty process`,
      );
  });
});
