import { cut } from './shorten.ts';

/** Problem of a value. `pointer` is a JSON pointer, '' for the whole value. `message` says what was expected. */
export interface Problem {
  readonly pointer: string;
  /** True if the problem is in the field's name, not in its value. */
  readonly onKey?: boolean;
  /** Name of the header, if the problem is in a header of a request. */
  readonly header?: string;
  readonly message: string;
}

export class InvalidError extends Error {
  override readonly name = 'InvalidError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(
      excerpt(problems)
        .map(({ pointer, header, message }) => `${header ?? (pointer || 'value')}: ${message}`)
        .join('; '),
      options,
    );
    this.problems = problems;
  }
}

const shownMax = 20;

/** Returns the first 20 problems with shortened texts. If it omits problems, a last entry has their number. */
export function excerpt(problems: readonly Problem[]): Omit<Problem, 'onKey'>[] {
  const shown = problems.slice(0, shownMax).map(({ pointer, header, message }) => ({
    pointer: cut(pointer, 200),
    ...(header !== undefined && { header }),
    message: cut(message, 600),
  }));
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, { pointer: '', message: `… and ${more} more` }] : shown;
}

export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidError(problems);
}

/** Returns problems with `pointer` put before their pointers. */
export function within<P extends Pick<Problem, 'pointer'>>(pointer: string, problems: readonly P[]): P[] {
  return problems.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
}

/** Splits a JSON pointer into names and indices. */
export const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
