/** Packages that can be imported and not required, or that hold JSON modules: tests run as CommonJS. */
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

const loaded = new Map<string, unknown>();

/** What a package exports. */
export async function esmPackage<T>(name: string): Promise<T> {
  if (!loaded.has(name)) {
    const { outputFiles } = await build({
      stdin: { contents: `export * from ${JSON.stringify(name)};`, resolveDir: __dirname },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      write: false,
      logLevel: 'silent',
    });
    const module = { exports: {} };
    const run = compileFunction(outputFiles[0]!.text, ['module', 'exports', 'require']) as (
      ...args: readonly unknown[]
    ) => void;
    run(module, module.exports, createRequire(__filename));
    loaded.set(name, module.exports);
  }
  return loaded.get(name) as T;
}
