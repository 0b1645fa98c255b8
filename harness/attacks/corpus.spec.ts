import { expect } from 'chai';
import { CORPUS } from './corpus.ts';

/** The attacks that prototypes of sandboxes were measured with; some of these let nearly all of them pass. */
const KNOWN = [
  ...['exit0', 'exit-via-hw-ctor', 'kill-parent', 'proto-push', 'map-get', 'objproto-setter'],
  ...['throwing-proxy', 'throw-hostile', 'infinite-loop', 'heap-bomb', 'arraybuffer-bomb'],
  ...['regex-bomb', 'huge-string', 'bigint-bomb', 'fs-require', 'fs-relative', 'fs-write'],
  ...['builtin-module', 'process-binding', 'mainmodule', 'ctor-ctor-this', 'ctor-error'],
  ...['import-literal', 'import-reject-ctor', 'import-in-function', 'import-in-indirect-eval'],
  ...['async-tamper', 'async-timer', 'unhandled-rejection', 'ipc-forge', 'stdout-spoof'],
  ...['fd-forge', 'patch-hw', 'frame-ledger', 'detach-memory', 'valueOf-flip', 'getter-flip'],
  ...['thenable', 'stack-overflow-hw', 'prepareStackTrace', 'caller-walk', 'atomics-wait'],
  ...['sab-timer', 'wasm-bomb', 'fork-bomb', 'eval-global', 'nondeterminism', 'network'],
  ...['proc-parent', 'weakref-gc', 'import-source', 'import-source-function', 'port-forge'],
  ...['log-flood', 'trace-flood'],
];

describe('the corpus of attacks', () => {
  it('should hold the 55 known ones and at least 45 more', () => {
    const ids = CORPUS.map(({ id }) => id);

    expect(KNOWN).to.have.length(55);
    expect(ids).to.include.members(KNOWN);
    expect(ids.length).to.be.at.least(100);
  });

  it('should give each a name of its own', () => {
    expect(new Set(CORPUS.map(({ id }) => id)).size).to.equal(CORPUS.length);
    for (const { id } of CORPUS) expect(id).to.match(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/u);
  });

  it('should say in a sentence what each is after', () => {
    for (const { id, after } of CORPUS) expect(after, id).to.match(/^[A-Z].*\.$/u);
  });
});
