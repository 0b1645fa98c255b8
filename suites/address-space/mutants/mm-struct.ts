/** Mistakes in MmStruct: ranges, registers and descriptors. */
import type { Mutant } from '../../../harness/index.ts';

const mm = (find: string, put: string) => ({ file: 'mm-struct.ts', find, put });

const FIRST = '    if (end < start || !this.pager.accessOk(start, isWrite)) return false;\n';
const LOOP = `    for (let at = Va.pageDown(start) + PAGE_SIZE; at < end; at += PAGE_SIZE) {
      const va = Va.new(at);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
    }
`;
const CHECK = 'if (addr === null || (prot & ~PROT_MASK) !== 0n) throw KernelError.InvalidArgument;';
const DO_MMAP = 'return this.doMmap(addr, abi.arg2, prot | Permission.USER, file, abi.arg5);';
const FD = 'BigInt.asIntN(32, abi.arg4)';

export const mutants: readonly Mutant[] = [
  {
    id: 'range-ends-only',
    mistake: 'Only the first and the last page of a range are checked.',
    rule: 'AS-22',
    check: 'as-range-refused',
    source: 'contract A7',
    edits: [
      mm(
        LOOP,
        '    const last = Va.new(end - 1n);\n    if (end > start && (last === null || !this.pager.accessOk(last, isWrite))) return false;\n',
      ),
    ],
  },
  {
    id: 'range-end-inclusive',
    mistake: 'The end of a range is checked as if it belonged to it.',
    rule: 'AS-22',
    check: 'as-range',
    source: 'contract A8',
    edits: [mm('at < end; at += PAGE_SIZE', 'at <= end; at += PAGE_SIZE')],
  },
  {
    id: 'range-steps-unaligned',
    mistake:
      'The range is walked in steps of a page from an unaligned start, and misses the last page.',
    rule: 'AS-22',
    check: 'as-range-refused',
    source: 'contract A9',
    edits: [mm('let at = Va.pageDown(start) + PAGE_SIZE', 'let at = start + PAGE_SIZE')],
  },
  {
    id: 'range-first-page-only',
    mistake: 'Only the page of the start is checked.',
    rule: 'AS-22',
    check: 'as-range-refused',
    source: 'contract A7',
    edits: [mm(LOOP, '')],
  },
  {
    id: 'range-read-only-check',
    mistake: 'The pages after the first are checked for reading, whatever the access.',
    rule: 'AS-22',
    check: 'as-range-refused',
    edits: [
      mm(
        'if (va === null || !this.pager.accessOk(va, isWrite)) return false;',
        'if (va === null || !this.pager.accessOk(va, false)) return false;',
      ),
    ],
  },
  {
    id: 'range-any-page',
    mistake: 'A range is fine if any page of it is.',
    rule: 'AS-22',
    check: 'as-range-refused',
    edits: [
      mm(
        LOOP,
        `    for (let at = Va.pageDown(start) + PAGE_SIZE; at < end; at += PAGE_SIZE) {
      const va = Va.new(at);
      if (va === null) return false;
      if (this.pager.accessOk(va, isWrite)) return true;
    }
`,
      ),
    ],
  },
  {
    id: 'range-in-one-region',
    mistake: 'A range has to lie in one region.',
    rule: 'AS-22',
    check: 'as-range',
    source: 'contract A10',
    edits: [
      mm(
        FIRST,
        `${FIRST}    const { mappings } = this.pager as unknown as { mappings: Map<bigint, { start: bigint; end: bigint }> };
    if (![...mappings.values()].some((each) => each.start <= start && end <= each.end)) return false;
`,
      ),
    ],
  },
  {
    id: 'range-end-must-be-address',
    mistake: 'A buffer that ends at the end of user space is refused, for its end is no address.',
    rule: 'AS-22',
    check: 'as-range',
    edits: [mm(FIRST, `    if (Va.new(end) === null) return false;\n${FIRST}`)],
  },
  {
    id: 'range-panics-beyond',
    mistake: 'A range that leaves user space panics in Va.add.',
    rule: 'AS-22',
    check: 'as-range-refused',
    edits: [
      mm(
        '      const va = Va.new(at);\n      if (va === null || !this',
        '      const va = Va.add(start, at - start);\n      if (!this',
      ),
    ],
  },
  {
    id: 'empty-always-true',
    mistake: 'An empty range is always fine.',
    rule: 'AS-23',
    check: 'as-range-empty',
    source: 'contract A11',
    edits: [mm(FIRST, `    if (end === start) return true;\n${FIRST}`)],
  },
  {
    id: 'empty-always-false',
    mistake: 'An empty range is never fine.',
    rule: 'AS-23',
    check: 'as-range-empty',
    source: 'contract A12',
    edits: [mm('if (end < start ||', 'if (end <= start ||')],
  },
  {
    id: 'reversed-accepted',
    mistake: 'A reversed range is as good as its start.',
    rule: 'AS-23',
    check: 'as-range-empty',
    source: 'contract A13',
    edits: [mm('if (end < start || !this', 'if (!this')],
  },
  {
    id: 'call-panics-on-address',
    mistake: 'arg1 is taken for an address without asking, and the machine panics.',
    rule: 'AS-24',
    check: 'as-mmap-call-registers',
    source: 'contract S1',
    edits: [
      mm(
        '    const addr = Va.new(abi.arg1);\n    const prot',
        '    const addr = Va.add(0n as Va, abi.arg1);\n    const prot',
      ),
      mm(CHECK, 'if ((prot & ~PROT_MASK) !== 0n) throw KernelError.InvalidArgument;'),
    ],
  },
  {
    id: 'call-address-error',
    mistake: 'An address that is none is answered with BadAddress.',
    rule: 'AS-24',
    check: 'as-mmap-call-registers',
    edits: [mm(CHECK, `if (addr === null) throw KernelError.BadAddress;\n    ${CHECK}`)],
  },
  {
    id: 'call-prot-unchecked',
    mistake: 'Undefined bits of the protection are cut off.',
    rule: 'AS-24',
    check: 'as-mmap-call-registers',
    edits: [mm('    const prot = abi.arg3;\n', '    const prot = abi.arg3 & PROT_MASK;\n')],
  },
  {
    id: 'call-prot-lower-half',
    mistake: 'Only the lower half of the protection register is looked at.',
    rule: 'AS-24',
    check: 'as-mmap-call-registers',
    edits: [mm('    const prot = abi.arg3;\n', '    const prot = BigInt.asUintN(32, abi.arg3);\n')],
  },
  {
    id: 'call-prot-user-passed',
    mistake: 'The bit of USER is accepted from the program.',
    rule: 'AS-24',
    check: 'as-mmap-call-registers',
    edits: [
      mm(
        'Permission.WRITE | Permission.EXECUTABLE;',
        'Permission.WRITE | Permission.EXECUTABLE | Permission.USER;',
      ),
    ],
  },
  {
    id: 'call-user-forgotten',
    mistake: 'USER is not added to the protection.',
    rule: 'AS-26',
    check: 'as-mmap-call',
    source: 'contract S4',
    edits: [mm('prot | Permission.USER, file', 'prot, file')],
  },
  {
    id: 'call-write-added',
    mistake: 'Every region is mapped with WRITE.',
    rule: 'AS-26',
    check: 'as-mmap-call',
    edits: [mm('prot | Permission.USER, file', 'prot | Permission.USER | Permission.WRITE, file')],
  },
  {
    id: 'call-offset-forgotten',
    mistake: 'The offset register is ignored.',
    rule: 'AS-26',
    check: 'as-mmap-call-file',
    edits: [mm('file, abi.arg5)', 'file, 0n)')],
  },
  {
    id: 'call-position-used',
    mistake: 'The mapping begins at the position of the file.',
    rule: 'AS-26',
    check: 'as-mmap-call-file',
    source: 'contract E24',
    edits: [
      mm(
        DO_MMAP,
        `const open = fileStruct.files.get(Number(${FD}))?.file;
    const position = open?.kind === 'RegularFile' ? open.position & ~0xfffn : 0n;
    return this.doMmap(addr, abi.arg2, prot | Permission.USER, file, abi.arg5 + position);`,
      ),
    ],
  },
  {
    id: 'call-position-moved',
    mistake: 'Mapping a file moves its position to the end of the mapping.',
    rule: 'AS-26',
    check: 'as-mmap-call-file',
    source: 'contract E24',
    edits: [
      mm(
        DO_MMAP,
        `const open = fileStruct.files.get(Number(${FD}))?.file;
    if (open?.kind === 'RegularFile') open.position = abi.arg5 + abi.arg2;
    ${DO_MMAP}`,
      ),
    ],
  },
  {
    id: 'call-descriptor-64-bits',
    mistake: 'The descriptor is taken with all 64 bits, so that -1 as a C int is not recognised.',
    rule: 'AS-26',
    check: 'as-mmap-call',
    edits: [mm(FD, 'BigInt.asIntN(64, abi.arg4)')],
  },
  {
    id: 'call-negative-is-anonymous',
    mistake: 'Every negative descriptor asks for anonymous memory.',
    rule: 'AS-25',
    check: 'as-mmap-call-descriptors',
    edits: [mm('if (fd === -1n) return null;', 'if (fd < 0n) return null;')],
  },
  {
    id: 'call-zero-is-anonymous',
    mistake: 'Standard streams are taken for "no file".',
    rule: 'AS-25',
    check: 'as-mmap-call-descriptors',
    source: 'contract S3',
    edits: [
      mm('if (fd === -1n) return null;', 'if (fd === -1n || (fd >= 0n && fd <= 2n)) return null;'),
    ],
  },
  {
    id: 'call-unknown-is-anonymous',
    mistake: 'A descriptor that is not open asks for anonymous memory.',
    rule: 'AS-25',
    check: 'as-mmap-call-descriptors',
    edits: [
      mm(
        'if (open === undefined) throw KernelError.BadFileDescriptor;',
        'if (open === undefined) return null;',
      ),
    ],
  },
  {
    id: 'call-pipe-panics',
    mistake: 'A directory or a pipe is taken for a file, and its missing methods are called.',
    rule: 'AS-25',
    check: 'as-mmap-call-descriptors',
    source: 'contract S10',
    edits: [
      mm(
        "  if (open.file.kind !== 'RegularFile') throw KernelError.InvalidArgument;\n  return open.file.file;",
        '  return (open.file as unknown as { file: RegularFile }).file.ino() < 0n ? null : (open.file as unknown as { file: RegularFile }).file;',
      ),
    ],
  },
  {
    id: 'call-mode-checked',
    mistake: 'A file opened for reading cannot be mapped with WRITE.',
    rule: 'AS-26',
    check: 'as-mmap-call-file',
    edits: [
      mm(
        DO_MMAP,
        `if (fileStruct.files.get(Number(${FD}))?.mode === 'Read' && file !== null && (prot & 2n) !== 0n)
      throw KernelError.OperationNotPermitted;
    ${DO_MMAP}`,
      ),
    ],
  },
  {
    id: 'call-returns-size',
    mistake: 'The system call mmap returns the size instead of what the pager returns.',
    rule: 'AS-26',
    check: 'as-mmap-call',
    edits: [mm(DO_MMAP, DO_MMAP.replace('return ', '').concat('\n    return abi.arg2;'))],
  },
  {
    id: 'call-size-lower-half',
    mistake: 'Only the lower half of the length register counts.',
    rule: 'AS-26',
    check: 'as-mmap-call',
    edits: [
      mm(
        'abi.arg2, prot | Permission.USER',
        'BigInt.asUintN(32, abi.arg2), prot | Permission.USER',
      ),
    ],
  },
  {
    id: 'munmap-call-address',
    mistake: 'The system call munmap says that all is well for an address that is none.',
    rule: 'AS-27',
    check: 'as-munmap-call',
    edits: [
      mm(
        `    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this`,
        `    const addr = Va.new(abi.arg1);
    if (addr === null) return 0n;
    return this`,
      ),
    ],
  },
  {
    id: 'munmap-call-swallows',
    mistake: 'The system call munmap reports success whatever the pager says.',
    rule: 'AS-27',
    check: 'as-munmap-call',
    edits: [
      mm(
        '    return this.pager.munmap(this.pageTable, addr);\n',
        '    try {\n      this.pager.munmap(this.pageTable, addr);\n    } catch {\n      return 0n;\n    }\n    return 0n;\n',
      ),
    ],
  },
];
