/** Unmapping, handles on entries, and the TLB. */
import { scenario, tableProgram } from '../../harness/index.ts';

describe('unmapping', () => {
  scenario(
    {
      id: 'pt-unmap',
      title: 'gives back the page that was mapped',
      rule: 'PT-9',
      points: 1.5,
      requires: ['pt-map-walk'],
      recreates: ['page_table::simple'],
      rationale:
        'Map, unmap, look: the same frame comes back and the leaf is gone; then the address can be mapped again.',
      hint: 'Take the address with the entry’s clear(), adopt it with Page.fromPa, wrap it in a StaleTLBEntry, and return what invalidate() returns.',
    },
    tableProgram((p) => {
      p.table('table', false);
      const page = p.map(0x1000, 'rw');
      p.walk(0x1000);
      p.unmap(0x1000, page);
      p.walk(0x1000);
      p.unmap(0x1000);
      p.map(0x1000, 'r', page);
      p.walk(0x1000);
    }),
  );

  scenario(
    {
      id: 'pt-neighbours',
      title: 'leaves all other mappings alone',
      rule: 'PT-8',
      points: 0.5,
      requires: ['pt-map-walk'],
      recreates: ['page_table::complicate'],
      rationale:
        'Five addresses one index apart: four are unmapped one by one, the first must survive; and a second table must not notice.',
      hint: 'If you free tables that became empty: is the table really empty (all 512 entries), and is the entry that pointed to it cleared?',
    },
    tableProgram((p) => {
      p.table();
      p.table('other');
      const pages = [
        0xff_ffff_f000, 0xff_ffff_e000, 0xff_ffdf_f000, 0xff_bfff_f000, 0x7f_ffff_f000,
      ];
      for (const va of pages) p.map(va, 'rx');
      p.map(0xff_ffff_f000, 'rw', p.page(), 'other');
      for (const va of pages.slice(1)) {
        p.unmap(va);
        p.dropPage('back');
        p.walk(0xff_ffff_f000);
      }
      p.walk(0xff_ffff_f000, 'other');
      p.map(0xff_ffff_e000, 'rw');
      p.walk(0xff_ffff_f000);
    }),
  );

  scenario(
    {
      id: 'pt-many-pages',
      title: 'maps and unmaps pages of several tables with every permission',
      rule: 'PT-8',
      points: 0.5,
      requires: ['pt-map-walk'],
      recreates: ['page_table::simple2'],
      rationale:
        'Pages on both sides of table boundaries, mapped with each of the sixteen permissions in turn and unmapped in reverse order.',
      hint: 'What is left behind when all pages of a table are gone: does the next mapping find its way, do the others still?',
    },
    tableProgram((p) => {
      p.table('table', false);
      p.map(0x1300_0000, 'r');
      const pages = [0x123_4000, 0x13f_f000, 0x140_0000, 0x140_1000, 0x456_5000];
      for (let perm = 0; perm < 16; perm++) {
        for (const va of pages) p.map(va, perm);
        for (const va of [...pages].reverse()) p.unmap(va);
      }
      p.walk(0x1300_0000);
    }),
  );

  scenario(
    {
      id: 'pt-many-neighbours',
      title: 'leaves the other 256 pages of a table alone',
      rule: 'PT-8',
      points: 0,
      requires: ['pt-map-walk'],
      rationale:
        '257 pages of one table, of which one is unmapped: a count of entries in use that has seven or eight bits says that the table is empty.',
      hint: 'How far can what you count with count? A table has 512 entries.',
    },
    tableProgram(
      (p) => {
        p.table();
        for (let i = 0; i < 257; i++) p.map(0x20_0000 + i * 0x1000, 'rw');
        p.unmap(0x20_3000);
        p.walk(0x20_0000);
        p.walk(0x30_0000);
      },
      // As many as it needs, said so that enumerations leave it out: failing frames in it would show nothing that short programs do not.
      { frames: 1024 },
    ),
  );

  scenario(
    {
      id: 'pt-unmap-invalidates',
      title: 'makes the processor forget an unmapped page',
      rule: 'PT-11',
      points: 1,
      requires: ['pt-map-walk'],
      rationale: 'The processor reads the page first, so that it holds the translation.',
      hint: 'Changing the entry is not enough: StaleTLBEntry.new(va, page).invalidate() after the entry was cleared.',
    },
    tableProgram((p) => {
      p.table();
      const page = p.map(0x1000, 'rwu');
      p.load();
      p.probe(0x1000, 'read', 'supervisor');
      p.unmap(0x1000, page);
      p.dropPage(page);
      p.probe(0x1000, 'read', 'supervisor');
    }),
  );

  scenario(
    {
      id: 'pt-unmap-invalidates-all-cpus',
      title: 'makes every processor forget an unmapped page',
      rule: 'PT-11',
      points: 1,
      requires: ['pt-unmap'],
      rationale:
        'Two processors run the same table and both have used the page; the right address must be invalidated.',
      hint: 'invalidate() reaches every processor that runs the current page table, for the address given to StaleTLBEntry.new: is it the right one?',
    },
    tableProgram(
      (p) => {
        p.table();
        const first = p.map(0x1000, 'rwu');
        p.map(0x20_0000, 'rwu');
        p.load('table', 0);
        p.load('table', 1);
        for (const cpu of [0, 1]) {
          p.probe(0x1000, 'read', 'supervisor', 0, cpu);
          p.probe(0x20_0000, 'read', 'supervisor', 0, cpu);
        }
        p.unmap(0x1000, first);
        p.probe(0x1000, 'read', 'supervisor', 0, 1);
        p.probe(0x20_0000, 'read', 'supervisor', 0, 1);
      },
      { cpus: 2 },
    ),
  );

  scenario(
    {
      id: 'pt-unmap-invalidates-many',
      title: 'makes the processor forget the last of many pages',
      rule: 'PT-11',
      points: 0,
      requires: ['pt-unmap-invalidates'],
      rationale:
        'Sixty-four pages are mapped, and all of them are unmapped; the processor has used the last one.',
      hint: 'The sixty-fourth page is invalidated like the first. Does anything depend on how many there were?',
    },
    tableProgram(
      (p) => {
        p.table();
        const pages = Array.from({ length: 64 }, (_, i) => 0x20_0000 + i * 0x1000);
        for (const va of pages) p.map(va, 'rwu');
        p.load();
        p.probe(0x23_f000, 'read', 'supervisor');
        for (const va of pages) p.unmap(va);
        p.probe(0x23_f000, 'read', 'supervisor');
      },
      // As in pt-many-neighbours.
      { frames: 1024 },
    ),
  );

  scenario(
    {
      id: 'pt-unmap-invalidates-tables',
      title: 'makes the processor forget pages of each of eight page tables',
      rule: 'PT-11',
      points: 0,
      requires: ['pt-unmap-invalidates'],
      rationale: 'Eight page tables, one after the other: loaded, used, and the page unmapped.',
      hint: 'Is anything about the first page tables kept outside of them?',
    },
    tableProgram(
      (p) => {
        for (let i = 0; i < 8; i++) {
          const table = p.table(`table${String(i)}`);
          p.map(0x1000, 'rwu', p.page(), table);
          p.load(table);
          p.probe(0x1000, 'read', 'supervisor');
          p.unmap(0x1000, 'back', table);
          p.probe(0x1000, 'read', 'supervisor');
        }
      },
      // As in pt-many-neighbours.
      { frames: 1024 },
    ),
  );

  scenario(
    {
      id: 'pt-walk-live',
      title: 'shows the live entry in walk',
      rule: 'PT-12',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale:
        'walk between changes, in two page tables, and where nothing is mapped: each time it must show what is there now, and allocate nothing.',
      hint: 'Return the entry that at(index) gives you; do not keep entries from an earlier walk, and make no tables on the way.',
    },
    tableProgram((p) => {
      p.table();
      p.table('other');
      p.walk(0x80_0000_0000);
      p.map(0x1000, 'r');
      p.walk(0x1000);
      p.map(0x1000, 'rwu', p.page(3), 'other');
      p.walk(0x1000, 'other');
      p.load();
      p.probe(0x1000, 'read', 'supervisor');
      p.walk(0x1000);
      p.walk(0x2000);
      p.walk(0x80_0000_0000);
      p.clear('other');
      p.map(0x1000, 'rwu', p.page(4), 'other');
      p.walk(0x1000, 'other');
    }),
  );

  scenario(
    {
      id: 'pt-walk-mut',
      title: 'replaces a page through walkMut',
      rule: 'PT-13',
      points: 1,
      requires: ['pt-map-walk'],
      rationale:
        'What copy-on-write does: clear, invalidate, set another page; with the processor holding the old translation.',
      hint: 'walkMut returns new Walked(va, entry) with the same va that was asked for: Walked uses it for the invalidation.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x20_0000, 'ru');
      p.map(0x1000, 'ru');
      p.load();
      p.probe(0x1000, 'read', 'supervisor');
      p.probe(0x20_0000, 'read', 'supervisor');
      p.walkMut(0x1000);
      p.walkMut(0x1000, 'replace', p.page(9), 'r');
      p.probe(0x1000, 'read', 'supervisor');
      p.walkMut(0x1000, 'clear', 'gone');
      p.walk(0x1000);
      p.probe(0x20_0000, 'read', 'supervisor');
    }),
  );
});
