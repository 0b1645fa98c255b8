/** Regions that are gone and may not be forgotten: what explains much that is wrong where they were. */
import type { ModelProcess } from './address-space-model.ts';

const PAGE = 4096;

/** The rules that are broken if something of a former region, or of a mapping that failed, is still there at `address`. */
export function leftOver(process: ModelProcess, address: bigint): readonly string[] {
  const at = Number(address);
  const rules = process.unmapped.has(at - (at % PAGE)) ? ['LP-14', 'LP-17'] : [];
  for (const [start, pages] of process.failedMappings)
    if (at >= start && at < start + pages * PAGE) rules.push('LP-23');
  return rules;
}
