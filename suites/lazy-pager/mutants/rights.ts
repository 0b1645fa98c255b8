/** Mistakes in what a page may be used for. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'everything-executable',
    mistake: 'Every page is mapped executable.',
    rule: 'LP-10',
    check: 'lp-forbidden',
    source: 'contract D9',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), vma.prot | Permission.EXECUTABLE)`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'everything-writable',
    mistake: 'Every page is mapped writable.',
    rule: 'LP-10',
    check: 'lp-rights',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), vma.prot | Permission.WRITE)`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'everything-user',
    mistake: 'Every page is mapped for user code.',
    rule: 'LP-10',
    check: 'lp-forbidden',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), vma.prot | Permission.USER)`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'read-maps-read-only',
    mistake: 'A page that is read first is mapped read-only, and a later store is refused.',
    rule: 'LP-10',
    check: 'lp-rights',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    const prot = reason.isWriteAccess ? vma.prot : vma.prot & ~Permission.WRITE;
    this.load(pageTable, new VmAreaStruct(vma.loader, vma.start, vma.end, prot), reason.faultAddr);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
      {
        file: 'fork.ts',
        find: `  const flags = walked.pte.flags();
`,
        put: `  const flags = walked.pte.flags();
  if (!contains(flags, PteFlags.RW)) throw KernelError.InvalidAccess;
`,
      },
    ],
  },
  {
    id: 'never-executable',
    mistake: 'No page is mapped executable.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), vma.prot & ~Permission.EXECUTABLE)`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'write-fault-maps-writable',
    mistake: 'A store to a read-only region loads the page and makes it writable.',
    rule: 'LP-10',
    check: 'lp-forbidden',
    source: 'contract K4',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (!allows(vma.prot, reason.isWriteAccess)) throw KernelError.InvalidAccess;
    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    const prot = reason.isWriteAccess ? vma.prot | Permission.WRITE : vma.prot;
    this.load(pageTable, new VmAreaStruct(vma.loader, vma.start, vma.end, prot), reason.faultAddr);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'user-page-writable',
    mistake: 'getUserPage loads pages writable, whatever the region says.',
    rule: 'LP-10',
    check: 'lp-rights',
    source: 'contract G8',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, addr);
    const pa`,
        put: `    this.load(pageTable, new VmAreaStruct(vma.loader, vma.start, vma.end, vma.prot | Permission.WRITE), addr);
    const pa`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'violations-say-ok',
    mistake: 'A fault by a right that the page does not have is reported as handled.',
    rule: 'LP-10',
    check: 'lp-forbidden',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    else throw KernelError.InvalidAccess;
`,
        put: `    else return;
`,
      },
    ],
  },
  {
    id: 'any-violation-is-cow',
    mistake: 'A fault counts as copy-on-write if the page is present, also by a fetch.',
    rule: 'LP-10',
    check: 'lp-forbidden',
    source: 'contract K2',
    edits: [
      {
        file: 'fork.ts',
        find: `  return reason.isPresent && reason.isWriteAccess;
`,
        put: `  return reason.isPresent;
`,
      },
    ],
  },
  {
    id: 'cow-ignores-the-region',
    mistake: 'Copy-on-write does not ask whether the region may be written.',
    rule: 'LP-11',
    check: 'lp-read-then-write',
    source: 'contract K3',
    edits: [
      {
        file: 'fork.ts',
        find: `  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw`,
        put: `  if (vma === null) throw`,
      },
    ],
  },
  {
    id: 'cow-sets-rw',
    mistake: 'A store to a read-only page of any region sets RW in its entry.',
    rule: 'LP-11',
    check: 'lp-read-then-write',
    source: 'contract K6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
`,
        put: `    else if (isCowFault(reason) && this.vmaAt(reason.faultAddr) !== null) {
      const { pte } = pageTable.walkMut(Va.pageDown(reason.faultAddr));
      pte.setFlags(pte.flags() | PteFlags.RW);
    } else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  Page,
  PageRef,
`,
        put: `  Page,
  PageRef,
  PteFlags,
`,
      },
    ],
  },
  {
    id: 'cow-allows-files',
    mistake:
      'Copy-on-write refuses read-only anonymous memory, but not read-only mappings of files.',
    rule: 'LP-11',
    check: 'lp-read-then-write',
    edits: [
      {
        file: 'fork.ts',
        find: `!contains(vma.prot, Permission.WRITE)) throw`,
        put: `(vma.loader instanceof AnonLoader && !contains(vma.prot, Permission.WRITE))) throw`,
      },
      {
        file: 'fork.ts',
        find: `import type { LazyPager, PageFaultReason } from './lazy-pager';`,
        put: `import { AnonLoader, type LazyPager, type PageFaultReason } from './lazy-pager';`,
      },
    ],
  },
  {
    id: 'code-is-for-users',
    mistake: 'Whatever is executable is mapped for user mode, too, code of the kernel included.',
    rule: 'LP-10',
    check: 'lp-rights',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), (vma.prot & 4n) === 0n ? vma.prot : vma.prot | 8n)`,
      },
    ],
  },
];
