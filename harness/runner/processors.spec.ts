import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { processorQuota, processors } from './processors.ts';

const quota = (files: Readonly<Record<string, string>>): number =>
  processorQuota((path) => files[path] ?? null);

describe('processorQuota', () => {
  it('should read what bounds a container', () => {
    expect(
      quota({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' }),
    ).to.equal(0.5);
    expect(
      quota({
        '/proc/self/cgroup': '4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      }),
    ).to.equal(1.5);
  });

  it('should take the narrowest of all groups around it', () => {
    expect(
      quota({
        '/proc/self/cgroup': '0::/user.slice/job\n',
        '/sys/fs/cgroup/user.slice/job/cpu.max': '300000 100000\n',
        '/sys/fs/cgroup/user.slice/cpu.max': '200000 100000\n',
        '/sys/fs/cgroup/cpu.max': 'max 100000\n',
      }),
    ).to.equal(2);
  });

  it('should find no bound where there is none', () => {
    expect(quota({})).to.equal(Infinity);
    expect(
      quota({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }),
    ).to.equal(Infinity);
    expect(
      quota({
        '/proc/self/cgroup': '2:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      }),
    ).to.equal(Infinity);
  });
});

describe('processors', () => {
  it('should be one at least, and not more than there are', () => {
    expect(processors()).to.be.within(1, availableParallelism());
  });
});
