/**
 * What ts-node makes JavaScript with: its own transpiler, whose results are kept under `node_modules/.cache/faultline/transpiled`, one file for each source. A
 * command loads 250 sources, and most of them are as they were. JavaScript, because TypeScript cannot be run before this has been.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const FOLDER = resolve(__dirname, '../node_modules/.cache/faultline/transpiled');
const VERSIONS = ['ts-node', '@swc/core', 'typescript'].map(
  (name) => require(`${name}/package.json`).version,
);

/**
 * As ts-node asks for it (ts-node, "Writing third-party transpilers").
 *
 * @param {import('ts-node').CreateTranspilerOptions & { nodeModuleEmitKind?: string, folder?: string }} options `folder`: where to keep results
 * @returns {import('ts-node').Transpiler}
 */
exports.create = (options) => {
  // Loaded when there is something to do: it takes as long as all files that are kept.
  let transpiler;
  const transpile = (input, about) => {
    transpiler ??= require('ts-node/transpilers/swc').create(options);
    return transpiler.transpile(input, about);
  };
  const { folder = FOLDER } = options;
  const settings = JSON.stringify([
    VERSIONS,
    options.service.config.options,
    options.nodeModuleEmitKind,
  ]);
  return {
    transpile(input, about) {
      const file = join(folder, `${sha256(about.fileName)}.json`);
      const of = sha256(`${settings}\0${about.fileName}\0${input}`);
      const known = read(file);
      if (known?.of === of) return known.output;
      const output = transpile(input, about);
      keep(folder, file, JSON.stringify({ of, output }));
      return output;
    },
  };
};

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Where nothing can be written, nothing is kept: the next run makes it again. */
function keep(folder, file, text) {
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(file, text);
  } catch {
    // Nothing is lost.
  }
}

/** Under another name first, so that nobody reads half of it. */
function writeWhole(file, text) {
  const temporary = `${file}.${String(process.pid)}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}
