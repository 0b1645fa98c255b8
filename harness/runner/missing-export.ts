/** A submission that lacks an export cannot be run at all: said once, instead of in every check. */
import { GLOBAL, managerProgram } from '../generators/manager-scenario.ts';
import { eagerProgram, processProgram } from '../generators/process-scenario.ts';
import { tableProgram } from '../generators/table-scenario.ts';
import { panicText } from '../oracle/words.ts';
import type { Program } from '../protocol/program.ts';
import type { LoadResult } from '../sandbox/child-process.ts';
import type { AssignmentInfo } from './session/check-info.ts';
import type { Subject } from './session/subject.ts';

const NEEDS_TABLE = tableProgram((p) => {
  p.table();
  p.indices(0x1000);
});

const NEEDS_ADDRESS_SPACE = eagerProgram((p) => {
  p.spawn();
  p.accessRange(0x1000, 0x1001, false);
});

const NEEDS_PAGER = processProgram((p) => {
  p.spawn();
  p.fault(0x1000, 4);
});

const NEEDS_FORK = processProgram((p) => {
  p.spawn();
  p.fork('bob');
});

const NEEDS_MANAGER = managerProgram((p) => {
  p.sameBacking('anonymous', 'anonymous');
  p.contains(0x1000, 0x1000, 0x1000);
  p.table();
  p.manager();
  p.init();
  p.register(0x1000, 0x1000, { manager: GLOBAL });
  p.fault(0x1000, { manager: GLOBAL });
  p.isCow(0x1000, GLOBAL);
});

/** By assignment: a program that uses everything that has to be exported. */
const NEEDS: Readonly<Record<string, Program>> = {
  'page-table': NEEDS_TABLE,
  'address-space': NEEDS_ADDRESS_SPACE,
  fork: NEEDS_FORK,
  'demand-paging': NEEDS_MANAGER,
};

/** Why the modules of the assignment cannot be used (they throw while they load, or lack an export), or `null` if they can. */
export async function findMissingExport(
  info: AssignmentInfo,
  { sandbox, mapper }: Subject,
): Promise<string | null> {
  const program = NEEDS[info.id] ?? NEEDS_PAGER;
  const run = await sandbox.run(program, { recordSites: false, wallMs: 3_000 });
  if (run.kind === 'died' || run.trace.loadError === null) return null;
  const { kind, message, stack } = run.trace.loadError;
  const [place] = mapper.locations(stack);
  const where = place === undefined ? '' : ` (${place.file}:${String(place.line)})`;
  const what = panicText(kind, message).replace(/^exception: (MissingExport: )?/, '');
  return `${what}${where}, so nothing of this assignment can be run.`;
}

/** The files that compile and are no JavaScript all the same, and what is wrong with them: to whoever imports them they are missing. */
export function refusedFiles(loaded: LoadResult): string[] {
  if (loaded.kind !== 'ready') return [];
  return loaded.unloadable.map(
    ({ path, panic: { kind, message } }) =>
      `${path} cannot be loaded: ${panicText(kind, message).replace(/^exception: /, '')}.`,
  );
}
