/** Mistakes when frames run short and reads fail, and about who owns which frame. */
import type { Mutant } from '../../../harness/index.ts';

const file = 'demand-paging.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'reference-given-up-before-the-frame',
    mistake: 'handleCowFault gives up the reference before it takes the frame, which can fail.',
    rule: 'DP-22',
    check: 'dp-no-frame-for-a-copy',
    source: 'contract O22',
    edits: [
      {
        file,
        find: '    const copy = allocate();\n',
        put: '    const wasLast = this.cowTable.release(page);\n    const copy = allocate();\n',
      },
      { file, find: 'if (this.cowTable.release(page)) FRAME', put: 'if (wasLast) FRAME' },
    ],
  },
  {
    id: 'noted-before-the-frame',
    mistake: 'Notes a page down as faulted in before it takes the frame, which can fail.',
    rule: 'DP-22',
    check: 'dp-no-frame-for-a-page',
    edits: [
      { file, find: '    mapping.noteFaultedIn(page);\n', put: '' },
      {
        file,
        find: '    const frame = allocate();\n    try {',
        put: '    mapping.noteFaultedIn(page);\n    const frame = allocate();\n    try {',
      },
      {
        file,
        find: '      FRAME_ALLOCATOR.freeFrame(frame);\n      throw error;',
        put: '      FRAME_ALLOCATOR.freeFrame(frame);\n      mapping.forget(page);\n      throw error;',
      },
      {
        file,
        find: '  /** Puts the contents of a page',
        put: '  forget(page: number): void {\n    this.faultedIn[page] = false;\n  }\n\n  /** Puts the contents of a page',
      },
    ],
  },
  {
    id: 'allocator-error-let-out',
    mistake: 'Lets the error of the allocator out instead of a KernelError.',
    rule: 'DP-22',
    check: 'dp-no-frame-for-a-page',
    edits: [
      {
        file,
        find: 'if (!frame.ok) throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });',
        put: 'if (!frame.ok) throw frame.error;',
      },
    ],
  },
  {
    id: 'shortage-of-one-frame',
    mistake: 'Reports the shortage in frames instead of bytes.',
    rule: 'DP-22',
    check: 'dp-no-frame-for-a-page',
    edits: [{ file, find: 'requested: PAGE_SIZE', put: 'requested: 1n' }],
  },
  {
    id: 'shortage-begins-the-mapping-again',
    mistake:
      'Registers the mapping anew when no frame is free: its pages that were faulted in count as fresh.',
    rule: 'DP-22',
    check: 'dp-no-frame-for-a-page',
    edits: [
      {
        file,
        find: '    const frame = allocate();\n    try {',
        put: `    let frame: FrameNumber;
    try {
      frame = allocate();
    } catch (error) {
      this.registerLazy(mapping.startVaddr, mapping.size, mapping.flags, mapping.backing);
      throw error;
    }
    try {`,
      },
    ],
  },
  {
    id: 'read-error-loses-the-frame',
    mistake: 'Does not free the frame when the file cannot be read.',
    rule: 'DP-23',
    check: 'dp-read-error',
    edits: [
      {
        file,
        find: '      FRAME_ALLOCATOR.freeFrame(frame);\n      throw error;',
        put: '      throw error;',
      },
    ],
  },
  {
    id: 'read-error-is-forgotten',
    mistake: 'Returns a page of zeros when the file cannot be read.',
    rule: 'DP-23',
    check: 'dp-read-error',
    edits: [
      {
        file,
        find: '      FRAME_ALLOCATOR.freeFrame(frame);\n      throw error;',
        put: '      physToVirtAddr(frame * PAGE_SIZE).fill(0);',
      },
    ],
  },
  {
    id: 'noted-before-the-read',
    mistake: 'Notes a page down as faulted in before it is read, which can fail.',
    rule: 'DP-23',
    check: 'dp-read-error',
    edits: [
      { file, find: '    mapping.noteFaultedIn(page);\n', put: '' },
      {
        file,
        find: '    const frame = allocate();\n    try {\n',
        put: '    const frame = allocate();\n    mapping.noteFaultedIn(page);\n    try {\n',
      },
    ],
  },
  {
    id: 'frame-taken-before-the-look-up',
    mistake:
      'Takes the frame before it looks whether there is a page to fault in, and keeps it if there is none.',
    rule: 'DP-24',
    check: 'dp-one-owner',
    edits: [
      { file, find: '    const frame = allocate();\n    try {', put: '    try {' },
      {
        file,
        find: '    const mapping = this.mappingAt(vaddr);\n',
        put: '    const frame = allocate();\n    const mapping = this.mappingAt(vaddr);\n',
      },
    ],
  },
  {
    id: 'spare-frame-kept',
    mistake: 'Takes a second frame with the first, to have one for the next fault.',
    rule: 'DP-24',
    check: 'dp-one-owner',
    edits: [
      { file, find: '    const copy = allocate();\n', put: '    const copy = this.take();\n' },
      {
        file,
        find: '  private mappingAt(',
        put:
          '  private spare: FrameNumber | null = null;\n\n' +
          '  private take(): FrameNumber {\n' +
          '    const frame = this.spare ?? allocate();\n' +
          '    this.spare = this.spare === null ? allocate() : null;\n' +
          '    return frame;\n' +
          '  }\n\n' +
          '  private mappingAt(',
      },
    ],
  },
  {
    id: 'unregister-frees-the-frames',
    mistake: 'unregisterLazy frees the frames of the mapping, which its caller still has mapped.',
    rule: 'DP-24',
    check: 'dp-one-owner',
    edits: [
      {
        file,
        find: '  private readonly faultedIn: boolean[];',
        put: '  private readonly faultedIn: boolean[];\n  readonly frames: FrameNumber[] = [];',
      },
      {
        file,
        find: '    mapping.noteFaultedIn(page);\n    return',
        put: '    mapping.noteFaultedIn(page);\n    mapping.frames.push(frame);\n    return',
      },
      {
        file,
        find: '    this.lazyMappings.delete(startVaddr);',
        put:
          '    const frames = this.lazyMappings.get(startVaddr)?.frames ?? [];\n' +
          '    for (const frame of frames) attemptToFree(frame);\n' +
          '    this.lazyMappings.delete(startVaddr);',
      },
      {
        file,
        find: '/** A frame of our own, its bytes still to be written. */',
        put:
          'function attemptToFree(frame: FrameNumber): void {\n  FRAME_ALLOCATOR.freeFrame(frame);\n}\n\n' +
          '/** A frame of our own, its bytes still to be written. */',
      },
    ],
  },
];
