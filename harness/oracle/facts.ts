/** The machine's facts, turned into sentences. Which rule a fact breaks is the judge's business. */
import type { Fact, FrameOwners, FrameSites } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import { ENTRY_NAME, TABLE_NAME } from '../../reference/x86/page-table-entry.ts';
import type { Hex } from '../protocol/program.ts';
import { permissionText } from './words.ts';

export interface FactText {
  readonly summary: string;
  readonly expected: string;
  readonly observed: string;
  readonly va: Hex | null;
  /** Where the frame that it is about was allocated and released, if that was recorded. */
  readonly sites?: FrameSites;
}

/** A fact in words. */
export function factText(fact: Fact): FactText {
  switch (fact.kind) {
    case 'stale-translation': {
      const cached = `frame ${hex(fact.frame)}, ${permissionText(fact.rights)}`;
      const now =
        fact.now === null
          ? 'nothing is mapped there'
          : `frame ${hex(fact.now.frame)}, ${permissionText(fact.now.rights)}`;
      const holds =
        fact.tooEarly === true
          ? `may hold ${cached} again: it was invalidated before the entry changed, and not after`
          : `still holds ${cached}: it was never invalidated`;
      return {
        summary: `CPU ${String(fact.cpu)} can still use an old translation of ${hex(fact.va)}`,
        expected: `no processor keeps what the page table no longer says (${now})`,
        observed: `the TLB of CPU ${String(fact.cpu)} ${holds}`,
        va: hex(fact.va) as Hex,
        ...(fact.change?.by
          ? { sites: { allocated: '', released: '', changed: fact.change.by.site } }
          : {}),
      };
    }
    case 'stale-structure':
      return {
        summary: `CPU ${String(fact.cpu)} can still walk through a ${TABLE_NAME[fact.level]} for ${hex(fact.va)} that is free`,
        expected: 'no processor remembers a paging structure that was released',
        observed: `frame ${hex(fact.frame)} was released, and its entry never invalidated`,
        va: hex(fact.va) as Hex,
      };
    case 'dangling-entry':
      return {
        summary: `a ${ENTRY_NAME[fact.level]} for ${hex(fact.va)} points to a frame that is free`,
        expected: 'every present entry points to a frame that it owns a reference to',
        observed: `the entry is present, but frame ${hex(fact.frame)} was released`,
        va: hex(fact.va) as Hex,
        ...(fact.sites === undefined ? {} : { sites: fact.sites }),
      };
    case 'shared-table':
      return {
        summary: `the ${TABLE_NAME[fact.level]} for ${hex(fact.va)} is used in two places`,
        expected: 'every paging structure is reached from exactly one entry of one page table',
        observed: `frame ${hex(fact.frame)} is reached more than once`,
        va: hex(fact.va) as Hex,
      };
    case 'under-owned':
      return {
        summary: `the frame mapped at ${hex(fact.va)} has too few owners`,
        expected: `${String(fact.references)} owners: one for each entry that maps it`,
        observed: `${String(fact.references)} entries map frame ${hex(fact.frame)}, but it has ${String(fact.owned)} owner${fact.owned === 1 ? '' : 's'}`,
        va: hex(fact.va) as Hex,
      };
    case 'bad-entry':
      return {
        summary: `the ${ENTRY_NAME[fact.level]} for ${hex(fact.va)} has bits set that must be zero`,
        expected: 'reserved bits and the page-size bit are zero',
        observed: 'a reserved bit or the page-size bit is set',
        va: hex(fact.va) as Hex,
      };
    case 'kernel-half':
      if (fact.missing === true) {
        return {
          summary: 'a new page table does not share the kernel half',
          expected: `slot ${String(fact.slot)} of its root is the kernel’s`,
          observed: `slot ${String(fact.slot)} is not present`,
          va: null,
        };
      }
      return {
        summary: `slot ${String(fact.slot)} of the kernel half was changed`,
        expected: 'slots 256 to 511 stay as the kernel made them',
        observed: `slot ${String(fact.slot)} differs`,
        va: null,
      };
    case 'leak':
      return {
        summary: 'a page frame is never released',
        expected: 'no frame has an owner once everything is gone',
        observed: `frame ${hex(fact.frame)} is still owned${ownersText(fact.owners)}`,
        va: null,
      };
  }
}

/** Who still owns a leaked frame, for the end of a sentence: ` by a Page that was not dropped`; empty if that is not known. */
export function ownersText(owners: FrameOwners | undefined): string {
  if (owners === undefined) return '';
  const { pages, outside, kernel } = owners;
  const names: string[] = [];
  if (kernel === 'root') names.push('a PageTableRoot that was not dropped');
  if (pages > 0)
    names.push(
      pages === 1 ? 'a Page that was not dropped' : `${String(pages)} Pages that were not dropped`,
    );
  if (outside > 0)
    names.push(
      outside === 1
        ? 'an address from intoRaw that fromPa did not take back'
        : `${String(outside)} addresses from intoRaw that fromPa did not take back`,
    );
  return names.length === 0 ? '' : ` by ${names.join(' and ')}`;
}
