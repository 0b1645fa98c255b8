/** Version of the grader and its suites, as it stands in `package.json`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const manifest = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

export const GRADER_VERSION = manifest.version;
