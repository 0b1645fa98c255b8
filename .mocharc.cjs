'use strict';

// Mocha adds the files of the command line to `spec`; a developer who names a file wants that file only.
const namesFiles = process.argv.slice(2).some((argument) => /\.ts$/.test(argument));

module.exports = {
  require: ['ts-node/register'],
  extension: ['ts'],
  spec: namesFiles
    ? []
    : [
        '{grade,{harness,reference,suites,student-template,examples,scripts,pipelines}/**/*}.spec.ts',
      ],
  ignore: ['**/node_modules/**', 'examples/submissions/**', 'suites/*/{mutants,variants}/**'],
  reporter: '.ci/closing-line.cjs',
  forbidOnly: Boolean(process.env.CI),
  timeout: 20_000,
};
