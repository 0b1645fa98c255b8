/** Mistakes in what the pages of an eager mapping hold and allow. */
import type { Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string) => ({ file: 'eager-pager.ts', find, put });

const BLOCK = 'FileBlockNumber.fromOffset(offset + (va - addr))';
const PAGE_OF = 'file === null ? Page.new() : file.mmap(block)';
const MAP = `pageTable.map(va, ${PAGE_OF}, prot);`;

export const mutants: readonly Mutant[] = [
  {
    id: 'file-ignored',
    mistake: 'A file mapping is made of zeros.',
    rule: 'AS-6',
    check: 'as-file-bytes',
    edits: [eager(PAGE_OF, 'block < 0n || file !== undefined ? Page.new() : Page.new()')],
  },
  {
    id: 'file-offset-ignored',
    mistake: 'The offset of a file mapping is ignored.',
    rule: 'AS-6',
    check: 'as-file-offset',
    source: 'contract E14',
    edits: [eager(BLOCK, 'FileBlockNumber.fromOffset(va - addr)')],
  },
  {
    id: 'file-first-block-only',
    mistake: 'Every page shows the block at the offset.',
    rule: 'AS-6',
    check: 'as-file-bytes',
    source: 'contract E15',
    edits: [eager(BLOCK, 'FileBlockNumber.fromOffset(offset)')],
  },
  {
    id: 'file-offset-in-pages',
    mistake: 'The offset is taken for a number of blocks.',
    rule: 'AS-6',
    check: 'as-file-offset',
    source: 'contract E16',
    edits: [eager(BLOCK, 'FileBlockNumber.new(offset + (va - addr) / 0x1000n)')],
  },
  {
    id: 'file-position-of-address',
    mistake: 'The block is computed from the address instead of from the distance to the start.',
    rule: 'AS-6',
    check: 'as-file-bytes',
    edits: [eager(BLOCK, 'FileBlockNumber.fromOffset(offset + (va & 0xf_ffffn))')],
  },
  {
    id: 'file-scratch-buffer',
    mistake:
      'Blocks are read through one buffer that is never cleared, so the tail of the last page shows the block before.',
    rule: 'AS-7',
    check: 'as-file-end',
    source: 'contract E17',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    const mapped: Va[] = [];\n    const buffer = new Uint8Array(4096);\n',
      ),
      eager(
        `        ${MAP}`,
        `        const page = file === null ? Page.new() : this.readBlock(file, block, buffer);
        pageTable.map(va, page, prot);`,
      ),
      eager(
        '  munmap(pageTable',
        `  private readBlock(file: RegularFile, block: bigint, buffer: Uint8Array): Page {
    for (let at = 0, n = 1; at < 4096 && n > 0; at += n)
      n = file.read(block * 4096n + BigInt(at), buffer.subarray(at));
    const page = Page.new();
    page.innerMut().copyFrom(buffer);
    return page;
  }

  munmap(pageTable`,
      ),
    ],
  },
  {
    id: 'file-short-reads',
    mistake: 'read() is asked once for a block, and what it does not give stays zero.',
    rule: 'AS-6',
    check: 'as-file-short-reads',
    source: 'bug-finding 5.4',
    edits: [
      eager(
        `        ${MAP}`,
        `        const bytes = new Uint8Array(4096);
        if (file !== null) file.read(block * 4096n, bytes);
        const page = Page.new();
        page.innerMut().copyFrom(bytes);
        pageTable.map(va, page, prot);`,
      ),
    ],
  },
  {
    id: 'file-end-refused',
    mistake: 'A mapping that is longer than its file is refused.',
    rule: 'AS-7',
    check: 'as-file-end',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    if (file !== null && offset + (range.end - addr) > ((file.size() + 4095n) & ~4095n)) throw KernelError.InvalidArgument;\n    const mapped: Va[] = [];\n',
      ),
    ],
  },
  {
    id: 'file-read-only',
    mistake: 'Pages of a file are mapped without WRITE.',
    rule: 'AS-9',
    check: 'as-rights',
    edits: [eager(MAP, `pageTable.map(va, ${PAGE_OF}, file === null ? prot : prot & ~2n);`)],
  },
  {
    id: 'write-always',
    mistake: 'Every page is mapped with WRITE.',
    rule: 'AS-9',
    check: 'as-rights',
    edits: [eager(MAP, `pageTable.map(va, ${PAGE_OF}, prot | 2n);`)],
  },
  {
    id: 'execute-always',
    mistake: 'Every page is mapped with EXECUTABLE.',
    rule: 'AS-9',
    check: 'as-rights',
    edits: [eager(MAP, `pageTable.map(va, ${PAGE_OF}, prot | 4n);`)],
  },
  {
    id: 'user-always',
    mistake: 'The pager adds USER to every region, which is for the system call to do.',
    rule: 'AS-9',
    check: 'as-rights',
    source: 'contract E23',
    edits: [eager(MAP, `pageTable.map(va, ${PAGE_OF}, prot | 8n);`)],
  },
  {
    id: 'write-and-execute-refused',
    mistake: 'WRITE together with EXECUTABLE is refused.',
    rule: 'AS-1',
    check: 'as-mmap-allowed',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    if ((prot & 6n) === 6n) throw KernelError.InvalidArgument;\n    const mapped: Va[] = [];\n',
      ),
    ],
  },
  {
    id: 'user-required',
    mistake: 'A region without USER is refused.',
    rule: 'AS-1',
    check: 'as-mmap-allowed',
    source: 'contract E23',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    if ((prot & 8n) === 0n) throw KernelError.InvalidArgument;\n    const mapped: Va[] = [];\n',
      ),
    ],
  },
  {
    id: 'blocks-shared',
    mistake:
      'A page of each block is kept and mapped again, so that mappings of a file share frames.',
    rule: 'AS-18',
    check: 'as-private',
    source: 'contract B6',
    edits: [
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        `  readonly mappings = new Map<bigint, Mapping>();
  readonly blocks = new Map<string, Page>();

  drop(): void {
    for (const page of this.blocks.values()) page.drop();
  }

  private block(file: RegularFile, block: FileBlockNumber): Page {
    const key = \`\${file.ino()} \${block}\`;
    const known = this.blocks.get(key) ?? file.mmap(block);
    this.blocks.set(key, known);
    return known.clone();
  }
`,
      ),
      eager('file.mmap(block), prot', 'this.block(file, block), prot'),
    ],
  },
  {
    id: 'blocks-remembered',
    mistake: 'The contents of each block are kept, and shown again after the file has changed.',
    rule: 'AS-6',
    check: 'as-file-offset',
    edits: [
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        `  readonly mappings = new Map<bigint, Mapping>();
  readonly blocks = new Map<string, Uint8Array>();

  private block(file: RegularFile, block: FileBlockNumber): Page {
    const key = \`\${file.ino()} \${block}\`;
    const page = file.mmap(block);
    const known = this.blocks.get(key);
    const bytes = new Uint8Array(4096);
    for (let i = 0; i < 4096; i += 8) {
      if (known === undefined) new DataView(bytes.buffer).setBigUint64(i, page.inner().readU64(i), true);
    }
    if (known === undefined) this.blocks.set(key, bytes);
    else page.innerMut().copyFrom(known);
    return page;
  }
`,
      ),
      eager('file.mmap(block), prot', 'this.block(file, block), prot'),
    ],
  },
  {
    id: 'mappings-of-all-processes',
    mistake: 'The list of regions is one variable of the module, shared by all processes.',
    rule: 'AS-10',
    check: 'as-munmap-neighbours',
    edits: [
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        '  readonly mappings = mappings;\n',
      ),
      eager(
        'export class EagerPager',
        'const mappings = new Map<bigint, Mapping>();\n\nexport class EagerPager',
      ),
    ],
  },
  {
    id: 'munmap-clears-pages',
    mistake:
      'munmap wipes the pages that it gets back: also pages of the page cache, which others show.',
    rule: 'AS-6',
    check: 'as-page-cache-stays',
    edits: [
      eager(
        'for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();',
        'for (const va of pagesOf(mapping)) { const page = pageTable.unmap(va); page.innerMut().fill(0); page.drop(); }',
      ),
    ],
  },
  {
    id: 'file-offset-cut-to-32-bits',
    mistake: 'The offset of a file mapping is cut to 32 bits.',
    rule: 'AS-7',
    check: 'as-file-end',
    source: 'bug-finding scenario 27',
    edits: [eager(BLOCK, 'FileBlockNumber.fromOffset(BigInt.asUintN(32, offset + (va - addr)))')],
  },
  {
    id: 'exit-clears-pages',
    mistake:
      'Pages are wiped at exit, so that nobody can read what was in them: also pages of the page cache, which others show.',
    rule: 'AS-6',
    check: 'as-page-cache',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: `          for (const pte of pde.intoPt()) {
            const pa = pte.pa();
            if (pa !== null) PageRef.fromPa(pa).innerMut().fill(0);
            release(pte);
          }
`,
      },
      {
        file: 'page-table.ts',
        find: `  Page,
  PageTableMappingError`,
        put: `  Page,
  PageRef,
  PageTableMappingError`,
      },
    ],
  },
];
