import { createReadStream } from 'node:fs';
import { refusalOf } from '#kit/process/fs-errors.ts';
import { EvidenceError } from './evidence-error.ts';

/**
 * Calls `take` with each line of a file and its number, from 1. `isWhole` is false for a last line that doesn't end
 * with a line break. Needs less time and memory than readline. Rejects with EvidenceError if the file can't be read.
 */
export async function eachLine(
  file: string,
  take: (line: string, number: number, isWhole: boolean) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) take(line, ++number, true);
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new EvidenceError(`can't be read: ${refusalOf(cause)}`, { file, cause });
  }
  if (rest !== '') take(rest, ++number, false);
}
