/**
 * The operating system's own walls, where it has them for us: a process that sees no other process, no network, and of the files what it needs to start.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findTool } from './find-tool.ts';

/** Programs that put a process behind such walls, the better one first. Not on every Linux may everybody use them. */
export const ISOLATORS = ['bwrap', 'unshare'] as const;

export type Isolator = (typeof ISOLATORS)[number];

/** What Node is linked with lies in these. */
const LIBRARIES = ['/lib', '/lib32', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib'];
/** Nobody, as the process is to believe: it owns nothing. */
const NOBODY = '65534';

/**
 * What goes before a command to isolate it: it may read `readable` (absolute paths). Empty if the tool is not installed. Whether it works is known when
 * the command has started.
 */
export function isolationPrefix(tool: Isolator, readable: readonly string[]): readonly string[] {
  if (process.platform !== 'linux') return [];
  const path = findTool(tool);
  if (path === null) return [];
  return [path, ...(tool === 'bwrap' ? BWRAP(readable) : UNSHARE)];
}

/** A file system with nothing in it but libraries, Node and what may be read; all of it read-only. */
const BWRAP = (readable: readonly string[]): readonly string[] => [
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  '--clearenv',
  ...['--cap-drop', 'ALL'],
  ...['--uid', NOBODY, '--gid', NOBODY],
  ...[...LIBRARIES.filter((path) => existsSync(path)), process.execPath, ...readable].flatMap(
    (path) => ['--ro-bind', path, path],
  ),
  ...['--proc', '/proc'],
  ...['--dev', '/dev'],
  ...['--remount-ro', '/'],
  ...['--chdir', '/'],
];

/** The file system is the host's: what may be read is up to Node. */
const UNSHARE: readonly string[] = [
  ...['--user', '--map-current-user'],
  '--net',
  '--ipc',
  '--uts',
  ...['--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** The tool that could not do what it was asked, by what a process said before it died. */
export function failedIsolator(words: string): Isolator | null {
  const complainer = ISOLATORS.find((tool) => new RegExp(`\\b${tool}: `).test(words));
  // Libraries somewhere else than where they are looked for.
  const lacksLibraries = words.includes('error while loading shared libraries');
  return complainer ?? (lacksLibraries ? 'bwrap' : null);
}

/** The path that makes a pattern of readable files, `folder/*` or a file, visible. */
export function visiblePath(pattern: string): string {
  return pattern.endsWith('/*') ? dirname(pattern) : pattern;
}
