/** The command: `npx ts-node grade.ts --help`. */
import { main } from './harness/cli/main.ts';

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
