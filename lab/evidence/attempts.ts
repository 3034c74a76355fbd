import { attemptsPattern } from '#kit/attempts-line.ts';
import { requestIndex } from '#kit/wire.ts';
import { TestbedError } from '#lab/testbed-error.ts';
import { eachLine } from './lines.ts';
import type { Requests } from './requests.ts';

/** Fills in the attempts that downstream counted, where the caller didn't say how many it made. */
export async function fillAttempts({ attempts }: Pick<Requests, 'attempts'>, file: string): Promise<void> {
  const counted = new Uint32Array(attempts.length);
  await eachLine(file, (line) => {
    const [, id, count] = attemptsPattern.exec(line) ?? [];
    if (id === undefined)
      throw new TestbedError('attempts-strange', `${file}: expected attempts, got ${line.slice(0, 100)}`);
    const index = requestIndex(id);
    if (index in counted) counted[index] = Number(count);
  });
  for (const [index, count] of counted.entries()) attempts[index] ||= count;
}
