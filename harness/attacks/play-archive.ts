/** Plays archives and folders: read by the real intake, within a time that has nothing to do with their size. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSource } from '../intake/list-source.ts';
import { readSubmission } from '../intake/read-submission.ts';
import { isRejection } from '../intake/submission.ts';
import type { ArchiveAttack } from './attack.ts';
import type { Canaries } from './canaries.ts';
import { gained, stoppedBy, type Verdict } from './verdict.ts';

/** More is what an honest submission never has. */
const MOST_CHARACTERS = 4 * 2 ** 20;
const MOST_MEMORY = 256 * 2 ** 20;

export async function playArchive(attack: ArchiveAttack, canaries: Canaries): Promise<Verdict> {
  const source = attack.source(canaries);
  const path = join(canaries.folder, Buffer.isBuffer(source) ? `${attack.id}.zip` : attack.id);
  if (Buffer.isBuffer(source)) writeFileSync(path, source);
  else source(path);

  const before = process.memoryUsage().rss;
  const read = await readSubmission({
    id: attack.id,
    path,
    from: path,
    submitters: [],
    contents: () => listSource(path),
  });
  const grown = process.memoryUsage().rss - before;
  const touched = canaries.touched(JSON.stringify(read));
  if (touched !== null) return gained(touched);
  if (existsSync('/tmp/pwned') || existsSync('/tmp/pwned.ts')) return gained('a file was written');
  if (grown > MOST_MEMORY) return gained(`${String(Math.round(grown / 2 ** 20))} MiB of memory`);
  if (isRejection(read)) {
    return /[\p{Cc}\p{Bidi_Control}]/u.test(read.reason)
      ? gained('control characters in the reason')
      : stoppedBy('intake', read.reason);
  }
  const paths = Object.keys(read.files);
  const outside = paths.find((name) =>
    /^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)|\p{Cc}/iu.test(name),
  );
  if (outside !== undefined) return gained(`a path that leads astray: ${JSON.stringify(outside)}`);
  const size = Object.values(read.files).reduce((sum, text) => sum + text.length, 0);
  if (size > MOST_CHARACTERS) return gained(`${String(size)} characters of code`);
  return stoppedBy('intake', `left aside; taken: ${paths.slice(0, 3).join(', ')}`);
}
