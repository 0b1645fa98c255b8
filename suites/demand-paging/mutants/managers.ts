/** Mistakes about the global manager, and about managers beside one another. */
import type { Mutant } from '../../../harness/index.ts';

const file = 'demand-paging.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'unmapped-before-init',
    mistake: 'handlePageFault says that nothing is mapped when there is no manager yet.',
    rule: 'DP-25',
    check: 'dp-before-init',
    source: 'contract O24',
    edits: [
      {
        file,
        find: "throw KernelError.NotInitialized({ subsystem: 'demand_paging' });",
        put: 'throw KernelError.UnmappedMemory({ addr: vaddr });',
      },
    ],
  },
  {
    id: 'register-makes-the-manager',
    mistake: 'registerLazy makes the global manager if there is none.',
    rule: 'DP-25',
    check: 'dp-before-init',
    source: 'contract O25',
    edits: [
      {
        file,
        find: '  manager?.registerLazy(startVaddr',
        put: '  manager ??= new DemandPagingManager();\n  manager.registerLazy(startVaddr',
      },
    ],
  },
  {
    id: 'init-only-once',
    mistake: 'A second init keeps the manager that is there.',
    rule: 'DP-25',
    check: 'dp-init-again',
    edits: [
      {
        file,
        find: '  manager = new DemandPagingManager();\n}',
        put: '  manager ??= new DemandPagingManager();\n}',
      },
    ],
  },
  {
    id: 'with-manager-returns-nothing',
    mistake: 'withManagerMut does not return what its function returns.',
    rule: 'DP-26',
    check: 'dp-global',
    edits: [{ file, find: '  return f(manager);', put: '  f(manager);\n  return undefined as R;' }],
  },
  {
    id: 'with-manager-forgets-its-manager',
    mistake: 'withManagerMut makes a manager and does not keep it.',
    rule: 'DP-26',
    check: 'dp-global',
    edits: [
      {
        file,
        find: '  manager ??= new DemandPagingManager();\n  return f(manager);',
        put: '  return f(manager ?? new DemandPagingManager());',
      },
    ],
  },
  {
    id: 'with-manager-needs-init',
    mistake: 'withManagerMut throws NotInitialized instead of making a manager.',
    rule: 'DP-26',
    check: 'dp-global',
    edits: [
      {
        file,
        find: '  manager ??= new DemandPagingManager();\n  return f(manager);',
        put:
          "  if (manager === null) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });\n" +
          '  return f(manager);',
      },
    ],
  },
  {
    id: 'mappings-of-all-managers',
    mistake: 'The mappings are kept in a static field, which all managers share.',
    rule: 'DP-27',
    check: 'dp-managers-apart',
    edits: [
      {
        file,
        find: '  private readonly lazyMappings = new Map<bigint, LazyMapping>();',
        put:
          '  private static readonly all = new Map<bigint, LazyMapping>();\n' +
          '  private readonly lazyMappings = DemandPagingManager.all;',
      },
      {
        file,
        find: '  manager = new DemandPagingManager();\n}',
        put: '  manager = new DemandPagingManager();\n  manager.forgetAll();\n}',
      },
      {
        file,
        find: '  private mappingAt(',
        put: '  forgetAll(): void {\n    this.lazyMappings.clear();\n  }\n\n  private mappingAt(',
      },
    ],
  },
  {
    id: 'one-table-for-all-managers',
    mistake: 'The table of shared frames is kept in a static field, which all managers share.',
    rule: 'DP-27',
    check: 'dp-managers-apart',
    edits: [
      {
        file,
        find: '  readonly cowTable = new CowTable();',
        put: '  private static readonly table = new CowTable();\n  readonly cowTable = DemandPagingManager.table;',
      },
    ],
  },
  {
    id: 'init-keeps-the-table',
    mistake: 'A second init makes a new manager with the entries of the old one.',
    rule: 'DP-25',
    check: 'dp-init-marks',
    edits: [
      {
        file,
        find: '  manager = new DemandPagingManager();\n}',
        put:
          '  const entries = manager?.cowTable.entries ?? [];\n' +
          '  manager = new DemandPagingManager();\n' +
          '  for (const [page, entry] of entries) manager.cowTable.entries.set(page, entry);\n}',
      },
    ],
  },
  {
    id: 'with-manager-keeps-it-afterwards',
    mistake: 'withManagerMut keeps the manager that it has made after its function has returned.',
    rule: 'DP-26',
    check: 'dp-global-stays',
    edits: [
      {
        file,
        find: '  manager ??= new DemandPagingManager();\n  return f(manager);',
        put:
          '  const made = manager ?? new DemandPagingManager();\n' +
          '  const result = f(made);\n' +
          '  manager = made;\n' +
          '  return result;',
      },
    ],
  },
];
