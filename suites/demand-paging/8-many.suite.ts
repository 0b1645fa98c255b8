/** Large numbers: long mappings, many mappings and many marked pages. What is right for a few must be right for many. */
import { managerProgram, scenario } from '../../harness/index.ts';

/** As many frames as they need, said so that enumerations leave these programs out: failures in them would show nothing that short ones do not. */
const MANY = { frames: 1024 };

describe('large numbers', () => {
  scenario(
    {
      id: 'dp-many-mappings',
      title: 'keeps many mappings',
      rule: 'DP-4',
      points: 0,
      requires: ['dp-first-fault'],
      rationale: 'Twenty-four mappings in one manager, and a fault in each of them.',
      hint: 'Keep mappings in something that grows: a Map, or an array.',
    },
    managerProgram((p) => {
      p.manager();
      const starts = Array.from({ length: 24 }, (_, i) => 0x1_0000 + i * 0x2000);
      for (const start of starts) p.register(start, 0x1000);
      for (const start of starts) p.fault(start + 0x10);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-many-pages',
      title: 'faults every page of a long mapping in once',
      rule: 'DP-9',
      points: 0,
      requires: ['dp-once'],
      rationale:
        'All pages of a mapping of eighty; the first, one in the middle and the last a second time; and the last of a mapping of 64 MiB twice.',
      hint: 'A number of 32 or 64 bits has no room for more notes than that. Keep one for each page.',
    },
    managerProgram((p) => {
      p.manager();
      p.register(0x20_0000, 0x5_0000);
      for (let page = 0; page < 80; page++) p.fault(0x20_0010 + page * 0x1000);
      for (const page of [0, 40, 79]) p.fault(0x20_0020 + page * 0x1000);
      p.register(0x1000_0000, 0x400_0000);
      for (let i = 0; i < 2; i++) p.fault(0x13ff_f010 + i);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-many-marked',
      title: 'remembers many marked pages',
      rule: 'DP-16',
      points: 0,
      requires: ['dp-is-cow'],
      rationale: 'Twenty-four pages marked for frames of their own, then asked about one by one.',
      hint: 'Keep entries in something that grows: a Map, or an array.',
    },
    managerProgram((p) => {
      const table = p.table();
      const pages = Array.from({ length: 24 }, (_, i) => 0x1000 + i * 0x3000);
      for (const [i, page] of pages.entries()) p.mark(page, p.frame(i), table, true);
      for (const page of pages) p.isCow(page, table, true);
    }, MANY),
  );

  scenario(
    {
      id: 'dp-long-file',
      title: 'returns the bytes of late pages of a long file',
      rule: 'DP-7',
      points: 0,
      requires: ['dp-file-bytes'],
      rationale: 'All forty pages of a mapping of a file, a few bytes of each.',
      hint: 'What is different about a late page? The offset grows with its index, whatever that is.',
    },
    managerProgram((p) => {
      p.manager();
      p.file(0x2_8000);
      p.register(0x20_0000, 0x2_8000, { file: 'file' });
      for (let page = 0; page < 40; page++) p.look(p.fault(0x20_0010 + page * 0x1000), 0, 32);
    }, MANY),
  );
});
