/** What there is to say about the machine, apart from the walls around student code. */
import { accessSync, constants, statfsSync } from 'node:fs';
import { freemem, tmpdir, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { processors as processorsForUs } from '../runner/processors.ts';

/** Something that was looked at. */
export interface Finding {
  readonly what: string;
  readonly is: 'good' | 'poor' | 'bad';
  readonly seen: string;
  /** What to do about it, if it is not good. */
  readonly advice?: string;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** The oldest Node that everything runs on; see `engines` in package.json. */
const OLDEST_NODE = [20, 19] as const;
/** Lines of Node that every check was run on. */
const KNOWN_NODES: readonly number[] = [20, 22, 24, 26];
/** What one submission takes at most, with the processes that compile and run it, as measured; and what is too little for one. */
const MIB_A_JOB = 700;
const LEAST_MIB = 512;
/** Compiled programs and results of a large class. */
const COMFORTABLE_DISK_MIB = 500;
const LEAST_DISK_MIB = 50;

/** Everything that can be seen without starting anything. */
export function machineFindings(): readonly Finding[] {
  return [node(), processors(), memory(), ...folders()];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const seen = `${process.version} (${process.platform} ${process.arch})`;
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (isOld)
    return {
      what: 'Node',
      is: 'bad',
      seen,
      advice: `Install Node ${OLDEST_NODE.join('.')} or newer.`,
    };
  if (KNOWN_NODES.includes(major)) return { what: 'Node', is: 'good', seen };
  const advice = `Faultline is tested on Node ${KNOWN_NODES.join(', ')}.`;
  return { what: 'Node', is: 'poor', seen, advice };
}

function processors(): Finding {
  const count = processorsForUs();
  const what = 'processors';
  if (count > 1) return { what, is: 'good', seen: String(count) };
  return { what, is: 'poor', seen: '1', advice: 'Grading takes about twice as long as on two.' };
}

function memory(): Finding {
  // 0 where nothing bounds it; a very large number on some systems.
  const bound = process.constrainedMemory();
  const total = bound > 0 && bound < totalmem() ? bound : totalmem();
  const free = Math.min(freemem(), total);
  const jobs = Math.floor(free / MIB / MIB_A_JOB);
  const seen = `${gib(total)} GiB, ${gib(free)} GiB free`;
  const what = 'memory';
  if (free < LEAST_MIB * MIB)
    return {
      what,
      is: 'bad',
      seen,
      advice: `A submission may take ${String(LEAST_MIB)} MiB and more: close something.`,
    };
  if (jobs < processorsForUs())
    return {
      what,
      is: 'poor',
      seen,
      advice: `Enough for --jobs ${String(Math.max(1, jobs))} when submissions use all they may.`,
    };
  return { what, is: 'good', seen };
}

/** Where results are written by default, and where compiled programs are kept. */
function folders(): readonly Finding[] {
  const kept = resolve(__dirname, '../../node_modules');
  return [
    folder('this folder', process.cwd(), 'Give --output a folder that can be written.'),
    folder('compiled programs', kept, 'They are kept with temporary files instead.'),
    folder('temporary files', tmpdir(), 'Set TMPDIR to a folder that can be written.'),
  ];
}

function folder(what: string, path: string, ifReadOnly: string): Finding {
  try {
    const { bavail, bsize } = statfsSync(path);
    const mib = Math.floor((bavail * bsize) / MIB);
    const room = mib >= 10 * 1024 ? `${gib(mib * MIB)} GiB` : `${String(mib)} MiB`;
    const seen = `${path}: ${room} free`;
    if (mib < COMFORTABLE_DISK_MIB)
      return { what, is: mib < LEAST_DISK_MIB ? 'bad' : 'poor', seen, advice: 'Make room.' };
    accessSync(path, constants.W_OK);
    return { what, is: 'good', seen };
  } catch {
    return { what, is: 'poor', seen: `${path} cannot be written`, advice: ifReadOnly };
  }
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
