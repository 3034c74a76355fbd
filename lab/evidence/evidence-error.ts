import { refusalOf } from '#kit/process/fs-errors.ts';
import { InputError } from '#lab/errors/input-error.ts';

interface Options extends ErrorOptions {
  readonly file: string;
  /** Number of the record in the file, from 1; missing if it is about the whole file. */
  readonly record?: number;
}

/** Evidence that can't be used: cut off, edited, of another version, or of another experiment. */
export class EvidenceError extends InputError {
  override readonly name = 'EvidenceError';

  constructor(message: string, { file, record, ...options }: Options) {
    super(`${file}: ${record === undefined ? '' : `record ${record}: `}${message}`, options);
  }
}

/** Returns a function that throws why a file could not be read. */
export const unreadable =
  (file: string) =>
  (cause: unknown): never => {
    if (cause instanceof EvidenceError) throw cause;
    throw new EvidenceError(`can't be read: ${refusalOf(cause)}`, { file, cause });
  };
