/** Answering in the driver's place. */
import { byTable, ofKind } from '../define.ts';

const ANSWER = `JSON.stringify({ is: 'trace', trace: { steps: [], log: [], teardown: null, walk: null, loadError: null } })`;

export const FORGING = ofKind('forging', [
  byTable('ipc-forge', 'Send an answer through the channel that Node gives to children.', {
    walk: `gain('the channel', () => process.send({ is: 'trace' }));`,
  }),
  byTable('port-forge', 'Send an answer through the port of a worker.', {
    walk: `gain('the port', () => require('worker_threads').parentPort.postMessage('{}'));`,
  }),
  byTable('fd-forge', 'Write an answer to each descriptor there may be.', {
    walk: `for (const fd of [1, 2, 3, 4, 5]) gain('a descriptor', () => require('fs').writeSync(fd, ${ANSWER}));`,
  }),
  byTable('stdout-spoof', 'Print an answer.', {
    walk: `console.log(${ANSWER}); console.log('PASS', '1..1', 'ok 1'); return keos.Page;`,
  }),
  byTable('frame-header-spoof', 'Print the bytes with which a message begins.', {
    walk: `console.log('\\x02\\0\\0\\0{}'); console.error('\\x02\\0\\0\\0{}'); return keos.Page;`,
  }),
  byTable('trace-by-exports', 'Put what looks like an answer among its exports.', {
    top: `exports.is = 'trace'; exports.trace = {}; exports.toJSON = () => { PWN('toJSON'); }; exports.then = () => { PWN('then'); };`,
    walk: `return keos.Page;`,
  }),
  byTable('exports-that-change', 'Export another class each time one looks.', {
    walk: `const own = require('./page-table'); try { Object.defineProperty(own, 'PageTable', { get() { PWN('a second look'); return null; } }); } catch {} return keos.Page;`,
  }),
  byTable('module-object', 'Replace the whole of its exports after they were read.', {
    top: `gain('module', () => { module.exports = { PageTable: null }; return true; });`,
  }),
  byTable('stand-in-changed', 'Change the module that stands in for one it has not written.', {
    walk: `gain('fork', () => { require('./fork').isCowFault = () => true; return true; });`,
  }),
  byTable('module-of-the-driver', 'Hand in a file that is called like a module of the driver.', {
    top: `
      gain('keos', () => require('./keos'));
      gain('veridian', () => require('./veridian.ts'));
      gain('a prototype', () => require('./__proto__').PageTable);
      gain('a constructor', () => require('./constructor').PageTable);`,
  }),
  byTable('import-names', 'Have require take a name apart that changes.', {
    top: `
      let n = 0;
      gain('a file', () => require({ toString() { return n++ === 0 ? 'keos' : CANARIES.secretFile; } }));
      gain('a file', () => require(['./page-table', '../../../secret']));
      gain('a file', () => require('./' + '../'.repeat(50) + 'etc/passwd'));
      gain('a file', () => require('./page-table\\0.ts').x);`,
  }),
]);
