import { createReadStream } from 'node:fs';

/**
 * Calls `take` with each line of a file and its number, from 1; `isWhole` is false for a last line without a line break.
 * Costs less time and memory than readline, which hands lines over one by one.
 */
export async function eachLine(
  file: string,
  take: (line: string, number: number, isWhole: boolean) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line, ++number, true);
  }
  if (rest !== '') take(rest, ++number, false);
}
