/** The command: `npx ts-node grade.ts --help`. */
import { main } from './harness/cli/main.ts';

// Should the process ever end without an answer, then not as if all were well.
process.exitCode = 3;
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
