/** The model pager inside this process: no compiler, no confinement, for tests of what runs a pager. */
import { transformSync } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import { keos } from '../../reference/emulator/keos/index.ts';
import { veridian } from '../../reference/emulator/veridian/index.ts';
import type { StudentModules } from '../sandbox/child/student-modules.ts';

const SOLUTION = resolve(__dirname, '../../reference/solution');

interface Module {
  exports: Record<string, unknown>;
}
type ModuleBody = (module: Module, require: (specifier: string) => unknown) => void;

const PROVIDED: Readonly<Record<string, object>> = { keos, veridian };

let model: ReadonlyMap<string, ModuleBody> | undefined;

/**
 * Fresh instances of the model's modules. `changes` gives the text of modules (by name, without `.ts`) that take the place of the
 * model's or are added to it; `undefined` takes one away.
 */
export function modelModules(
  changes: Readonly<Record<string, string | undefined>> = {},
): StudentModules {
  model ??= new Map(
    readdirSync(SOLUTION)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => {
        const name = basename(file, '.ts');
        return [name, compile(name, readFileSync(join(SOLUTION, file), 'utf8'))];
      }),
  );
  const bodies = new Map(model);
  for (const [name, text] of Object.entries(changes)) {
    if (text === undefined) bodies.delete(name);
    else bodies.set(name, compile(name, text));
  }
  return instantiate(bodies);
}

const compiled = new Map<string, ModuleBody>();

function compile(name: string, text: string): ModuleBody {
  const known = compiled.get(name + text);
  if (known !== undefined) return known;
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const body = compileFunction(code, ['module', 'require'], {
    filename: join(dirname(SOLUTION), 'in-test', `${name}.ts`),
  }) as ModuleBody;
  compiled.set(name + text, body);
  return body;
}

function instantiate(bodies: ReadonlyMap<string, ModuleBody>): StudentModules {
  const instances = new Map<string, Module>();
  const load = (name: string): Record<string, unknown> => {
    const known = instances.get(name);
    if (known !== undefined) return known.exports;
    const body = bodies.get(name);
    if (body === undefined) throw new Error(`the file ${name}.ts is missing`);
    const module: Module = { exports: {} };
    instances.set(name, module);
    body(module, (specifier) => PROVIDED[specifier] ?? load(basename(specifier, '.ts')));
    return module.exports;
  };
  return { load };
}

/** Text of a module of the model in which `find`, which must occur once, is replaced by `put`. */
export function changedModule(name: string, find: string, put: string): string {
  const text = readFileSync(join(SOLUTION, `${name}.ts`), 'utf8');
  if (text.split(find).length !== 2) throw new Error(`not once in ${name}.ts: ${find}`);
  return text.replace(find, () => put);
}
