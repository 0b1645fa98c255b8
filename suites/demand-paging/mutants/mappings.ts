/** Mistakes about what a mapping is: its backing, its bytes, its registration. */
import type { Mutant } from '../../../harness/index.ts';

const file = 'demand-paging.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'backings-compared-as-objects',
    mistake: 'Compares two file backings as objects instead of by inode and offset.',
    rule: 'DP-1',
    check: 'dp-backing',
    edits: [
      {
        file,
        find: 'return a.inode === b.inode && a.offset === b.offset;',
        put: 'return a === b;',
      },
    ],
  },
  {
    id: 'backings-compared-without-offset',
    mistake: 'Compares file backings by their inode alone.',
    rule: 'DP-1',
    check: 'dp-backing',
    edits: [{ file, find: ' && a.offset === b.offset', put: '' }],
  },
  {
    id: 'backings-of-any-kind-are-equal',
    mistake: 'An anonymous backing equals a file backing.',
    rule: 'DP-1',
    check: 'dp-backing',
    edits: [{ file, find: 'return a.kind === b.kind;', put: 'return true;' }],
  },
  {
    id: 'contains-includes-the-end',
    mistake: 'Takes the exclusive end of a mapping for its last byte.',
    rule: 'DP-2',
    check: 'dp-contains',
    edits: [
      {
        file,
        find: 'vaddr < this.startVaddr + this.size;',
        put: 'vaddr <= this.startVaddr + this.size;',
      },
    ],
  },
  {
    id: 'contains-leaves-out-the-start',
    mistake: 'A mapping does not contain its first byte.',
    rule: 'DP-2',
    check: 'dp-contains',
    edits: [
      { file, find: 'return vaddr >= this.startVaddr', put: 'return vaddr > this.startVaddr' },
    ],
  },
  {
    id: 'contains-loses-the-last-page',
    mistake: 'A mapping ends one byte too early.',
    rule: 'DP-2',
    check: 'dp-contains',
    edits: [
      {
        file,
        find: 'vaddr < this.startVaddr + this.size;',
        put: 'vaddr < this.startVaddr + this.size - 1n;',
      },
    ],
  },
  {
    id: 'register-tries-the-allocator',
    mistake: 'registerLazy takes a frame and gives it back, to see whether there is memory.',
    rule: 'DP-3',
    check: 'dp-register-lazily',
    edits: [
      {
        file,
        find: '    this.lazyMappings.set(startVaddr,',
        put: '    FRAME_ALLOCATOR.freeFrame(allocate());\n    this.lazyMappings.set(startVaddr,',
      },
    ],
  },
  {
    id: 'register-reads-the-file',
    mistake: 'registerLazy reads the first block of the file.',
    rule: 'DP-3',
    check: 'dp-register-lazily',
    edits: [
      {
        file,
        find: '    this.lazyMappings.set(startVaddr,',
        put:
          "    if (backing.kind === 'FileBacked') readInode(backing.inode, backing.offset, new Uint8Array(64));\n" +
          '    this.lazyMappings.set(startVaddr,',
      },
    ],
  },
  {
    id: 'page-count-rounded-down',
    mistake: 'A mapping has as many pages as fit into its size whole.',
    rule: 'DP-10',
    check: 'dp-part-of-a-page',
    source: 'contract O2',
    edits: [{ file, find: '(size + PAGE_SIZE - 1n) / PAGE_SIZE', put: 'size / PAGE_SIZE' }],
  },
  {
    id: 'unregister-by-containing-address',
    mistake: 'unregisterLazy removes the mapping that contains the address.',
    rule: 'DP-13',
    check: 'dp-unregister-others',
    source: 'contract O12',
    edits: [
      {
        file,
        find: '    this.lazyMappings.delete(startVaddr);',
        put:
          '    const mapping = this.mappingAt(startVaddr);\n' +
          '    if (mapping !== null) this.lazyMappings.delete(mapping.startVaddr);',
      },
    ],
  },
  {
    id: 'unregister-rounds-down',
    mistake: 'unregisterLazy rounds the address down to its page.',
    rule: 'DP-13',
    check: 'dp-unregister-others',
    edits: [
      {
        file,
        find: 'this.lazyMappings.delete(startVaddr);',
        put: 'this.lazyMappings.delete(startVaddr - (startVaddr % PAGE_SIZE));',
      },
    ],
  },
  {
    id: 'unregister-does-nothing',
    mistake: 'unregisterLazy removes nothing, because it deletes the mapping and not its key.',
    rule: 'DP-13',
    check: 'dp-unregister',
    edits: [
      {
        file,
        find: 'this.lazyMappings.delete(startVaddr);',
        put: 'this.lazyMappings.delete(-startVaddr);',
      },
    ],
  },
  {
    id: 'unregister-refuses-strangers',
    mistake: 'unregisterLazy throws for an address at which no mapping starts.',
    rule: 'DP-13',
    check: 'dp-unregister-others',
    edits: [
      {
        file,
        find: '    this.lazyMappings.delete(startVaddr);',
        put: '    if (!this.lazyMappings.delete(startVaddr)) throw KernelError.InvalidAddress({ addr: startVaddr });',
      },
    ],
  },
  {
    id: 'faulted-pages-outlive-their-mapping',
    mistake:
      'Pages that were faulted in are kept in the manager, and stay there when their mapping goes.',
    rule: 'DP-14',
    check: 'dp-afresh',
    edits: [
      {
        file,
        find: '  readonly cowTable = new CowTable();',
        put: '  readonly cowTable = new CowTable();\n  private readonly resident = new Set<bigint>();',
      },
      {
        file,
        find: 'if (mapping.isFaultedIn(page)) throw',
        put: 'if (this.resident.has(vaddr / PAGE_SIZE)) throw',
      },
      {
        file,
        find: '    mapping.noteFaultedIn(page);\n    return',
        put: '    this.resident.add(vaddr / PAGE_SIZE);\n    return',
      },
    ],
  },
];
