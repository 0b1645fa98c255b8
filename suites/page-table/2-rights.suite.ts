/** Rights as the hardware sees them. */
import { scenario, tableProgram } from '../../harness/index.ts';

describe('rights', () => {
  scenario(
    {
      id: 'pt-access-rwx',
      title: 'lets the processor read, write and execute as the leaf says',
      rule: 'PT-7',
      points: 1,
      requires: ['pt-map-walk'],
      recreates: ['page_table::x86_permission'],
      rationale:
        'A table is loaded into CR3 and used: upper levels must not block writes, fetches or user accesses.',
      hint: 'Entries that point to tables need P, RW and US, and never XD: the leaf decides.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'rwx', p.page(7));
      p.load();
      p.probe(0x1000, 'read', 'supervisor');
      p.probe(0x1000, 'write', 'supervisor', 0x2a);
      p.probe(0x1000, 'fetch', 'supervisor');
      p.map(0x2000, 'rwxu', p.page(9));
      p.probe(0x2000, 'write');
      p.probe(0x2000, 'fetch');
    }),
  );

  scenario(
    {
      id: 'pt-weaker-first',
      title: 'does not let a weaker mapping narrow a stronger one in the same table',
      rule: 'PT-7',
      points: 1,
      requires: ['pt-map-walk'],
      rationale:
        'Read-only code first and writable data second, in one page table, then the other way round; kernel pages beside user pages.',
      hint: 'Are the flags of a table entry taken from the permission of the first page mapped below it? Give tables all rights.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'r');
      p.map(0x2000, 'rxu');
      p.map(0x3000, 'rwu');
      p.map(0x4000, 'rwxu');
      p.map(0x5000, 'r');
      p.load();
      p.probe(0x2000, 'fetch');
      p.probe(0x3000, 'write');
      p.probe(0x4000, 'write');
      p.probe(0x4000, 'fetch');
      p.map(0x8000_0000, 'r');
      p.map(0x8020_0000, 'rwxu');
      p.map(0xc000_0000, 'rwxu');
      p.probe(0x8020_0000, 'write');
    }),
  );

  scenario(
    {
      id: 'pt-weaker-later',
      title: 'does not let a weaker mapping narrow one that is there',
      rule: 'PT-7',
      points: 0.5,
      requires: ['pt-map-walk'],
      recreates: ['page_table::x86_permission_advanced'],
      rationale:
        'A page with all rights first, then code and data beside it; the first is read, written and executed.',
      hint: 'Does mapping a page change the flags of tables that exist already? It may add rights, never take one away.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'rwx', p.page(7));
      p.map(0x2000, 'rx');
      p.map(0x3000, 'rw');
      p.load();
      p.probe(0x1000, 'read', 'supervisor');
      p.probe(0x1000, 'write', 'supervisor', 0x2a);
      p.probe(0x1000, 'fetch', 'supervisor');
    }),
  );

  scenario(
    {
      id: 'pt-access-refused',
      title: 'lets the processor refuse what the leaf forbids',
      rule: 'PT-4',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale:
        'A store to a read-only page, a fetch from a data page, a user access to a kernel page.',
      hint: 'A right that was not asked for must not be in the leaf: RW, US, and a missing XD are rights.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'ru');
      p.map(0x2000, 'rwu');
      p.map(0x3000, 'rw');
      p.load();
      p.probe(0x1000, 'write');
      p.probe(0x1000, 'fetch');
      p.probe(0x2000, 'fetch');
      p.probe(0x3000, 'read');
      p.probe(0x3000, 'read', 'supervisor');
    }),
  );
});
