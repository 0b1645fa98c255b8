/** How a process that handles untrusted text is started: which walls the operating system and Node put around it. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const MIB = 2 ** 20;

/** A wall around the child; the report names those that were up. */
export type Layer = 'process' | 'wall-clock' | 'node-permission' | 'rlimits' | 'ses';

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
 * The command that runs `script` under `limits`. It may read `readable` (files, or folders written `folder/*`) and nothing else.
 * `rlimits: false` leaves out the limits of the operating system.
 */
export function launchCommand(
  script: string,
  readable: readonly string[],
  limits: ProcessLimits,
  rlimits: boolean,
): Launch {
  const permission = permissionFlag();
  const node = [
    process.execPath,
    `--max-old-space-size=${String(limits.heapMb)}`,
    `--max-semi-space-size=${String(limits.youngMb)}`,
    '--stack-size=900',
    '--no-addons',
    '--expose-gc',
    '--disable-proto=delete',
    ...(permission === null
      ? []
      : [permission, ...[script, ...readable].map((path) => `--allow-fs-read=${path}`)]),
    script,
  ];
  const prefix = rlimits ? limitPrefix(limits) : [];
  return {
    command: [...prefix, ...node],
    layers: [
      'process',
      'wall-clock',
      ...(permission === null ? [] : (['node-permission'] as const)),
      ...(prefix.length === 0 ? [] : (['rlimits'] as const)),
    ],
  };
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

/** Whether a process died of the tools that set its limits: they say their name first. */
export function failedAtLimits(detail: string): boolean {
  return /\b(prlimit|setpriv): /.test(detail);
}

/** Absolute path of a program of the system, so that no environment is needed to find it. */
function findTool(name: string): string | null {
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin']) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}
