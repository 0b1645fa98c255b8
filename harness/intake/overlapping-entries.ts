import type { Entry } from 'yauzl';

/** Bytes of a local header without name and extra field (APPNOTE.TXT, section 4.3.7). */
const LOCAL_HEADER = 30;

/**
 * The entries that begin within the bytes of another. No program that packs files writes such; in a bomb thousands of entries unpack the
 * same bytes. The extra field beside the data is left out of the reckoning, so that an honest archive is never suspected.
 */
export function overlapping(entries: readonly Entry[]): ReadonlySet<Entry> {
  const found = new Set<Entry>();
  let end = 0;
  const inOrder = [...entries].sort(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  for (const entry of inOrder) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end) found.add(entry);
    end = Math.max(end, start + LOCAL_HEADER + entry.fileNameRaw.length + entry.compressedSize);
  }
  return found;
}
