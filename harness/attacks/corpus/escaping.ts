/** Getting out of the realm: to Node, its modules, the files, the network, other processes. */
import { byTable, ofKind } from '../define.ts';

export const ESCAPING = ofKind('escaping', [
  byTable('exit0', 'End the process with an exit code of its own choice.', {
    top: `process.exit(0);`,
  }),
  byTable('exit-via-this', 'Find the global object as `this` of a plain function.', {
    top: `(function () { return this; })().process.exit(0);`,
  }),
  byTable('exit-via-hw-ctor', 'Make a function from text with the constructor of a machine call.', {
    walk: `keos.Page.new.constructor('return process')().exit(0);`,
  }),
  byTable('kill-parent', 'Send a signal to the grader.', {
    top: `gain('a signal to the grader', () => process.kill(process.ppid, 0));`,
  }),
  byTable('fs-require', 'Read a file with the fs module.', {
    top: `gain('the file', () => require('fs').readFileSync(CANARIES.secretFile, 'utf8'));`,
  }),
  byTable('fs-node-prefix', 'Read a file with the fs module under its long name.', {
    top: `gain('the file', () => require('node:fs').readFileSync(CANARIES.secretFile, 'utf8'));`,
  }),
  byTable('fs-relative', 'Require a file outside the submission by a relative path.', {
    top: `gain('a file', () => require('../../package.json'));`,
  }),
  byTable('fs-absolute', 'Require a file by its absolute path.', {
    top: `gain('the file', () => require(CANARIES.secretFile));`,
  }),
  byTable('fs-write', 'Write a file.', {
    top: `gain('a file', () => { require('fs').writeFileSync(CANARIES.droppedFile, 'x'); return true; });`,
  }),
  byTable('builtin-module', 'Ask the process for a module that needs no require.', {
    top: `gain('fs', () => process.getBuiltinModule('fs').readFileSync(CANARIES.secretFile, 'utf8'));`,
  }),
  byTable('process-binding', 'Reach the bindings below the modules of Node.', {
    top: `gain('a binding', () => process.binding('fs'));`,
  }),
  byTable('mainmodule', 'Reach require through the main module of the process.', {
    walk: `gain('the main module', () => keos.Page.new.constructor('return process')().mainModule.require('fs'));`,
  }),
  byTable('require-cache', 'Reach the modules of the driver through the cache of require.', {
    top: `gain('the cache', () => require.cache ?? require.main ?? require.resolve);`,
  }),
  byTable(
    'ctor-ctor-this',
    'Run text with the constructor of the constructor of what is handed in.',
    {
      walk: `gain('the process', () => keos.constructor.constructor('return this')().process);`,
    },
  ),
  byTable('ctor-error', 'Run text with the constructors of an error that the machine throws.', {
    walk: `
      let error;
      try { keos.Va.add(-1n, 1n); } catch (thrown) { error = thrown; }
      gain('the process', () => error.constructor.constructor('return process')());`,
  }),
  byTable(
    'ctor-of-each-function',
    'Run text with the constructor of any function that is handed in.',
    {
      walk: `
      for (const f of [keos.attempt, keos.Page, require, console.log, this.root.at, BigInt, Map, va.constructor, Symbol])
        gain('a realm', () => f.constructor('return this')());`,
    },
  ),
  byTable(
    'ctor-of-generators',
    'Run text with the constructors of generators and async functions.',
    {
      walk: `
      for (const f of [function* () {}, async () => {}, async function* () {}])
        gain('a constructor', () => f.constructor('return this')());`,
    },
  ),
  byTable('import-literal', 'Import a module at run time.', {
    walk: `import('fs').then((m) => PWN(m.readFileSync(CANARIES.secretFile, 'utf8')), () => {});`,
  }),
  byTable('import-reject-ctor', 'Catch the error of an import, which belongs to another realm.', {
    walk: `import('no-such').catch((e) => PWN(e.constructor.constructor('return process')().pid));`,
  }),
  byTable('import-in-function', 'Import in a function that is made from text.', {
    walk: `
      const F = (() => {}).constructor;
      gain('an import', () => F('s', 'return im' + 'port(s)')('fs'));`,
  }),
  byTable('import-in-indirect-eval', 'Import in text that is evaluated.', {
    walk: `gain('an import', () => (0, eval)('im' + 'port("fs")'));`,
  }),
  byTable('import-source', 'Import the source of a module, which SES does not look for.', {
    walk: `import.source('data:application/wasm;base64,AGFzbQEAAAA=').then(later('the loader'), later('the loader'));`,
  }),
  byTable('import-source-function', 'Import the source of a module in a function made from text.', {
    walk: `gain('the loader', () => (() => {}).constructor('s', 'return im' + 'port.source(s)')('file:///etc/hostname'));`,
  }),
  byTable('import-defer', 'Import a module that is evaluated later.', {
    walk: `import.defer('fs').then(later('the loader'), later('the loader'));`,
  }),
  byTable('import-meta', 'Ask the module where it is.', {
    walk: `gain('the place', () => import.meta.url);`,
  }),
  byTable('html-comment', 'Hide code from whoever reads the text behind an HTML comment.', {
    top: `
<!-- PWN('hidden')
--> PWN('hidden')`,
  }),
  byTable('eval-global', 'Evaluate text in the global scope.', {
    top: `gain('the process', () => (0, eval)('this').process ?? new Function('return this')().process);`,
  }),
  byTable('eval-direct', 'Evaluate text where the driver can be seen.', {
    top: `gain('the fuel', () => eval('1'));`,
  }),
  byTable('globals-of-node', 'Look through all names of the global object for something of Node.', {
    walk: `
      gain('Node', () => Object.getOwnPropertyNames(globalThis).find((name) => {
        try { return globalThis[name]?.getuid || globalThis[name]?.alloc || globalThis[name]?.subtle; } catch { return false; }
      }));`,
  }),
  byTable('names-of-the-loader', 'Use the names that Node gives to every module of its own.', {
    top: `
      gain('module', () => module.constructor._load('fs'));
      gain('file name', () => __filename);
      gain('folder', () => __dirname);`,
  }),
  byTable('arguments-of-the-wrapper', 'Reach what the loader hands to a module as its arguments.', {
    top: `
      gain('more than three', () => arguments.length > 3);
      gain('a module of Node', () => Array.from(arguments).some((f) => { try { return f('fs'); } catch { return false; } }));
      try { arguments[2] = () => {}; } catch {}`,
  }),
  byTable('network', 'Listen on the network.', {
    top: `gain('a port', () => require('net').createServer(() => {}).listen(0).address());`,
  }),
  byTable('network-connect', 'Contact another process.', {
    top: `gain('a connection', () => require('net').connect(CANARIES.port, '127.0.0.1'));`,
  }),
  byTable('network-fetch', 'Contact a web server.', {
    top: `gain('a request', () => fetch('http://127.0.0.1:' + CANARIES.port + '/'));`,
  }),
  byTable('proc-parent', 'Read the environment of the grader.', {
    top: `gain('the environment', () => require('fs').readFileSync('/proc/' + process.ppid + '/environ', 'utf8'));`,
  }),
  byTable('own-environment', 'Read the environment of its own process.', {
    top: `gain('the environment', () => Object.keys(process.env).length + 1);`,
  }),
  byTable('fork-bomb', 'Start other programs.', {
    top: `gain('a program', () => require('child_process').spawnSync('/bin/true').status === 0);`,
  }),
  byTable('worker-thread', 'Start a thread, which has a realm of its own.', {
    top: `gain('a thread', () => new (require('worker_threads').Worker)('0', { eval: true }));`,
  }),
  byTable('inspector', 'Open a debugger on its own process.', {
    top: `gain('the inspector', () => require('inspector').open(0));`,
  }),
  byTable('vm-realm', 'Make a realm that is not frozen.', {
    top: `gain('a realm', () => require('vm').runInNewContext('this.constructor.constructor("return process")()'));`,
  }),
  byTable('native-addon', 'Load machine code.', {
    top: `gain('machine code', () => process.dlopen({ exports: {} }, CANARIES.secretFile));`,
  }),
  byTable('compartment-of-its-own', 'Make a Compartment with globals of its own choice.', {
    top: `gain('a compartment', () => new Compartment({}).evaluate('globalThis'));`,
  }),
  byTable('shadow-realm', 'Make a realm with the means of the language.', {
    top: `gain('a realm', () => new ShadowRealm().evaluate('1'));`,
  }),
  byTable('module-source', 'Make a module out of text.', {
    top: `gain('a module', () => new ModuleSource('export default 1'));`,
  }),
]);
