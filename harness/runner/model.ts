/** The model pager as a subject, and single modules of it that stand in for a student's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Sandbox } from '../sandbox/child-process.ts';
import type { SubmissionCompiler } from '../sandbox/compile-process.ts';
import type { CompiledModule, CompiledModules } from '../sandbox/compiled-module.ts';
import { StackMapper } from '../sandbox/stack-mapper.ts';
import { MadeOnce } from './made-once.ts';
import type { Subject } from './session/subject.ts';

const SOLUTION = resolve(__dirname, '../../reference/solution');

/** Text of each file of the model: it is loaded exactly like a submission. */
export function modelFiles(): Record<string, string> {
  const names = readdirSync(SOLUTION).filter((name) => name.endsWith('.ts'));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(SOLUTION, name), 'utf8')]),
  );
}

const compiled = new MadeOnce<CompiledModules>();

async function compileModel(compiler: SubmissionCompiler): Promise<CompiledModules> {
  const { modules, problems } = await compiler.compileSubmission(modelFiles());
  if (problems.length > 0)
    throw new Error(`the model does not compile: ${problems[0]?.message ?? ''}`);
  return modules;
}

/** The model, loaded into `sandbox`. */
export async function loadModel(compiler: SubmissionCompiler, sandbox: Sandbox): Promise<Subject> {
  await sandbox.load(await compiled.get(() => compileModel(compiler)));
  return { sandbox, mapper: new StackMapper({}) };
}

/** Modules of the model, sealed: their source and lines are never shown to the student's code. */
export async function modelModules(
  compiler: SubmissionCompiler,
  parts: readonly string[],
): Promise<CompiledModules> {
  const modules = await compiled.get(() => compileModel(compiler));
  return Object.fromEntries(
    parts.map((part) => {
      const module = modules[`${part}.ts`];
      if (module === undefined) throw new Error(`the model has no ${part}.ts`);
      return [`${part}.ts`, sealed(module)];
    }),
  );
}

const sealedModules = new WeakMap<CompiledModule, CompiledModule>();

/** The same object every time: what is loaded already is known by it. */
function sealed(module: CompiledModule): CompiledModule {
  const known = sealedModules.get(module) ?? { ...module, sealed: true };
  sealedModules.set(module, known);
  return known;
}
