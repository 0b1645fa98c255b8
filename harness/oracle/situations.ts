/** Which situations an access brings about: what rules are about must have been seen for them to count as held. */
import { faultedPages, pagesOf } from './fork-rules.ts';
import type { ProcessRecord } from './process-record.ts';
import type { Scene } from './scene.ts';
import { leafName } from './space-rules.ts';
import { COPY_RULES, LAZY, loadRules, SHARES } from './unseen.ts';

/** What an access meets before the model follows it: pages to be loaded or copied, or, because of what is broken, none. */
export function meetSituations(record: ProcessRecord, { op, step, space, process }: Scene): void {
  if (op.op !== 'access' || step.outcome.kind !== 'ok' || process === undefined) return;
  if (record.model.eager) return;
  const faulted = faultedPages(step.faults);
  for (const page of pagesOf(op.addr, op.length)) {
    const region = record.model.regionAt(process, page);
    if (region === undefined) continue;
    const known = process.pages.get(page);
    if (known === undefined) {
      const rules = loadRules(process, region, page);
      if (faulted.has(page)) record.unseen.see(...rules);
      else if (record.known.chargeOf(leafName(space, page))?.rule === LAZY)
        record.unseen.miss(LAZY, ...rules);
    } else if (op.kind === 'write' && known.shared) {
      const isApart = [...process.relatives].some(({ pages }) => pages.get(page)?.apart === SHARES);
      if (faulted.has(page)) record.unseen.see(...COPY_RULES);
      else if (isApart) record.unseen.miss(SHARES, ...COPY_RULES);
    }
  }
}
