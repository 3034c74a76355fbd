import { InputError } from '#lab/input-error.ts';

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
