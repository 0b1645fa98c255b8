/** Mistakes that show only when there are many pages or regions, or when numbers are high. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string): Edit => ({ file: 'eager-pager.ts', find, put });

const MAP = '        pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);\n';
const UNMAP = '    for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();\n';

export const mutants: readonly Mutant[] = [
  {
    id: 'file-pages-in-sixteen-bits',
    mistake: 'The distance of a page from the start of its region is kept in sixteen bits.',
    rule: 'AS-6',
    check: 'as-long-file',
    edits: [eager('(offset + (va - addr));', '(offset + BigInt.asUintN(16, va - addr));')],
  },
  {
    id: 'sixteen-pages-unmapped',
    mistake: 'There is room for sixteen pages in the list of what munmap unmaps.',
    rule: 'AS-11',
    check: 'as-munmap-long',
    edits: [
      eager('of pagesOf(mapping)) pageTable', 'of [...pagesOf(mapping)].slice(0, 16)) pageTable'),
    ],
  },
  {
    id: 'sixteen-pages-dropped',
    mistake: 'munmap gathers pages and drops them at its end; there is room for sixteen of them.',
    rule: 'AS-17',
    check: 'as-frames-long',
    edits: [
      eager(
        UNMAP,
        `    const pages: Page[] = [];
    for (const va of pagesOf(mapping)) {
      const page = pageTable.unmap(va);
      if (pages.length < 16) pages.push(page);
    }
    for (const page of pages) page.drop();
`,
      ),
    ],
  },
  {
    id: 'sixteen-pages-rolled-back',
    mistake: 'mmap remembers sixteen of the pages that it has mapped, and takes back only those.',
    rule: 'AS-19',
    check: 'as-rollback-long',
    edits: [
      eager('        mapped.push(va);\n', '        if (mapped.length < 16) mapped.push(va);\n'),
    ],
  },
  {
    id: 'sixteen-regions-compared',
    mistake:
      'A new region is compared with the first sixteen others; mmap meets the pages of the rest one by one, and keeps what it has mapped until then.',
    rule: 'AS-3',
    check: 'as-many-overlaps',
    edits: [
      eager(
        'rangeToMap(this.mappings.values(), ',
        'rangeToMap([...this.mappings.values()].slice(0, 16), ',
      ),
      eager(
        MAP,
        `        if (attempt(() => pageTable.walk(va)).ok) throw KernelError.FileExist;
${MAP}`,
      ),
      eager(
        '      for (const va of mapped) pageTable',
        '      if (error !== KernelError.FileExist) for (const va of mapped) pageTable',
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'descriptor-in-six-bits',
    mistake: 'A descriptor is taken for an index of a table with 64 entries: modulo 64.',
    rule: 'AS-26',
    check: 'as-high-descriptors',
    edits: [
      { file: 'mm-struct.ts', find: 'files.get(Number(fd))', put: 'files.get(Number(fd & 63n))' },
    ],
  },
];
