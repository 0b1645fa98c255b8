/** What is left to an attacker who has got out of the frozen realm: plain Node code under the command line of the child. */
import type { CanaryPlaces, EscapedAttack } from '../attack.ts';
import { ofKind, type Unsorted } from '../define.ts';

/** `body` gains something by coming to its end; what stops it is written to standard error. */
function escaped(
  id: string,
  after: string,
  body: (canaries: CanaryPlaces) => string,
  needsSandbox?: true,
): Unsorted<EscapedAttack> {
  return {
    id,
    after,
    from: 'escaped',
    script: (
      canaries,
    ) => `(async () => { ${body(canaries)} })().then(() => process.stderr.write('PWN\\n'), (error) => {
      process.stderr.write('REFUSED ' + (error.code ?? error.name) + ': ' + error.message + '\\n');
    }).finally(() => process.exit(0));`,
    ...(needsSandbox === undefined ? {} : { needsSandbox }),
  };
}

const S = JSON.stringify;

export const ESCAPED = ofKind('escaped', [
  escaped(
    'escaped-read',
    'Read a file of the grader.',
    (c) => `require('fs').readFileSync(${S(c.secretFile)}, 'utf8');`,
  ),
  escaped(
    'escaped-read-fd',
    'Read a file of the grader by a descriptor.',
    (c) => `require('fs').openSync(${S(c.secretFile)}, 'r');`,
  ),
  escaped(
    'escaped-read-symlink',
    'Read a file of the grader through a link of its own.',
    (c) =>
      `const fs = require('fs'); fs.symlinkSync(${S(c.secretFile)}, ${S(c.droppedFile)}); fs.readFileSync(${S(c.droppedFile)});`,
  ),
  escaped(
    'escaped-read-require',
    'Load a file of the grader as a module.',
    (c) => `require(${S(c.secretFile)});`,
  ),
  escaped(
    'escaped-read-promises',
    'Read a file of the grader, with promises.',
    (c) => `await require('fs/promises').readFile(${S(c.secretFile)});`,
  ),
  escaped(
    'escaped-list',
    'List the folders of the machine.',
    () => `require('fs').readdirSync('/');`,
  ),
  escaped(
    'escaped-write',
    'Write a file.',
    (c) => `require('fs').writeFileSync(${S(c.droppedFile)}, 'x');`,
  ),
  escaped(
    'escaped-write-stream',
    'Write a file, as a stream.',
    (c) =>
      `await require('stream/promises').pipeline(['x'], require('fs').createWriteStream(${S(c.droppedFile)}));`,
  ),
  escaped(
    'escaped-spawn',
    'Start a program.',
    () =>
      `const { status, error } = require('child_process').spawnSync('/bin/true'); if (status !== 0) throw error;`,
  ),
  escaped(
    'escaped-fork',
    'Start another Node.',
    () =>
      `await new Promise((resolve, reject) => { const p = require('child_process').spawn(process.execPath, ['-e', '0']); p.on('spawn', resolve); p.on('error', reject); });`,
  ),
  escaped(
    'escaped-worker',
    'Start a thread.',
    () =>
      `await new Promise((resolve, reject) => { const w = new (require('worker_threads').Worker)('0', { eval: true }); w.on('online', resolve); w.on('error', reject); });`,
  ),
  escaped(
    'escaped-addon',
    'Load machine code.',
    (c) => `process.dlopen({ exports: {} }, ${S(c.secretFile)});`,
  ),
  escaped(
    'escaped-inspector',
    'Open a debugger, through which the permissions can be lifted.',
    () => `require('inspector').open(0); require('inspector').close();`,
  ),
  escaped(
    'escaped-binding',
    'Reach the bindings below the permissions.',
    () => `process.binding('spawn_sync').spawn;`,
  ),
  escaped(
    'escaped-environment',
    'Find something in its own environment.',
    () =>
      // bwrap says where it has put the process: in a root of its own.
      `const names = Object.keys(process.env).filter((name) => name !== 'SystemRoot' && !(name === 'PWD' && process.env.PWD === '/')); if (names.length === 0) throw Object.assign(new Error('the environment is empty'), { code: 'EMPTY' });`,
  ),
  escaped(
    'escaped-memory',
    'Use more memory than it may.',
    () => `const all = []; for (let i = 0; i < 64; i++) all.push(Buffer.alloc(64 << 20, 1));`,
  ),
  escaped('escaped-core', 'Leave its memory on the disk when it dies.', () => `process.abort();`),
  escaped('escaped-forever', 'Never end.', () => `for (;;) {}`),
  escaped(
    'escaped-forge-twice',
    'Answer a question that nobody has asked.',
    () =>
      `const b = Buffer.from(JSON.stringify({ is: 'trace', trace: {} })); const h = Buffer.alloc(4); h.writeUInt32LE(b.length); const m = Buffer.concat([h, b]); require('fs').writeSync(4, Buffer.concat([m, m])); throw Object.assign(new Error('written'), { code: 'WRITTEN' });`,
  ),
  escaped(
    'escaped-forge-long',
    'Announce an answer of four GiB.',
    () =>
      `require('fs').writeSync(4, Buffer.from([255, 255, 255, 255])); throw Object.assign(new Error('written'), { code: 'WRITTEN' });`,
  ),
  escaped(
    'escaped-forge-nonsense',
    'Answer with what is no JSON.',
    () =>
      `require('fs').writeSync(4, Buffer.from([3, 0, 0, 0, 123, 123, 123])); throw Object.assign(new Error('written'), { code: 'WRITTEN' });`,
  ),
  escaped(
    'escaped-parent-environment',
    'Read the environment of the grader.',
    () => `require('fs').readFileSync('/proc/' + process.ppid + '/environ');`,
  ),
  escaped(
    'escaped-network',
    'Contact another process on this machine.',
    (c) =>
      `await new Promise((resolve, reject) => { const s = require('net').connect(${S(c.port)}, '127.0.0.1'); s.on('connect', resolve); s.on('error', reject); });`,
    true,
  ),
  escaped(
    'escaped-kill',
    'Send a signal to the grader.',
    () =>
      `process.kill(process.ppid, 0); if (process.pid <= 20) throw Object.assign(new Error('only its own init'), { code: 'EPIDNS' });`,
    true,
  ),
]);
