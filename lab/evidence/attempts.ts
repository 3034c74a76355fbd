import { attemptsPattern, forgottenLine, requestIndex } from '#kit/wire.ts';
import { EvidenceError } from './evidence-error.ts';
import { eachLine } from './lines.ts';
import type { Requests } from './requests.ts';

/**
 * Fills in the attempts that downstream counted, where the caller didn't say how many it made. A request without a count
 * had none, or if downstream has forgotten ids, it stays unknown. Rejects with EvidenceError.
 */
export async function fillAttempts({ attempts }: Pick<Requests, 'attempts'>, file: string): Promise<void> {
  const counted = new Float64Array(attempts.length);
  await eachLine(file, (line, number) => {
    if (line === forgottenLine) return void counted.fill(Number.NaN);
    const [, id, count] = attemptsPattern.exec(line) ?? [];
    if (id === undefined)
      throw new EvidenceError(`expected attempts, got ${line.slice(0, 100)}`, { file, record: number });
    const index = requestIndex(id);
    if (index in counted) counted[index] = Number(count);
  });
  for (const [index, count] of counted.entries()) attempts[index] ||= count;
}
