import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import chaiFriendly from 'eslint-plugin-chai-friendly';
import tseslint from 'typescript-eslint';

/** Code written the way a student writes it: it imports 'keos', which only the sandbox and its own tsconfig can resolve. */
const STUDENT_CODE = ['student-template/**/*.ts', 'reference/solution/**/*.ts'];
/** Where time may be read and waited for. */
const CLOCK_ALLOWED = [
  'harness/{sandbox,runner,attacks,cli}/**/*.ts',
  'scripts/**/*.ts',
  '**/*.bench.ts',
];
const TESTS = ['**/*.{spec,suite,bench}.ts'];

const NO_CLOCK =
  'A verdict may not depend on time: only harness/sandbox, harness/runner, harness/attacks and harness/cli read or wait for a clock. Pass the value in.';
const NO_CHANCE =
  'A run must be replayable: take random numbers from the seed (a fast-check arbitrary), not from Math.random.';

export default defineConfig(
  {
    ignores: [
      'coverage/',
      'docs/api/',
      'examples/submissions/',
      // Copies of reference/contract/.
      'student-template/{keos,veridian}.d.ts',
      'suites/*/variants/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  // Configuration and other plain JavaScript.
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly' },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { __dirname: 'readonly', module: 'writable', require: 'readonly' },
    },
  },

  {
    files: ['**/*.ts'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      // Not written as types, imports stay when Node strips types, and a cycle of types becomes a real one.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers and bigints read well in messages; objects and null do not.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // Bit tricks and typed arrays: under noUncheckedIndexedAccess `words[i]!` is how one says "in range".
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'error',
    },
  },

  {
    files: ['**/*.ts'],
    ignores: [...CLOCK_ALLOWED, ...STUDENT_CODE],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
          name,
          message: NO_CLOCK,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: NO_CHANCE },
        ...['hrtime', 'uptime'].map((property) => ({
          object: 'process',
          property,
          message: NO_CLOCK,
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers', 'timers/promises', 'perf_hooks'].flatMap((name) => [
            { name, message: NO_CLOCK },
            { name: `node:${name}`, message: NO_CLOCK },
          ]),
        },
      ],
    },
  },

  // 'keos' spells its constructors `Va.new()`, `Page.new()`. The contract declares its classes and the machine implements them, so that
  // no instance comes from the declared constructor.
  {
    files: ['reference/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-new': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },

  // Only the command line prints.
  {
    files: ['harness/cli/**/*.ts', 'scripts/**/*.ts', '**/*.bench.ts'],
    rules: { 'no-console': 'off' },
  },

  {
    files: TESTS,
    plugins: { 'chai-friendly': chaiFriendly },
    rules: {
      // `expect(x).to.be.true` is a statement that does something.
      '@typescript-eslint/no-unused-expressions': 'off',
      'chai-friendly/no-unused-expressions': 'error',
      // fast-check and mocha call what they are handed; a method taken off its object is what such a test is about.
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    files: STUDENT_CODE,
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      'no-console': 'off',
      // The template's bodies are still to be written: their parameters wait for a use.
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-useless-constructor': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/class-methods-use-this': 'off',
    },
  },
);
