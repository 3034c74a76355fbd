import { createReadStream } from 'node:fs';

/** Calls `take` with each line of a file. Costs less time and memory than readline, which hands lines over one by one. */
export async function eachLine(file: string, take: (line: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line);
  }
  if (rest !== '') take(rest);
}
