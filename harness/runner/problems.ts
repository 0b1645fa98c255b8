/** What the compiler says of a submission, as a grade has it. */
import type { Compilation } from '../sandbox/compile-process.ts';
import type { Problem } from '../scoring/grade.ts';

/** Tells now what does not compile, and type errors when they are found, if `isOfInterest` then. Never none. */
export function tellProblems(
  { problems, typeCheck }: Compilation,
  isOfInterest: () => boolean,
  onProblems: (problems: readonly Problem[]) => void,
): void {
  const tell = (found: typeof problems): void => {
    if (found.length > 0 && isOfInterest()) onProblems(found.map(asProblem));
  };
  tell(problems);
  void typeCheck.then(tell);
}

/** All of them, once the types have been checked. */
export async function allProblems({
  problems,
  typeCheck,
}: Compilation): Promise<readonly Problem[]> {
  return [...problems, ...(await typeCheck)].map(asProblem);
}

function asProblem({ kind, message, location }: Compilation['problems'][number]): Problem {
  return { kind, message, location };
}
