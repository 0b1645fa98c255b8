/** Imported first: takes away globals that nothing here needs, whatever the version of Node. Defence in depth behind the Compartment. */
const UNNEEDED = [
  'gc',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'fetch',
  'WebSocket',
  'EventSource',
  'Worker',
  'BroadcastChannel',
  'MessageChannel',
  'MessagePort',
  'navigator',
  'localStorage',
  'sessionStorage',
];

for (const name of UNNEEDED) Reflect.deleteProperty(globalThis, name);
