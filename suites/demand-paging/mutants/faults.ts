/** Mistakes in answering demand-page faults. */
import type { Mutant } from '../../../harness/index.ts';

const file = 'demand-paging.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'page-index-from-zero',
    mistake:
      'Computes the index of a page from address 0 instead of from the start of its mapping.',
    rule: 'DP-4',
    check: 'dp-first-fault',
    source: 'contract O3',
    edits: [{ file, find: '(vaddr - this.startVaddr) / PAGE_SIZE', put: 'vaddr / PAGE_SIZE' }],
  },
  {
    id: 'flags-get-present',
    mistake: 'Adds PRESENT to the flags.',
    rule: 'DP-5',
    check: 'dp-flags',
    source: 'contract O28',
    edits: [
      { file, find: 'return [frame, mapping.flags];', put: 'return [frame, mapping.flags | 1n];' },
    ],
  },
  {
    id: 'flags-lose-writable',
    mistake: 'Takes WRITABLE away from pages of files, so that the first write would copy them.',
    rule: 'DP-5',
    check: 'dp-flags',
    source: 'contract O28',
    edits: [
      {
        file,
        find: 'return [frame, mapping.flags];',
        put: "return [frame, mapping.backing.kind === 'FileBacked' ? mapping.flags & ~2n : mapping.flags];",
      },
    ],
  },
  {
    id: 'flags-cut-to-32-bits',
    mistake: 'Keeps the flags in 32 bits, which loses NO_EXECUTE.',
    rule: 'DP-5',
    check: 'dp-flags',
    edits: [
      {
        file,
        find: 'return [frame, mapping.flags];',
        put: 'return [frame, BigInt.asUintN(32, mapping.flags)];',
      },
    ],
  },
  {
    id: 'anonymous-page-not-cleared',
    mistake: 'Returns anonymous frames as the allocator gives them.',
    rule: 'DP-6',
    check: 'dp-zeros',
    source: 'contract O6',
    edits: [
      {
        file,
        find: "    if (this.backing.kind === 'Anonymous') {\n      bytes.fill(0);\n",
        put: "    if (this.backing.kind === 'Anonymous') {\n",
      },
    ],
  },
  {
    id: 'anonymous-page-cleared-in-part',
    mistake: 'Clears as many bytes as there are words in a page.',
    rule: 'DP-6',
    check: 'dp-zeros',
    edits: [{ file, find: '      bytes.fill(0);\n', put: '      bytes.fill(0, 0, 512);\n' }],
  },
  {
    id: 'file-page-left-zero',
    mistake: 'Pages of files are cleared and never read.',
    rule: 'DP-7',
    check: 'dp-file-bytes',
    source: 'contract O29',
    edits: [
      {
        file,
        find: "if (this.backing.kind === 'Anonymous') {",
        put: "if (this.backing.kind === 'Anonymous' || page >= 0) {",
      },
    ],
  },
  {
    id: 'file-offset-forgotten',
    mistake: 'Reads from the beginning of the file instead of from the offset of the mapping.',
    rule: 'DP-7',
    check: 'dp-file-bytes',
    source: 'contract O29',
    edits: [
      {
        file,
        find: 'offset + BigInt(page) * PAGE_SIZE',
        put: '0n * offset + BigInt(page) * PAGE_SIZE',
      },
    ],
  },
  {
    id: 'file-index-forgotten',
    mistake: 'Every page of a mapping shows the first block.',
    rule: 'DP-7',
    check: 'dp-file-bytes',
    source: 'contract O29',
    edits: [{ file, find: 'offset + BigInt(page) * PAGE_SIZE', put: 'offset' }],
  },
  {
    id: 'file-read-from-the-touched-byte',
    mistake: 'Reads the file from the byte that was touched instead of from the start of its page.',
    rule: 'DP-7',
    check: 'dp-file-bytes',
    edits: [
      {
        file,
        find: 'load(page: number, frame: FrameNumber): void {',
        put: 'load(distance: bigint, frame: FrameNumber): void {',
      },
      { file, find: 'offset + BigInt(page) * PAGE_SIZE', put: 'offset + distance' },
      {
        file,
        find: 'mapping.load(page, frame);',
        put: 'mapping.load(vaddr - mapping.startVaddr, frame);',
      },
    ],
  },
  {
    id: 'file-offset-rounded-down',
    mistake: 'Rounds the offset of a mapping down to a block.',
    rule: 'DP-7',
    check: 'dp-file-offset',
    edits: [
      {
        file,
        find: 'offset + BigInt(page) * PAGE_SIZE',
        put: 'offset - (offset % PAGE_SIZE) + BigInt(page) * PAGE_SIZE',
      },
    ],
  },
  {
    id: 'tail-not-cleared',
    mistake: 'Leaves what the frame held before behind the end of the file.',
    rule: 'DP-8',
    check: 'dp-past-the-end',
    edits: [{ file, find: '    bytes.fill(0, count);\n', put: '' }],
  },
  {
    id: 'tail-cleared-one-byte-late',
    mistake: 'Leaves the first byte behind the end of the file as it was.',
    rule: 'DP-8',
    check: 'dp-past-the-end',
    edits: [
      { file, find: 'bytes.fill(0, count);', put: 'if (count < 4096) bytes.fill(0, count + 1);' },
    ],
  },
  {
    id: 'fault-never-noted',
    mistake:
      'Does not note down that a page was faulted in, so a second fault gets a second frame.',
    rule: 'DP-9',
    check: 'dp-once',
    source: 'contract O4',
    edits: [{ file, find: 'this.faultedIn[page] = true;', put: '' }],
  },
  {
    id: 'one-note-for-the-mapping',
    mistake: 'Notes down that the mapping was faulted in instead of the page.',
    rule: 'DP-9',
    check: 'dp-once',
    edits: [{ file, find: 'this.faultedIn[page] = true;', put: 'this.faultedIn.fill(true);' }],
  },
  {
    id: 'second-fault-is-unmapped',
    mistake: 'Reports a page that was faulted in before as not mapped.',
    rule: 'DP-9',
    check: 'dp-once',
    edits: [
      {
        file,
        find: 'if (mapping.isFaultedIn(page)) throw KernelError.InvalidAddress({ addr: vaddr });',
        put: 'if (mapping.isFaultedIn(page)) throw KernelError.UnmappedMemory({ addr: vaddr });',
      },
    ],
  },
  {
    id: 'unmapped-is-invalid',
    mistake: 'Reports an address in no mapping as InvalidAddress.',
    rule: 'DP-11',
    check: 'dp-outside',
    edits: [
      {
        file,
        find: 'throw KernelError.UnmappedMemory({ addr: vaddr });',
        put: 'throw KernelError.InvalidAddress({ addr: vaddr });',
      },
    ],
  },
  {
    id: 'error-address-rounded-down',
    mistake: 'Errors carry the address of the page instead of the one that was passed.',
    rule: 'DP-12',
    check: 'dp-error-address',
    source: 'contract O8',
    edits: [
      {
        file,
        find: '    if (mapping === null) throw KernelError.UnmappedMemory({ addr: vaddr });\n    const page = mapping.pageIndex(vaddr);\n    if (mapping.isFaultedIn(page)) throw KernelError.InvalidAddress({ addr: vaddr });',
        put:
          '    const addr = vaddr - (vaddr % PAGE_SIZE);\n' +
          '    if (mapping === null) throw KernelError.UnmappedMemory({ addr });\n    const page = mapping.pageIndex(vaddr);\n    if (mapping.isFaultedIn(page)) throw KernelError.InvalidAddress({ addr });',
      },
    ],
  },
  {
    id: 'cow-error-address-rounded-down',
    mistake: 'handleCowFault reports the address of the page instead of the one that was passed.',
    rule: 'DP-12',
    check: 'dp-error-address',
    source: 'contract O8',
    edits: [
      {
        file,
        find: 'if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });',
        put: 'if (entry === undefined) throw KernelError.InvalidAddress({ addr: page });',
      },
    ],
  },
  {
    id: 'blocks-remembered',
    mistake:
      'Blocks of files are remembered, and a mapping registered later still gets what was read for an older one.',
    rule: 'DP-7',
    check: 'dp-file-registered-again',
    edits: [
      {
        file: 'demand-paging.ts',
        find: `    const count = readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes);
    bytes.fill(0, count);
`,
        put: `    const key = \`\${inode}/\${offset + BigInt(page) * PAGE_SIZE}\`;
    const known = blocks.get(key);
    if (known !== undefined) {
      bytes.copyFrom(known);
      return;
    }
    const count = readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes);
    bytes.fill(0, count);
    blocks.set(key, Uint8Array.from({ length: 4096 }, (_, i) => bytes.get(i)));
`,
      },
      {
        file: 'demand-paging.ts',
        find: `export class LazyMapping {`,
        put: `const blocks = new Map<string, Uint8Array>();

export class LazyMapping {`,
      },
    ],
  },
  {
    id: 'file-offset-cut-to-32-bits',
    mistake: 'The offset of a backing is cut to 32 bits.',
    rule: 'DP-8',
    check: 'dp-past-the-end',
    source: 'bug-finding scenario 27',
    edits: [
      {
        file: 'demand-paging.ts',
        find: `readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes)`,
        put: `readInode(inode, BigInt.asUintN(32, offset + BigInt(page) * PAGE_SIZE), bytes)`,
      },
    ],
  },
  {
    id: 'flags-masked-by-those-of-use',
    mistake:
      'Keeps only the flags that it knows a use for: WRITE_THROUGH, ACCESSED, DIRTY and HUGE are lost.',
    rule: 'DP-5',
    check: 'dp-each-flag',
    edits: [
      {
        file,
        find: 'return [frame, mapping.flags];',
        put: 'return [frame, mapping.flags & ~0xe8n];',
      },
    ],
  },
  {
    id: 'flags-lose-dirty',
    mistake: 'Takes DIRTY away, since nobody has written to the page yet.',
    rule: 'DP-5',
    check: 'dp-each-flag',
    edits: [
      {
        file,
        find: 'return [frame, mapping.flags];',
        put: 'return [frame, mapping.flags & ~64n];',
      },
    ],
  },
  {
    id: 'block-cache-without-inode',
    mistake:
      'Blocks that were read are kept by their offset alone, until the next mapping is registered.',
    rule: 'DP-7',
    check: 'dp-files-side-by-side',
    edits: [
      {
        file,
        find: 'export class LazyMapping {',
        put: 'const blocks = new Map<bigint, Uint8Array>();\n\nexport class LazyMapping {',
      },
      {
        file,
        find: '    const count = readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes);\n    bytes.fill(0, count);\n',
        put:
          '    const at = offset + BigInt(page) * PAGE_SIZE;\n' +
          '    const block = blocks.get(at) ?? new Uint8Array(4096);\n' +
          '    if (!blocks.has(at)) readInode(inode, at, block);\n' +
          '    blocks.set(at, block);\n' +
          '    bytes.copyFrom(block);\n',
      },
      {
        file,
        find: '    this.lazyMappings.set(startVaddr,',
        put: '    blocks.clear();\n    this.lazyMappings.set(startVaddr,',
      },
    ],
  },
  {
    id: 'block-cache-by-index',
    mistake:
      'Blocks that were read are kept by inode and index of the page, without the offset of the mapping, until the next one is registered.',
    rule: 'DP-7',
    check: 'dp-files-side-by-side',
    edits: [
      {
        file,
        find: 'export class LazyMapping {',
        put: 'const blocks = new Map<string, Uint8Array>();\n\nexport class LazyMapping {',
      },
      {
        file,
        find: '    const count = readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes);\n    bytes.fill(0, count);\n',
        put:
          '    const key = `${inode} ${page}`;\n' +
          '    const block = blocks.get(key) ?? new Uint8Array(4096);\n' +
          '    if (!blocks.has(key)) readInode(inode, offset + BigInt(page) * PAGE_SIZE, block);\n' +
          '    blocks.set(key, block);\n' +
          '    bytes.copyFrom(block);\n',
      },
      {
        file,
        find: '    this.lazyMappings.set(startVaddr,',
        put: '    blocks.clear();\n    this.lazyMappings.set(startVaddr,',
      },
    ],
  },
  {
    id: 'marked-pages-not-faulted-in',
    mistake: 'tryDemandPage takes a page that is marked for one that was faulted in.',
    rule: 'DP-4',
    check: 'dp-marked-first-fault',
    edits: [
      {
        file,
        find: 'if (mapping.isFaultedIn(page)) throw',
        put: 'if (mapping.isFaultedIn(page) || this.cowTable.isCow(vaddr - (vaddr % PAGE_SIZE)))\n      throw',
      },
    ],
  },
];
