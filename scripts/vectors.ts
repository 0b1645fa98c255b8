/** `npm run vectors -- FILE...`: plays measured paging vectors on the emulator. Exit code 1 if any fails, 2 if a file cannot be read. */
import { replayFile } from '../reference/vectors/vector-file.ts';

const MOST_NAMED = 10;
const PUBLIC = 'reference/vectors/vectors-public.jsonl.gz';

async function main(files: readonly string[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  let unreadable = false;
  for (const file of files.length === 0 ? [PUBLIC] : files) {
    try {
      const result = await replayFile(file);
      passed += result.passed;
      for (const { id, expected, got } of result.failures) {
        if (failed++ < MOST_NAMED) console.log(`${id}\n  expected ${expected}\n  got      ${got}`);
      }
    } catch (error) {
      console.error(
        `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      unreadable = true;
    }
  }
  if (failed > MOST_NAMED) console.log(`… and ${String(failed - MOST_NAMED)} more`);
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  if (unreadable) return 2;
  return failed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
