import { spawnSync } from 'node:child_process';
import { findTool } from '../find-tool.ts';

/** What starts a command in a place where no tool may make namespaces; `null` where such a place cannot be made. */
export function unisolated(): readonly string[] | null {
  const bwrap = findTool('bwrap');
  if (bwrap === null) return null;
  const wrapper = ['--dev-bind', '/', '/', '--unshare-user', '--disable-userns'];
  return spawnSync(bwrap, [...wrapper, 'true']).status === 0 ? [bwrap, ...wrapper] : null;
}
