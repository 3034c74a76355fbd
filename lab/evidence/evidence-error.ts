import { InputError } from '#lab/kit/errors/input-error.ts';

interface EvidencePlace extends ErrorOptions {
  readonly file: string;
  /** Number of the record in the file, from 1. Missing if the error concerns the whole file. */
  readonly record?: number;
}

/** Error for evidence that can't be used: cut off, edited, of another version, or of another experiment. */
export class EvidenceError extends InputError {
  override readonly name = 'EvidenceError';

  constructor(message: string, { file, record, ...options }: EvidencePlace) {
    super(`${file}: ${record === undefined ? '' : `record ${record}: `}${message}`, options);
  }
}

/** Matches a line with a pattern. Throws EvidenceError if the line doesn't match. */
export function matched(pattern: RegExp, line: string, expected: string, at: EvidencePlace): RegExpExecArray {
  const found = pattern.exec(line);
  if (!found) throw new EvidenceError(`expected ${expected}, got ${line.slice(0, 100)}`, at);
  return found;
}
