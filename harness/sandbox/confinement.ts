/** How a process that handles untrusted text is started: which walls the operating system and Node put around it. */
import { findTool } from './find-tool.ts';
import {
  failedIsolator,
  ISOLATORS,
  isolationPrefix,
  type Isolator,
  visiblePath,
} from './isolation.ts';

const MIB = 2 ** 20;

/** Walls around a process; the report names those that were up. */
export const LAYERS = [
  'process',
  'wall-clock',
  'node-permission',
  'rlimits',
  ...ISOLATORS,
  'ses',
] as const;

export type Layer = (typeof LAYERS)[number];

/** Whether a wall is among those that are up, or a better one of its kind. */
export function isUp(layer: Layer, up: readonly string[]): boolean {
  return up.includes(layer) || (layer === 'unshare' && up.includes('bwrap'));
}

/** Those that have turned out not to work here, and what the tool said. */
const broken = new Map<Layer, string>();

/** What the tools said that could not put up their walls, by wall. Certain when a process has started. */
export function brokenWalls(): ReadonlyMap<Layer, string> {
  return broken;
}

/** Whether a process died because a wall could not be put up; the next {@link launchCommand} goes without that wall. */
export function givesUpWall(detail: string): boolean {
  const wall = failedWall(detail);
  if (wall === null || broken.has(wall)) return false;
  broken.set(wall, detail);
  return true;
}

/** They say their name first. */
function failedWall(detail: string): Layer | null {
  return failedIsolator(detail) ?? (/\b(prlimit|setpriv): /.test(detail) ? 'rlimits' : null);
}

export interface ProcessLimits {
  /** Most MiB of JavaScript heap. */
  readonly heapMb: number;
  /** MiB of one half of the heap's young generation: more is faster for what allocates much, and counts against `dataMb`. */
  readonly youngMb: number;
  /** Most MiB of private memory beyond what Node needs to start: array buffers and the rest (Linux). */
  readonly dataMb: number;
  /** Most seconds of processor time over the life of the process (Linux): a net below the wall clock, should the parent die. */
  readonly cpuSeconds: number;
  /** Most MiB of resident memory, looked at every so often (Linux). */
  readonly residentMb: number;
}

export interface Launch {
  readonly command: readonly string[];
  readonly layers: readonly Layer[];
}

/**
 * The command that runs `script` under `limits`. It may read `readable` (files, or folders written `folder/*`) and nothing else. `bare`: behind Node's own
 * walls only.
 */
export function launchCommand(
  script: string,
  readable: readonly string[],
  limits: ProcessLimits,
  bare = false,
): Launch {
  const permission = permissionFlag();
  const files = [script, ...readable];
  const node = [
    process.execPath,
    `--max-old-space-size=${String(limits.heapMb)}`,
    // As large from the start: code that keeps much would have it copied over and over while V8 lets it grow.
    `--min-semi-space-size=${String(limits.youngMb)}`,
    `--max-semi-space-size=${String(limits.youngMb)}`,
    '--stack-size=900',
    '--no-addons',
    '--expose-gc',
    '--disable-proto=delete',
    ...(permission === null ? [] : [permission, ...files.map((path) => `--allow-fs-read=${path}`)]),
    script,
  ];
  const limitation = bare || broken.has('rlimits') ? [] : limitPrefix(limits);
  const isolation = bare ? null : isolate(files);
  return {
    command: [...limitation, ...(isolation?.prefix ?? []), ...node],
    layers: [
      'process',
      'wall-clock',
      ...(permission === null ? [] : (['node-permission'] as const)),
      ...(limitation.length === 0 ? [] : (['rlimits'] as const)),
      ...(isolation === null ? [] : [isolation.tool]),
    ],
  };
}

/** The best isolation that there is, as far as is known. */
function isolate(
  files: readonly string[],
): { readonly tool: Isolator; readonly prefix: readonly string[] } | null {
  for (const tool of ISOLATORS) {
    const prefix = broken.has(tool) ? [] : isolationPrefix(tool, files.map(visiblePath));
    if (prefix.length > 0) return { tool, prefix };
  }
  return null;
}

/** Node 20 has the permission model under its experimental name, later ones without. */
function permissionFlag(): string | null {
  const flags = process.allowedNodeEnvironmentFlags;
  return ['--permission', '--experimental-permission'].find((flag) => flags.has(flag)) ?? null;
}

function limitPrefix({ dataMb, cpuSeconds }: ProcessLimits): readonly string[] {
  const prlimit = process.platform === 'linux' ? findTool('prlimit') : null;
  if (prlimit === null) return [];
  // V8 reserves its code range as data from Node 24 on: 573 MiB at the start, 48 MiB before.
  const overhead = Number(process.versions.node.split('.')[0]) >= 24 ? 640 : 64;
  const setpriv = findTool('setpriv');
  return [
    // The process is killed with its parent, however that ends: student code in an endless loop would not see its pipe close.
    ...(setpriv === null ? [] : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL']),
    prlimit,
    `--data=${String((overhead + dataMb) * MIB)}`,
    `--cpu=${String(cpuSeconds)}:${String(cpuSeconds + 5)}`,
    '--core=0',
    '--fsize=0',
    '--nofile=64',
  ];
}
