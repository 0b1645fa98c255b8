/** Who owns which frame, and the kernel half. */
import { enumeration, pageTablePrograms, scenario, tableProgram } from '../../harness/index.ts';

/** Number of the frame at 6 GiB: its address has bits 31 and 32 set. */
const HIGH = 0x18_0000;
/** Number of a frame whose address has the highest of its 52 bits set, and others above bit 32. */
const HIGHEST = 0x92_4924_9000;
const WHOLE_ADDRESSES =
  'Leave physical addresses whole, as the bigint that pa() gives: the address in an entry goes from bit 12 to bit 51.';

describe('frames', () => {
  scenario(
    {
      id: 'pt-clear',
      title: 'releases everything when the table is dropped',
      rule: 'PT-14',
      points: 2,
      requires: ['pt-map-walk'],
      recreates: ['page_table::free'],
      rationale:
        'Pages in different tables of every level, in first and last slots, and a table that was never used.',
      hint: 'Go through all 512 entries of every table below slots 0 to 255; release leaves first, then the table that held them; leave no entry pointing to a freed table.',
    },
    tableProgram((p) => {
      p.table('unused');
      p.drop('unused');
      p.table();
      for (const va of [
        0x1000, 0x1f_f000, 0x3fff_f000, 0x7f_ffff_f000, 0x7fff_ffff_f000, 0x7f80_0000_0000,
      ])
        p.map(va, 'rwu');
      p.drop();
    }),
  );

  scenario(
    {
      id: 'pt-high-memory',
      title: 'finds pages whose frames lie beyond 4 GiB',
      rule: 'PT-3',
      points: 0,
      requires: ['pt-map-walk'],
      rationale:
        'A machine whose frames all lie from 6 GiB on, those of tables too: addresses that are cut to 32 bits, or taken for negative, lead elsewhere.',
      hint: WHOLE_ADDRESSES,
    },
    tableProgram(
      (p) => {
        p.table();
        p.map(0x1000, 'rwu');
        p.map(0x80_0000_1000, 'r');
        p.walk(0x1000);
        p.walk(0x80_0000_1000);
        p.load();
        p.probe(0x1000, 'read');
      },
      { firstFrame: HIGH },
    ),
  );

  scenario(
    {
      id: 'pt-high-memory-unmap',
      title: 'gives pages back whose frames lie beyond 4 GiB',
      rule: 'PT-9',
      points: 0,
      requires: ['pt-unmap', 'pt-clear', 'pt-high-memory'],
      rationale:
        'The way back, by unmap, by the handle of walkMut and by clear, on a machine whose frames all lie from 6 GiB on.',
      hint: WHOLE_ADDRESSES,
    },
    tableProgram(
      (p) => {
        p.table();
        for (const va of [0x1000, 0x2000, 0x80_0000_1000]) p.map(va, 'rwu');
        p.unmap(0x1000);
        p.walkMut(0x80_0000_1000, 'clear', 'cleared');
        p.clear();
        p.map(0x1000, 'r');
        p.walk(0x1000);
      },
      { firstFrame: HIGH },
    ),
  );

  scenario(
    {
      id: 'pt-highest-memory',
      title: 'finds pages whose addresses use all 52 bits',
      rule: 'PT-3',
      points: 0,
      requires: ['pt-high-memory'],
      rationale:
        'A machine whose frames have bit 51 of their addresses set, and some of those between: pages are mapped, found, unmapped and cleared.',
      hint: WHOLE_ADDRESSES,
    },
    tableProgram(
      (p) => {
        p.table();
        p.map(0x1000, 'rwu');
        p.map(0x80_0000_1000, 'r');
        p.walk(0x1000);
        p.walk(0x80_0000_1000);
        p.load();
        p.probe(0x1000, 'read');
        p.unmap(0x1000);
      },
      { firstFrame: HIGHEST },
    ),
  );

  scenario(
    {
      id: 'pt-clear-and-reuse',
      title: 'can be used again after clear',
      rule: 'PT-14',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale: 'clear twice, then map again: entries of freed tables must be gone from the root.',
      hint: 'clear() of the entry, not only release of the frame it points to.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x1000, 'rw');
      p.map(0x80_0000_1000, 'rw');
      p.clear();
      p.clear();
      p.map(0x1000, 'r');
      p.walk(0x1000);
      p.walk(0x80_0000_1000);
    }),
  );

  scenario(
    {
      id: 'pt-shared-frame',
      title: 'releases one reference for each entry of a page that is mapped several times',
      rule: 'PT-14',
      points: 0.5,
      requires: ['pt-clear'],
      rationale:
        'One frame at three addresses of a table and in another one, as after a fork; one entry gives it back, the table is cleared, and the other one goes on with it.',
      hint: 'Each entry owns a reference of its own. Anything noted by physical address mixes them up.',
    },
    tableProgram((p) => {
      p.table();
      p.table('other');
      const page = p.page(7);
      const clones = [1, 2, 3].map(() => p.clone(page));
      p.map(0x1000, 'rwu', page);
      for (const [i, va] of [0x20_0000, 0x3000].entries()) p.map(va, 'ru', clones[i]);
      p.map(0x1000, 'ru', clones[2], 'other');
      p.walkMut(0x1000, 'clear', 'cleared');
      p.dropPage('cleared');
      p.walk(0x3000);
      p.clear();
      p.load('other');
      p.probe(0x1000, 'read');
      p.drop();
    }),
  );

  scenario(
    {
      id: 'pt-ownership',
      title: 'loses no frame on any path',
      rule: 'PT-15',
      points: 1,
      requires: ['pt-map-walk'],
      recreates: ['page_table::error'],
      rationale:
        'Refused mappings and replacing: afterwards every frame must have been released exactly once.',
      hint: 'Who owns the reference at this moment: the entry, a Page, or nobody? intoRaw hands it to the entry, Page.fromPa takes it back.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x123_4000, 'r');
      p.map(0x123_4000, 'r');
      p.map(0x123_4123, 'r');
      p.doMap(0x123_4000, 'r');
      p.map(0x123_5000, 'w');
      // All its tables are missing.
      p.map(0x80_0000_0000, 'w');
      p.doMap(0x80_0000_0000, 'r', 8);
      p.map(0x60_0000, 'rw');
      p.walkMut(0x60_0000, 'replace', p.page(9), 'r');
      p.walkMut(0x60_0000, 'clear', 'cleared');
    }),
  );

  scenario(
    {
      id: 'pt-unmap-ownership',
      title: 'hands the reference of an entry over when it is unmapped',
      rule: 'PT-15',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale:
        'A page is unmapped, mapped elsewhere, unmapped again and dropped: its frame is free then, and not before. A neighbour stays.',
      hint: 'The page that unmap returns owns the reference that the entry had: neither release it nor take another one.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x123_5000, 'r');
      const page = p.map(0x123_6000, 'rw');
      p.unmap(0x123_6000, page);
      p.map(0x40_0000, 'rw', page);
      p.unmap(0x40_0000, page);
      p.dropPage(page);
    }),
  );

  scenario(
    {
      id: 'pt-little-memory',
      title: 'needs no more frames however often the same is done',
      rule: 'PT-15',
      points: 0,
      requires: ['pt-ownership', 'pt-unmap-ownership', 'pt-clear'],
      rationale:
        'A page is mapped, another one refused, and the table cleared, 72 times on a machine with 64 frames: what is released only in the end is released too late.',
      hint: 'Release a frame as soon as nothing leads to it any more. What you keep for later has to be used then.',
    },
    tableProgram(
      (p) => {
        p.table();
        for (let i = 0; i < 72; i++) {
          p.map(0x1000, 'rw');
          p.map(0x1000, 'rw');
          p.clear();
        }
      },
      { frames: 64 },
    ),
  );

  scenario(
    {
      id: 'pt-little-memory-unmap',
      title: 'needs no more frames however often a page is mapped and unmapped',
      rule: 'PT-15',
      points: 0,
      requires: ['pt-ownership', 'pt-unmap-ownership', 'pt-unmap'],
      rationale:
        'A page is mapped and unmapped at the same address 24 times on a machine with 16 frames, and the table is never cleared: tables that became empty are released, or used again.',
      hint: 'A table that you take out of the page table is nobody’s any more: drop it, or leave it where it is for the next page.',
    },
    tableProgram(
      (p) => {
        p.table();
        for (let i = 0; i < 24; i++) {
          p.map(0x1000, 'rw');
          p.unmap(0x1000);
          p.dropPage('back');
        }
      },
      { frames: 16 },
    ),
  );

  scenario(
    {
      id: 'pt-kernel-half',
      title: 'leaves the kernel half alone',
      rule: 'PT-16',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale: 'A table is made, has the kernel half, is filled, cleared and dropped.',
      hint: 'A new table begins with the root that newBoxedWithKernelAddr makes. Stop at PageTableRoot.KBASE: slots from there on are shared with every other page table.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x7fff_ffff_f000, 'rw');
      p.clear();
      p.map(0x1000, 'rw');
      p.drop();
    }),
  );

  scenario(
    {
      id: 'pt-out-of-memory',
      title: 'survives a shortage of frames',
      rule: 'PT-17',
      points: 0.5,
      requires: ['pt-map-walk'],
      rationale:
        'Each of the three table allocations of a mapping fails once, then from then on; then the same call is made again. Near it another page is mapped.',
      hint: 'Allocate the tables before you link any of them, or undo what you linked. The page that doMap was given stays the caller’s.',
    },
    tableProgram((p) => {
      p.table();
      p.map(0x7f80_0000_0000, 'rw');
      for (const mode of ['once', 'on'] as const) {
        for (let nth = 1; nth <= 3; nth++) {
          const va = (mode === 'once' ? 0x80_0000_0000 : 0x100_0000_0000) * nth;
          p.map(va, 'rw', p.page(), 'table', { point: 'frame', nth, mode });
          p.map(va, 'rw');
          p.walk(va);
          // One and two tables of the way are there.
          const beside = va + (nth === 1 ? 0x20_0000 : 0x4000_0000);
          p.map(beside, 'rw', p.page(), 'table', { point: 'frame', nth: Math.min(nth, 2), mode });
          p.map(beside, 'rw');
          p.walk(va);
        }
      }
    }),
  );

  enumeration(
    {
      id: 'pt-every-failure',
      title: 'survives every single failure of a frame allocation',
      rule: 'PT-17',
      points: 0.5,
      requires: ['pt-out-of-memory'],
      rationale:
        'In all programs of this assignment, and in short generated ones, each frame allocation fails: once, and from then on. The same call is made again afterwards.',
      hint: 'Go through map line by line: if this line throws, who owns each frame, and what is linked already?',
    },
    pageTablePrograms({ length: 12 }),
  );
});
