/** Loading too early, or too much. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'mmap-loads-everything',
    mistake: 'mmap maps all pages of the region at once.',
    rule: 'LP-5',
    check: 'lp-mmap-lazy',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    const vma = new VmAreaStruct(loader, start, end, prot);
    this.vmas.push(vma);
    for (let at = 0n; start + at < end; at += 4096n) this.load(_pageTable, vma, Va.add(start, at));
    return addr;
`,
      },
    ],
  },
  {
    id: 'mmap-loads-first-page',
    mistake: 'mmap maps the first page of the region.',
    rule: 'LP-5',
    check: 'lp-mmap-lazy',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    const vma = new VmAreaStruct(loader, start, end, prot);
    this.vmas.push(vma);
    this.load(_pageTable, vma, start);
    return addr;
`,
      },
    ],
  },
  {
    id: 'mmap-makes-tables',
    mistake: 'mmap makes the page tables of the region in advance.',
    rule: 'LP-5',
    check: 'lp-mmap-lazy',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    _pageTable.map(start, Page.new(), prot);
    _pageTable.unmap(start).drop();
    return addr;
`,
      },
    ],
  },
  {
    id: 'mmap-reads-the-file',
    mistake: 'mmap reads the first block of the file to see whether it can.',
    rule: 'LP-5',
    check: 'lp-mmap-lazy',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    file?.mmap(FileBlockNumber.fromOffset(offset)).drop();
    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
      },
    ],
  },
  {
    id: 'fault-loads-the-region',
    mistake: 'The first fault loads all pages of its region.',
    rule: 'LP-12',
    check: 'lp-one-page',
    source: 'contract D13',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    for (let at = reason.faultAddr & 4095n; vma.start + at < vma.end; at += 4096n) this.load(pageTable, vma, Va.add(vma.start, at));
`,
      },
    ],
  },
  {
    id: 'fault-loads-the-next-page',
    mistake: 'A fault loads the page after it, too.',
    rule: 'LP-12',
    check: 'lp-one-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    this.load(pageTable, vma, reason.faultAddr);
    const next = BigInt(reason.faultAddr) + 4096n;
    if (next < vma.end) this.load(pageTable, vma, Va.add(reason.faultAddr, 4096n));
`,
      },
    ],
  },
  {
    id: 'fault-fills-up-from-the-start',
    mistake: 'A fault loads the pages from the start of the region up to its own.',
    rule: 'LP-12',
    check: 'lp-one-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    for (let at = 0n; vma.start + at <= reason.faultAddr; at += 4096n) this.load(pageTable, vma, Va.add(vma.start, at));
`,
      },
    ],
  },
  {
    id: 'user-page-loads-the-region',
    mistake: 'getUserPage loads all pages of the region.',
    rule: 'LP-12',
    check: 'lp-one-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, addr);
    const pa`,
        put: `    for (let at = 0n; vma.start + at < vma.end; at += 4096n) this.load(pageTable, vma, Va.add(vma.start, at));
    const pa`,
      },
    ],
  },
  {
    id: 'fault-takes-spare-frames',
    mistake: 'Each fault takes eight frames and gives seven back.',
    rule: 'LP-12',
    check: 'lp-one-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    for (let i = 0; i < 7; i++) Page.new().drop();
    pageTable.map(va, vma.loader.load(va), vma.prot);
`,
      },
    ],
  },
];
