import { count } from '#lab/kit/text/format.ts';
import { EvidenceError } from './evidence-error.ts';
import type { Text } from './files.ts';

/** Longest line. The longest record lists ids of all requests of the largest load, each with a reason. */
const lineCharsMax = 100_000_000;

/**
 * Calls `take` with each line and its number, from 1; `isWhole` is false for a last one without a line break. Needs less
 * time and memory than readline. Rejects with EvidenceError.
 */
export async function eachLine(
  text: Text,
  take: (line: string, number: number, isWhole: boolean) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  for await (const piece of text.pieces()) {
    rest += piece;
    if (rest.length > lineCharsMax) {
      const message = `expected at most ${count(lineCharsMax)} characters`;
      throw new EvidenceError(message, { file: text.path, record: number + 1 });
    }
    // Splitting copies the text, so a long line is split only once.
    if (!piece.includes('\n')) continue;
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line, ++number, true);
  }
  if (rest !== '') take(rest, ++number, false);
}
