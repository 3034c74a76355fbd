import { cut } from './shorten.ts';

/** One thing wrong with a value: where (a JSON pointer, '' for the whole) and what was expected there. */
export interface Problem {
  readonly pointer: string;
  /** Of a request's header that is wrong, and not its body. */
  readonly header?: string;
  readonly message: string;
}

/** Says everything that is wrong with a value from outside. */
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

/** The first problems with bounded texts, at most 20 and 3 KB of JSON; the last says how many more there are. */
export function excerpt(problems: readonly Problem[]): Problem[] {
  const shown: Problem[] = [];
  let bytes = 0;
  for (const { pointer, message, ...more } of problems) {
    const problem = {
      pointer: cut(pointer, excerptMax.pointer),
      ...more,
      message: cut(message, excerptMax.message),
    };
    bytes += Buffer.byteLength(JSON.stringify(problem));
    if (shown.length === excerptMax.problems || (shown.length > 0 && bytes > excerptMax.bytes)) {
      shown.push({ pointer: '', message: `… and ${problems.length - shown.length} more` });
      break;
    }
    shown.push(problem);
  }
  return shown;
}

/** Throws InvalidError with all of them, when there are any. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidError(problems);
}

/** The problems of a part, with pointers from the whole. */
export function within<P extends Pick<Problem, 'pointer'>>(pointer: string, problems: readonly P[]): P[] {
  return problems.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
}

/** The names and indices that a JSON pointer is made of. */
export const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A JSON pointer's segment for any name. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
