import { cut } from './shorten.ts';

/**
 * Problem of a value. `pointer` is a JSON pointer, which is '' for the whole value. `message` says what was expected.
 */
export interface Problem {
  readonly pointer: string;
  /** Name of the header, if the problem is in a header of a request. */
  readonly header?: string;
  readonly message: string;
}

/** Thrown for invalid input, with all its problems. */
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

const excerptMax = { problems: 20, bytes: 3000, pointer: 200, message: 600 };

/**
 * Returns at most 20 problems with shortened texts, about 3 KB in total. If it omits problems, a last entry has their
 * number.
 */
export function excerpt(problems: readonly Problem[]): Problem[] {
  const shown: Problem[] = [];
  let bytes = 0;
  for (const { pointer, message, ...more } of problems) {
    const problem = {
      pointer: cut(pointer, excerptMax.pointer),
      ...more,
      message: cut(message, excerptMax.message),
    };
    bytes += new TextEncoder().encode(JSON.stringify(problem)).length; // runs outside Node, too
    if (shown.length === excerptMax.problems || (shown.length > 0 && bytes > excerptMax.bytes)) {
      shown.push({ pointer: '', message: `… and ${problems.length - shown.length} more` });
      break;
    }
    shown.push(problem);
  }
  return shown;
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
