/** Short ways to write down attacks that are handed in as TypeScript. */
import type { CanaryPlaces, CompiledAttack } from './attack.ts';
import type { Unsorted } from './define.ts';

type Text = string | ((canaries: CanaryPlaces) => string);

/** A page table in TypeScript: `top` stands before the class, `walk` is the body of a method that every attack calls. */
export function pageTable(top: string, walk = ''): string {
  return `import * as keos from 'keos';
declare function gain(what: string, get: () => unknown): void;
${top}
export class PageTable {
  root: any = keos.PageTableRoot.newBoxedWithKernelAddr();
  walk(va: bigint): any { ${walk}
    throw keos.PageTableMappingError.NotExist; }
  drop(): void { this.root.drop(); }
}
`;
}

/** A page table that is `top` and `walk`, and else does nothing. */
export function source(id: string, after: string, top: Text, walk = ''): Unsorted<CompiledAttack> {
  return {
    id,
    after,
    from: 'source',
    files: (canaries) => ({
      'page-table.ts': pageTable(typeof top === 'string' ? top : top(canaries), walk),
    }),
  };
}

/** A submission of these files. */
export function sources(
  id: string,
  after: string,
  files: (canaries: CanaryPlaces) => Readonly<Record<string, string>>,
): Unsorted<CompiledAttack> {
  return { id, after, from: 'source', files };
}
