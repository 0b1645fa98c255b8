/** Mistakes that show when a mapping fails half-way. */
import type { Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string) => ({ file: 'eager-pager.ts', find, put });

const UNDO = '      for (const va of mapped) pageTable.unmap(va).drop();\n      throw error;\n';
const MAP = 'pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);';
const RECORD = '    this.mappings.set(addr, new Mapping(range.start, range.end, prot));\n';

export const mutants: readonly Mutant[] = [
  {
    id: 'failure-leaves-pages',
    mistake: 'A mapping that fails half-way leaves the pages that it has mapped.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'contract F3',
    edits: [eager(UNDO, '      throw error;\n')],
  },
  {
    id: 'failure-leaks-frames',
    mistake: 'A mapping that fails half-way is unmapped again, and the pages are not dropped.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'bug-finding 5.4',
    edits: [
      eager(UNDO, '      for (const va of mapped) pageTable.unmap(va);\n      throw error;\n'),
    ],
  },
  {
    id: 'failure-undoes-too-little',
    mistake: 'The last page that was mapped is forgotten when the mapping is undone.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'bug-finding 5.4',
    edits: [
      eager(
        UNDO,
        '      for (const va of mapped.slice(0, -1)) pageTable.unmap(va).drop();\n      throw error;\n',
      ),
    ],
  },
  {
    id: 'failure-undoes-too-much',
    mistake: 'The page that could not be mapped is unmapped, too, which throws NotExist.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'bug-finding 5.4',
    edits: [
      eager(
        UNDO,
        '      for (const va of pagesOf(range)) pageTable.unmap(va).drop();\n      throw error;\n',
      ),
    ],
  },
  {
    id: 'region-recorded-first',
    mistake: 'The region is recorded before its pages are mapped, and stays when that fails.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'contract E13',
    edits: [
      eager(RECORD, ''),
      eager('    const mapped: Va[] = [];\n', `${RECORD}    const mapped: Va[] = [];\n`),
    ],
  },
  {
    id: 'failure-swallowed',
    mistake:
      'A mapping that fails half-way is undone, and mmap returns as if nothing had happened.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'bug-finding 5.4',
    edits: [eager('      throw error;\n', '      return addr;\n'), eager('catch (error)', 'catch')],
  },
  {
    id: 'failure-shortens-region',
    mistake: 'When memory runs short the region ends at the last page that could be had.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    edits: [eager(UNDO, '      if (mapped.length === 0) throw error;\n')],
  },
  {
    id: 'read-error-as-zeros',
    mistake: 'A block that cannot be read is mapped as zeros.',
    rule: 'AS-19',
    check: 'as-read-error',
    source: 'bug-finding 5.4',
    edits: [
      eager(
        MAP,
        `const read = file === null ? null : attempt(() => file.mmap(block));
        pageTable.map(va, read?.ok === true ? read.value : Page.new(), prot);`,
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'read-error-panics',
    mistake: 'A file that cannot be read is taken for a bug of the kernel.',
    rule: 'AS-19',
    check: 'as-read-error',
    edits: [
      eager(
        UNDO,
        UNDO.replace(
          'throw error',
          "if (error === KernelError.IOError) throw new Error('cannot read')\n      throw error",
        ),
      ),
    ],
  },
  {
    id: 'page-lost-when-map-fails',
    mistake: 'Pages are mapped by hand with doMap, and a page is lost when that fails.',
    rule: 'AS-19',
    check: 'as-out-of-memory',
    source: 'bug-finding 5.4',
    edits: [
      eager(
        MAP,
        'pageTable.doMap(va, (file === null ? Page.new() : file.mmap(block)).intoRaw(), prot);',
      ),
    ],
  },
];
