import { createReadStream } from 'node:fs';
import { isSpecial } from '#kit/process/fs-errors.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { count } from '#lab/experiment/text/format.ts';
import { EvidenceError } from './evidence-error.ts';

/** Longest line. The longest record lists ids of all requests of the largest load, each with a reason. */
const lineCharsMax = 100_000_000;

/**
 * Calls `take` with each line of a file and its number, from 1. `isWhole` is false for a last line that doesn't end
 * with a line break. Needs less time and memory than readline. Rejects with EvidenceError if the file can't be read, or
 * has a line that is too long.
 */
export async function eachLine(
  file: string,
  take: (line: string, number: number, isWhole: boolean) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  try {
    if (isSpecial(file)) throw new EvidenceError('expected a regular file', { file });
    for await (const chunk of createReadStream(file, 'utf8')) {
      rest += chunk;
      if (rest.length > lineCharsMax) {
        const message = `expected at most ${count(lineCharsMax)} characters`;
        throw new EvidenceError(message, { file, record: number + 1 });
      }
      // Splitting copies the text, so a long line is split only once.
      if (!chunk.includes('\n')) continue;
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const line of lines) take(line, ++number, true);
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new EvidenceError(`can't be read: ${refusalOf(cause)}`, { file, cause });
  }
  if (rest !== '') take(rest, ++number, false);
}
