import { InvalidError, type Problem } from '#kit/schema.ts';

/** Throws InvalidError with all of them, when there are any. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidError(problems);
}

/** The problems of a part, with pointers from the whole. */
export function within<P extends Pick<Problem, 'pointer'>>(pointer: string, problems: readonly P[]): P[] {
  return problems.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
}
