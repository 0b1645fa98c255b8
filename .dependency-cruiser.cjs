'use strict';

/**
 * Who may import whom. ARCHITECTURE.md draws the same arrows and says why; a new arrow is a decision, made here and there.
 *
 * Tests, benches and `harness/testing/` (builders for tests) are exempt from the layer rules, not from the rule against cycles.
 */
const TEST_CODE = '(\\.(spec|bench)\\.ts$|/bench/)';
const NPM = 'node_modules/';
const KEOS = '^(keos|veridian)$';

/** Files of the layers named, `x86` standing for `reference/x86/`. */
const folder = (name) =>
  ['x86', 'contract', 'emulator'].includes(name) ? `^reference/${name}/` : `^harness/${name}/`;

/** Files under `from` import their own folder and what `allowed` lists; Node's own modules are the business of another rule. */
const layer = (name, comment, from, allowed, own = from) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: TEST_CODE },
  to: { pathNot: [own, ...allowed], dependencyTypesNot: ['core'] },
});

/** A layer of the harness: its own folder, the layers named, npm packages, and `more`. */
const harness = (name, layers, ...more) =>
  layer(
    `harness-${name}`,
    layers.length === 0
      ? `harness/${name} imports no other layer.`
      : `harness/${name} imports only ${layers.join(', ')}.`,
    folder(name),
    [...layers.map(folder), ...more, NPM],
  );

const HARNESS_LAYERS = [
  'protocol',
  'sandbox',
  'oracle',
  'generators',
  'scoring',
  'reporters',
  'intake',
  'gradebooks',
  'runner',
  'quality',
  'attacks',
  'cli',
];

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'No cycles, not even of types: take what both sides need into a file below them.',
      severity: 'error',
      // A pager and its fork refer to each other's types by design.
      from: { pathNot: '^(student-template|reference/solution)/' },
      to: { circular: true },
    },
    {
      name: 'no-own-index',
      comment:
        'An index.ts is for other folders: inside the folder it is the shortest way into a cycle. Import the file that declares it.',
      severity: 'error',
      from: { path: '^(harness|reference)/([^/]+)/.', pathNot: TEST_CODE },
      to: { path: '^$1/($2/)?index\\.ts$' },
    },
    {
      name: 'no-barrel-in-harness',
      comment: 'The only index.ts of the harness is harness/index.ts, which suites import.',
      severity: 'error',
      from: {},
      to: { path: '^harness/.+/index\\.ts$' },
    },
    {
      name: 'not-to-unresolvable',
      comment: "Nothing answers to this name. ('keos' and 'veridian' exist in the sandbox only.)",
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: KEOS },
    },
    {
      name: 'keos-is-for-students',
      comment:
        "Only code written the way a student writes it imports 'keos'; the machine's files are imported by path.",
      severity: 'error',
      from: { pathNot: ['^reference/solution/', '^student-template/'] },
      to: { path: KEOS },
    },
    {
      name: 'no-test-code-in-code',
      comment: 'Tests, benches and harness/testing are imported by tests only.',
      severity: 'error',
      from: { pathNot: [TEST_CODE, '^harness/testing/'] },
      to: { path: [TEST_CODE, '^harness/testing/'] },
    },
    {
      name: 'no-dev-dependency-in-code',
      comment: 'What runs outside tests belongs in "dependencies".',
      severity: 'error',
      from: {
        path: '^(grade\\.ts|harness|reference|suites)',
        pathNot: [TEST_CODE, '^harness/testing/', '^harness/[^/]+/testing/'],
      },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '@types/',
      },
    },

    // The machine: no npm packages either.
    layer('x86-imports-nothing', 'Words of the architecture.', folder('x86'), []),
    layer('contract-on-x86', 'Declarations on the words of x86.', folder('contract'), [
      folder('x86'),
    ]),
    layer('emulator-on-contract', 'The machine stands on contract and x86.', folder('emulator'), [
      folder('contract'),
      folder('x86'),
    ]),
    layer(
      'solution-is-a-submission',
      "The model pagers are written like any submission: 'keos', 'veridian' and their own files.",
      '^reference/solution/',
      [KEOS],
    ),
    layer(
      'examples-on-the-library',
      "An example of the emulator imports what others would: the library's index.ts.",
      '^examples/emulator/',
      ['^reference/emulator/index\\.ts$'],
    ),
    layer('template-sees-keos', "A student sees 'keos' and 'veridian'.", '^student-template/', [
      KEOS,
    ]),

    // The harness, from the bottom up. The oracle shares words with the machine, never behaviour.
    harness('protocol', ['contract', 'x86']),
    harness('sandbox', ['protocol', 'emulator', 'contract', 'x86']),
    harness('oracle', ['protocol', 'contract', 'x86']),
    harness('generators', ['oracle', 'protocol', 'contract', 'x86']),
    harness('scoring', []),
    harness('reporters', ['scoring']),
    harness('intake', []),
    harness('gradebooks', ['reporters', 'scoring', 'intake']),
    harness('runner', [
      'protocol',
      'sandbox',
      'oracle',
      'generators',
      'scoring',
      'intake',
      'emulator',
      'contract',
      'x86',
    ]),
    harness('quality', [
      'runner',
      'scoring',
      'intake',
      'sandbox',
      'generators',
      'oracle',
      'protocol',
      'contract',
      'x86',
    ]),
    harness('attacks', [
      'runner',
      'reporters',
      'scoring',
      'intake',
      'sandbox',
      'generators',
      'protocol',
      'emulator',
    ]),
    harness('cli', ['quality', 'runner', 'gradebooks', 'reporters', 'scoring', 'intake']),
    layer('suite-api', 'harness/index.ts is what suites may use.', '^harness/index\\.ts$', [
      ...['protocol', 'oracle', 'generators', 'scoring', 'sandbox', 'quality'].map(folder),
      '^harness/runner/session(\\.ts$|/)',
      NPM,
    ]),
    {
      name: 'no-unknown-layer',
      comment: 'A new folder of the harness needs a rule here first.',
      severity: 'error',
      from: {
        path: '^harness/',
        pathNot: [...HARNESS_LAYERS, 'testing']
          .map(folder)
          .concat('^harness/(index\\.ts|kept-transpiler\\.cjs)$', TEST_CODE),
      },
      to: {},
    },

    layer(
      'suites-on-the-suite-api',
      'A suite imports harness/index.ts, its own folder, chai and fast-check.',
      '^suites/([^/]+)',
      ['^harness/index\\.ts$', 'node_modules/(@types/)?(chai|fast-check)/'],
      '^suites/$1(/|$)',
    ),
    layer(
      'grade-is-thin',
      'grade.ts starts the command line and does nothing else.',
      '^grade\\.ts$',
      ['^harness/cli/main\\.ts$'],
    ),

    {
      name: 'no-core-modules',
      comment:
        'What decides about a grade touches no file, process or clock: no modules of Node here.',
      severity: 'error',
      from: {
        path: [
          ...[
            'x86',
            'contract',
            'emulator',
            'protocol',
            'oracle',
            'generators',
            'scoring',
            'reporters',
            'gradebooks',
          ].map(folder),
          '^(reference/solution|student-template|suites)/',
          '^harness/index\\.ts$',
          '^grade\\.ts$',
        ],
        pathNot: TEST_CODE,
      },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    // Submissions and variants of the model resolve their imports in the sandbox, in ways no tool here knows. Tools' settings have no layer.
    exclude: {
      path: [
        '^(examples/submissions|suites/[^/]+/variants|docs/api|coverage)/',
        '^[^/]+\\.[cm]js$',
      ],
    },
  },
};
