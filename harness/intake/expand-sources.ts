import { submissionId } from './submission-id.ts';

/** One submission to read, under the name it has in this run. */
export interface Source {
  readonly id: string;
  readonly path: string;
}

/**
 * The submissions that `paths` stand for, in the order given, each with a name no other has: `alice`, `alice-2`. Names that differ
 * only by case count as equal, since reports may be written to disks that do not tell them apart.
 */
export function expandSources(paths: readonly string[]): Promise<readonly Source[]> {
  const taken = new Set<string>();
  return Promise.resolve(paths.map((path) => ({ id: claim(submissionId(path), taken), path })));
}

function claim(name: string, taken: Set<string>): string {
  let id = name;
  for (let n = 2; taken.has(id.toLowerCase()); n++) id = `${name}-${n}`;
  taken.add(id.toLowerCase());
  return id;
}
