import { expect } from 'chai';
import type { Fact } from '../../reference/contract/machine-facts.ts';
import { factText, type FactText, ownersText } from './facts.ts';

const STALE = {
  kind: 'stale-translation',
  cpu: 1,
  va: 0xa000,
  frame: 5,
  rights: 11,
  now: null,
} as const;

/** An example of every kind; the compiler sees to it that none is missing. */
const EXAMPLES: Readonly<Record<Fact['kind'], readonly [Fact, FactText]>> = {
  'stale-translation': [
    STALE,
    {
      summary: 'CPU 1 can still use an old translation of 0xa000',
      expected: 'no processor keeps what the page table no longer says (nothing is mapped there)',
      observed:
        'the TLB of CPU 1 still holds frame 0x5, READ | WRITE | USER: it was never invalidated',
      va: '0xa000',
    },
  ],
  'stale-structure': [
    { kind: 'stale-structure', cpu: 1, va: 0x20_0000, level: 1, frame: 5 },
    {
      summary: 'CPU 1 can still walk through a PT for 0x200000 that is free',
      expected: 'no processor remembers a paging structure that was released',
      observed: 'frame 0x5 was released, and its entry never invalidated',
      va: '0x200000',
    },
  ],
  'dangling-entry': [
    { kind: 'dangling-entry', va: 0x20_0000, level: 2, frame: 9 },
    {
      summary: 'a PDE for 0x200000 points to a frame that is free',
      expected: 'every present entry points to a frame that it owns a reference to',
      observed: 'the entry is present, but frame 0x9 was released',
      va: '0x200000',
    },
  ],
  'shared-table': [
    { kind: 'shared-table', va: 0x4000_0000, level: 3, frame: 9 },
    {
      summary: 'the PDPT for 0x40000000 is used in two places',
      expected: 'every paging structure is reached from exactly one entry of one page table',
      observed: 'frame 0x9 is reached more than once',
      va: '0x40000000',
    },
  ],
  'under-owned': [
    { kind: 'under-owned', va: 0xa000, frame: 5, references: 2, owned: 1 },
    {
      summary: 'the frame mapped at 0xa000 has too few owners',
      expected: '2 owners: one for each entry that maps it',
      observed: '2 entries map frame 0x5, but it has 1 owner',
      va: '0xa000',
    },
  ],
  'bad-entry': [
    { kind: 'bad-entry', va: 0xa000, level: 1 },
    {
      summary: 'the PTE for 0xa000 has bits set that must be zero',
      expected: 'reserved bits and the page-size bit are zero',
      observed: 'a reserved bit or the page-size bit is set',
      va: '0xa000',
    },
  ],
  'kernel-half': [
    { kind: 'kernel-half', slot: 510 },
    {
      summary: 'slot 510 of the kernel half was changed',
      expected: 'slots 256 to 511 stay as the kernel made them',
      observed: 'slot 510 differs',
      va: null,
    },
  ],
  leak: [
    { kind: 'leak', frame: 5, op: 2, site: '' },
    {
      summary: 'a page frame is never released',
      expected: 'no frame has an owner once everything is gone',
      observed: 'frame 0x5 is still owned',
      va: null,
    },
  ],
};

describe('factText', () => {
  for (const [kind, [fact, text]] of Object.entries(EXAMPLES)) {
    it(`should put ${kind} into words`, () => {
      expect(factText(fact)).to.deep.equal(text);
    });
  }

  it('should tell a kernel half that is missing from one that was changed', () => {
    expect(factText({ kind: 'kernel-half', slot: 510, missing: true })).to.deep.equal({
      summary: 'a new page table does not share the kernel half',
      expected: 'slot 510 of its root is the kernel’s',
      observed: 'slot 510 is not present',
      va: null,
    });
  });

  it('should say what the page table says now', () => {
    const { expected } = factText({ ...STALE, now: { frame: 6, rights: 9 } });

    expect(expected).to.equal(
      'no processor keeps what the page table no longer says (frame 0x6, READ | USER)',
    );
  });

  it('should say that an invalidation came too early', () => {
    const { observed } = factText({ ...STALE, tooEarly: true });

    expect(observed).to.equal(
      'the TLB of CPU 1 may hold frame 0x5, READ | WRITE | USER again: it was invalidated before the entry changed, and not after',
    );
  });

  it('should tell who owns what leaks', () => {
    const textOf = (pages: number, outside: number, kernel: 'root' | 'cache' | null = null) =>
      ownersText({ pages, outside, kernel });

    expect([textOf(1, 0), textOf(2, 1), textOf(0, 3), textOf(0, 0, 'root')]).to.deep.equal([
      ' by a Page that was not dropped',
      ' by 2 Pages that were not dropped and an address from intoRaw that fromPa did not take back',
      ' by 3 addresses from intoRaw that fromPa did not take back',
      ' by a PageTableRoot that was not dropped',
    ]);
    expect([textOf(0, 0), ownersText(undefined)]).to.deep.equal(['', '']);
  });

  it('should hand on where a frame came from and went', () => {
    const sites = { allocated: 'here', released: 'there' };
    const fact = { kind: 'dangling-entry', va: 0xa000, level: 1, frame: 5 } as const;

    expect(factText({ ...fact, sites }).sites).to.equal(sites);
    expect(factText(fact)).not.to.have.property('sites');
  });

  it('should count owners', () => {
    const { observed } = factText({
      kind: 'under-owned',
      va: 0xa000,
      frame: 5,
      references: 3,
      owned: 2,
    });

    expect(observed).to.equal('3 entries map frame 0x5, but it has 2 owners');
  });
});
