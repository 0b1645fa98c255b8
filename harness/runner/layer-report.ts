/** Which walls there are around student code on this machine, found out by putting them up. */
import { Sandbox } from '../sandbox/child-process.ts';
import { brokenWalls, isUp, type Layer, LAYERS } from '../sandbox/confinement.ts';
import { findTool } from '../sandbox/find-tool.ts';

export interface LayerState {
  readonly layer: Layer;
  /** `spare`: a better wall of the same kind is up. */
  readonly state: 'active' | 'spare' | 'missing';
  /** What the wall keeps out. */
  readonly purpose: string;
  /** Why it is missing and what to do about it; `null` if it is not. */
  readonly advice: string | null;
}

const PURPOSE: Readonly<Record<Layer, string>> = {
  process: 'student code runs in a process of its own',
  'wall-clock': 'that process is killed when it takes too long',
  'node-permission': 'Node gives it no files, processes, threads or native code',
  rlimits: 'the system bounds its memory, processor time and files',
  bwrap: 'the system shows it no network, no other process and none of your files',
  unshare: 'the system shows it no network and no other process',
  ses: 'the language it runs in is frozen, without clock, chance or event loop',
};

/** Programs of the system that a wall takes, and the package that has them on Debian and Ubuntu. */
const TOOLS: Readonly<Partial<Record<Layer, { readonly name: string; readonly package: string }>>> =
  {
    rlimits: { name: 'prlimit', package: 'util-linux' },
    bwrap: { name: 'bwrap', package: 'bubblewrap' },
    unshare: { name: 'unshare', package: 'util-linux' },
  };

/** Starts a process as for a submission, and says which walls it was started behind. Throws `SandboxError` if none can be started. */
export async function reportLayers(): Promise<readonly LayerState[]> {
  const sandbox = new Sandbox({ spare: false });
  try {
    await sandbox.load({});
    const { layers } = sandbox;
    return LAYERS.map((layer) => stateOf(layer, layers));
  } finally {
    await sandbox.close();
  }
}

function stateOf(layer: Layer, active: readonly Layer[]): LayerState {
  const purpose = PURPOSE[layer];
  if (active.includes(layer)) return { layer, purpose, state: 'active', advice: null };
  if (isUp(layer, active)) return { layer, purpose, state: 'spare', advice: null };
  return { layer, purpose, state: 'missing', advice: adviceFor(layer) };
}

function adviceFor(layer: Layer): string {
  const tool = TOOLS[layer];
  if (process.platform !== 'linux') return 'It needs Linux.';
  if (tool === undefined) return 'It needs a newer Node.';
  if (findTool(tool.name) === null)
    return `${tool.name} is not installed: apt-get install ${tool.package}.`;
  const words = brokenWalls().get(layer);
  const said = words === undefined ? '' : ` (${words.split('\n')[0]!.slice(0, 160)})`;
  return layer === 'rlimits'
    ? `${tool.name} may not set limits here${said}.`
    : `${tool.name} may not make namespaces here${said}: in a container, start it with --security-opt seccomp=unconfined; on Ubuntu 24.04, allow it in AppArmor.`;
}
