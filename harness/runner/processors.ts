/** How many processors there are for us. A container may be given half of one, and Node then still counts all that the machine has. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';

type Read = (path: string) => string | null;

const GROUPS = '/sys/fs/cgroup';

/** At least 1. */
export function processors(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(processorQuota(readSystemFile))));
}

/**
 * Processor time that control groups allow, in processors: 0.5 for half of one; `Infinity` if nothing bounds it.
 *
 * Source: Linux, Documentation/admin-guide/cgroup-v2.rst, `cpu.max`, and Documentation/scheduler/sched-bwc.rst.
 *
 * @param read gives the text of a system file, or null
 */
export function processorQuota(read: Read): number {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const quotas = lines.flatMap(([, controllers = '', path = '/']) => {
    if (controllers === '')
      return upwards(path).map((group) => ofVersion2(read(`${GROUPS}${group}/cpu.max`)));
    if (!controllers.split(',').includes('cpu')) return [];
    // Inside a container its own group is mounted at the top.
    return upwards(path).flatMap((group) =>
      ['cpu', 'cpu,cpuacct'].map((name) => ofVersion1(read, `${GROUPS}/${name}${group}`)),
    );
  });
  return Math.min(Infinity, ...quotas);
}

/** A group and those above it, without a slash at the end. */
function upwards(path: string): readonly string[] {
  if (path === '/' || !path.startsWith('/')) return [''];
  return [path, ...upwards(posix.dirname(path))];
}

function ofVersion2(text: string | null): number {
  const [quota, period] = (text ?? '').trim().split(' ').map(Number);
  return share(quota, period);
}

function ofVersion1(read: Read, folder: string): number {
  const number = (name: string): number => Number(read(`${folder}/${name}`) ?? NaN);
  return share(number('cpu.cfs_quota_us'), number('cpu.cfs_period_us'));
}

/** `max` and -1 stand for no bound. */
function share(quota = NaN, period = NaN): number {
  return quota > 0 && period > 0 ? quota / period : Infinity;
}

function readSystemFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
