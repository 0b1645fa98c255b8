/** The modules of a submission, evaluated once and instantiated afresh for every program. */
import type { CompiledModules } from '../compiled-module.ts';
import { PASS_ON, REFUSE_ASYNC, TEMPLATE } from '../fuel-name.ts';
import { moduleText } from '../module-text.ts';
import { resolveImport } from '../resolve-import.ts';
import { passOn } from './exhaustion.ts';
import { burn } from './fuel.ts';
import { refuseAsync } from './refused-globals.ts';
import { templates } from './templates.ts';

/** One program's instances of a submission's modules. */
export interface StudentModules {
  /**
   * What module `name` (without `.ts`) exports: read once when it is first loaded, so that a value never changes between two looks. Throws if
   * there is no such module, and whatever the module throws while it runs.
   */
  load(name: string): Record<string, unknown>;
}

type Exports = Record<string, unknown>;
type ModuleFunction = (
  exports: Exports,
  require: (specifier: unknown) => unknown,
  burn: () => void,
) => void;

interface Definition {
  readonly run: ModuleFunction;
  readonly sealed: boolean;
}

/** What compiled code calls as it runs. */
function fuel(step: () => void): () => void {
  const also = { [PASS_ON]: passOn, [REFUSE_ASYNC]: refuseAsync, [TEMPLATE]: templates() };
  return harden(Object.assign(step, also));
}

export class Submission {
  readonly #definitions = new Map<string, Definition>();
  readonly #provided: ReadonlyMap<string, object>;
  readonly #standIns: ReadonlyMap<string, object>;
  readonly #metered = fuel(burn);
  /** What the grader's own modules do for others costs nothing. */
  readonly #free = fuel(() => undefined);

  /** `provided`: modules imported by bare name. `standIns`: modules supplied for files that are missing, by path. */
  constructor(provided: ReadonlyMap<string, object>, standIns: ReadonlyMap<string, object>) {
    this.#provided = provided;
    this.#standIns = standIns;
  }

  /** Evaluates `modules` to functions. `failed` is called for each that the evaluator refuses; the others load all the same. */
  define(
    modules: CompiledModules,
    evaluate: (text: string) => unknown,
    failed: (path: string, error: unknown) => void,
  ): void {
    for (const [path, { js, sealed = false }] of Object.entries(modules)) {
      try {
        this.#definitions.set(path, {
          run: evaluate(moduleText(path, js, sealed)) as ModuleFunction,
          sealed,
        });
      } catch (error) {
        failed(path, error);
      }
    }
  }

  /** Fresh modules for one program. */
  instantiate(): StudentModules {
    const instances = new Map<string, Exports>();
    const seen = new Map<string, Exports>();

    const instance = (path: string): Exports => {
      const made = instances.get(path);
      if (made !== undefined) return made;
      const definition = this.#definitions.get(path);
      if (definition === undefined)
        throw new Error(`the file ${path} is missing or does not compile`);
      const exports: Exports = {};
      instances.set(path, exports);
      try {
        const burning = definition.sealed ? this.#free : this.#metered;
        // Called as a method, it would hand the definition, which outlives the program, to the code as its `this`.
        Reflect.apply(definition.run, undefined, [exports, requireFrom(path), burning]);
      } catch (error) {
        instances.delete(path);
        throw error;
      }
      return definition.sealed ? harden(exports) : exports;
    };

    const requireFrom = (from: string) =>
      harden((specifier: unknown): unknown => {
        if (typeof specifier !== 'string') throw new TypeError('import needs the name of a module');
        const provided = this.#provided.get(specifier);
        if (provided !== undefined) return provided;
        const path = resolveImport(from, specifier, (candidate) =>
          this.#definitions.has(candidate),
        );
        if (path === null) throw new Error(`import of '${specifier.slice(0, 80)}' is not allowed`);
        const standIn = this.#definitions.has(path) ? undefined : this.#standIns.get(path);
        return standIn ?? instance(path);
      });

    return {
      load(name) {
        const known = seen.get(name);
        if (known !== undefined) return known;
        const view = Object.freeze({ ...instance(`${name}.ts`) });
        seen.set(name, view);
        return view;
      },
    };
  }
}
